/**
 * A page with SSI in it, while it is sent: commands are done in their order,
 * and what is included stands in their place. nginx asks for what is included
 * before it is waited for; here that is so only as far as nobody can tell.
 */

import type { Exchange } from "../../core/exchange.ts";
import { contextOf } from "../../core/request_log.ts";
import { answerTo, subrequest } from "../../core/subrequest.ts";
import {
  type MadeBody,
  PieceGatherer,
  type Pieces,
} from "../../files/body/made_body.ts";
import {
  bytesOf,
  byteString,
  lowerCase,
  textOf,
} from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import type { ResponseBody } from "../../http/response.ts";
import type { Pattern } from "../../regex/pattern.ts";
import { hasParentSegment } from "../../routing/path_map.ts";
import { latin1 } from "../../bytes/ascii.ts";
import { log } from "../../logging/logger.ts";
import { nameOf, type Parameters, parametersOf } from "./commands.ts";
import { PageSettings, pageSettings, sharedState } from "./page_state.ts";
import { type Command, Scanner, type Token } from "./scanner.ts";
import { evaluated, holds, SsiError, written } from "./texts.ts";

/** What the directives of a location say of its pages. */
export interface SsiSettings {
  /** Whether mistakes leave nothing in the page. */
  readonly silentErrors: boolean;
  /** How long the value of a parameter may be, in bytes. */
  readonly maxValueBytes: number;
  /** How much of an answer `include` puts into a variable, in bytes. */
  readonly maxSetBytes: number;
  /** The value of a variable of the configuration, a byte string. */
  variable(name: string, exchange: Exchange): string | undefined;
}

/** What stands for a variable that is not there. */
const NONE = "(none)";

/** The commands that are done in every branch. */
const BRANCHES: ReadonlySet<string> = new Set(["elif", "else", "endif"]);

/** The pieces of a page with its commands done. */
export async function* ssiPage(
  pieces: Pieces,
  exchange: Exchange,
  made: MadeBody,
  settings: SsiSettings,
): Pieces {
  const page = new Page(exchange, made, settings);
  const scanner = new Scanner(settings.maxValueBytes);
  for await (const piece of pieces) {
    for (const token of scanner.add(piece)) yield* page.add(token);
  }
  for (const token of scanner.end()) yield* page.add(token);
  yield* page.end();
}

class Page {
  readonly #exchange: Exchange;
  readonly #made: MadeBody;
  readonly #settings: SsiSettings;
  readonly #state: ReturnType<typeof sharedState>;
  readonly #own = new PageSettings();
  readonly #gatherer = new PieceGatherer();
  /** Whether what comes is sent, or belongs to another branch. */
  #output = true;
  /** Where in an `if` it is. */
  #branch: "none" | "if" | "else" = "none";
  /** Whether a branch has been sent. */
  #chosen = false;
  /** The block that is read, and what has come of it. */
  #block: { readonly name: string; readonly parts: Uint8Array[] } | undefined;

  constructor(exchange: Exchange, made: MadeBody, settings: SsiSettings) {
    this.#exchange = exchange;
    this.#made = made;
    this.#settings = settings;
    this.#state = sharedState(exchange);
    pageSettings.set(exchange, this.#own);
  }

  async *add(token: Token): Pieces {
    try {
      switch (token.kind) {
        case "text":
          return yield* this.#text(token.bytes);
        case "mistake":
          throw new SsiError(token.message);
        case "command":
          return yield* this.#command(token.command);
      }
    } catch (error) {
      if (!(error instanceof SsiError)) throw error;
      log.error(
        `${textOf(error.message)} while sending response to client`,
        contextOf(this.#exchange),
      );
      if (!this.#settings.silentErrors) {
        yield* this.#gatherer.add(bytesOf(this.#own.errorMessage));
      }
    }
  }

  async *end(): Pieces {
    yield* this.#gatherer.rest();
  }

  *#text(bytes: Uint8Array): Generator<Uint8Array, void, void> {
    if (this.#block !== undefined) {
      this.#state.hold(bytes.length);
      this.#block.parts.push(bytes.slice());
    } else if (this.#output) yield* this.#gatherer.add(bytes);
  }

  async *#command(command: Command): Pieces {
    if (this.#block !== undefined && command.name !== "endblock") {
      return yield* this.#text(bytesOf(sourceOf(command)));
    }
    const isOfBranch = BRANCHES.has(command.name);
    if (!this.#output && !isOfBranch) return;
    const name = nameOf(command);
    if (
      isOfBranch &&
      (this.#branch === "none" || this.#branch === "else" && name !== "endif")
    ) throw new SsiError(`invalid context of SSI command: "${name}"`);
    const parameters = parametersOf(command);
    switch (name) {
      case "include":
        return yield* this.#include(parameters);
      case "echo":
        return yield* this.#gatherer.add(bytesOf(this.#echo(parameters)));
      case "config":
        this.#own.timeFormat = parameters.timefmt ?? this.#own.timeFormat;
        this.#own.errorMessage = parameters.errmsg ?? this.#own.errorMessage;
        return;
      case "set":
        return this.#state.set(
          lowerCase(parameters.var!),
          evaluated(parameters.value!, this.#lookup),
        );
      case "if":
        if (this.#branch !== "none") {
          throw new SsiError('the "if" command inside the "if" command');
        }
        return this.#if(parameters.expr!);
      case "elif":
        return this.#if(parameters.expr!);
      case "else":
        this.#output = !this.#chosen;
        this.#branch = "else";
        return;
      case "endif":
        this.#output = true;
        this.#chosen = false;
        this.#branch = "none";
        return;
      case "block":
        this.#state.hold(parameters.name!.length);
        this.#block = { name: parameters.name!, parts: [] };
        return;
      case "endblock":
        return this.#endBlock();
    }
  }

  #endBlock(): void {
    if (this.#block === undefined) return;
    const { name, parts } = this.#block;
    this.#block = undefined;
    const { blocks } = this.#state;
    // As in nginx the first one of a name is it.
    if (!blocks.has(name)) blocks.set(name, joined(parts));
  }

  #if(expression: string): void {
    if (this.#chosen) {
      this.#output = false;
      return;
    }
    const isTrue = holds(
      expression,
      this.#lookup,
      (pattern, captures) => this.#take(pattern, captures),
    );
    this.#output = isTrue;
    this.#chosen = isTrue;
    this.#branch = "if";
  }

  /** Remembers what a pattern took: `$1`, and groups with names. */
  #take(pattern: Pattern, captures: readonly string[]): void {
    this.#state.captures = captures;
    for (const [name, groups] of pattern.names) {
      this.#state.set(lowerCase(name), captures[groups.at(-1)!] ?? "");
    }
  }

  readonly #lookup = (name: string): string | undefined => {
    const { captures, variables } = this.#state;
    const group = /^\d$/.test(name) ? captures[Number(name)] : undefined;
    return group ?? variables.get(name) ??
      this.#settings.variable(name, this.#exchange);
  };

  #echo({ var: name, default: instead = NONE, encoding }: Parameters): string {
    const value = this.#lookup(lowerCase(name!)) ?? instead;
    if (value === "") return "";
    if (encoding === "none" || encoding === "url" || encoding === "entity") {
      this.#own.encoding = encoding;
    } else if (encoding !== undefined) {
      log.error(
        `unknown encoding "${textOf(encoding)}" in the "echo" command while ` +
          "sending response to client",
        contextOf(this.#exchange),
      );
    }
    return written(value, this.#own.encoding);
  }

  async *#include(parameters: Parameters): Pieces {
    const { set, stub } = parameters;
    const target = this.#target(parameters);
    const block = stub === undefined ? undefined : this.#state.blocks.get(stub);
    if (stub !== undefined && block === undefined) {
      throw new SsiError(`"stub"="${stub}" for "include" not found`);
    }
    const part = this.#subrequest(target);
    // What is in memory would never let others come between.
    const { slices } = this.#state;
    if (slices.over) await slices.next();
    const { status, body } = await answerTo(part);
    const isPage = part.error === undefined && status < 300;
    if (set !== undefined) {
      const value = isPage ? await this.#textOf(body, target.uri) : "";
      this.#state.set(lowerCase(set), value);
      return;
    }
    let isEmpty = true;
    if (isPage || block === undefined) {
      for await (const piece of this.#made.read(body)) {
        isEmpty &&= piece.length === 0;
        yield* this.#gatherer.add(piece);
      }
    }
    if (!isEmpty || block === undefined) return;
    const pieces = this.#made.read(block);
    for await (
      const piece of ssiPage(pieces, part, this.#made, this.#settings)
    ) yield* this.#gatherer.add(piece);
  }

  /** Where an `include` leads, and whether it says nothing else wrong. */
  #target({ virtual, file, wait, set, stub }: Parameters) {
    if (virtual !== undefined && file !== undefined) {
      throw new SsiError(
        `inclusion may be either virtual="${virtual}" or file="${file}"`,
      );
    }
    const where = virtual ?? file;
    if (where === undefined) {
      throw new SsiError('no parameter in "include" SSI command');
    }
    if (set !== undefined && stub !== undefined) {
      throw new SsiError(
        '"set" and "stub" cannot be used together in "include" SSI command',
      );
    }
    if (wait !== undefined && virtual === undefined) {
      throw new SsiError(`"wait" cannot be used with file="${file}"`);
    }
    if (wait !== undefined && wait !== "yes" && wait !== "no") {
      throw new SsiError(`invalid value "${wait}" in the "wait" parameter`);
    }
    const value = evaluated(where, this.#lookup);
    // What is empty for want of a value is not meant to be the folder.
    if (value === "" && where !== "") throw unsafe(value);
    return targetOf(value, this.#exchange.uri);
  }

  #subrequest(target: { uri: string; args: string }): Exchange {
    try {
      return subrequest(this.#exchange, target);
    } catch (error) {
      if (error instanceof HttpError) {
        throw new SsiError(byteString(error.message));
      }
      throw error;
    }
  }

  /** All of a body, as a byte string. */
  async #textOf(
    body: ResponseBody,
    uri: string,
  ): Promise<string> {
    let text = "";
    for await (const piece of this.#made.read(body)) {
      if (text.length + piece.length > this.#settings.maxSetBytes) {
        throw new HttpError(500, `too big subrequest response: "${uri}"`);
      }
      text += latin1(piece, 0, piece.length);
    }
    return text;
  }
}

/**
 * A command as it could have been written (nginx), for a block that is read
 * again.
 */
function sourceOf({ name, parameters }: Command): string {
  const texts = parameters.map(([key, value]) => ` ${key}="${value}"`);
  return `<!--#${name}${texts.join("")} -->`;
}

/**
 * Where `include` leads from the page at `base`.
 *
 * @throws {SsiError} when that is outside of the site
 */
function targetOf(
  where: string,
  base: string,
): { readonly uri: string; readonly args: string } {
  const question = where.indexOf("?");
  const path = question < 0 ? where : where.slice(0, question);
  const decoded = textOf(
    path.replace(
      // What is no byte is left out (nginx).
      /%(?:([\da-f]{2})|[\da-f][^]?)?/gi,
      (_, hex = "") => hex && String.fromCharCode(parseInt(hex, 16)),
    ),
  );
  const uri = decoded.startsWith("/")
    ? decoded
    : base.slice(0, base.lastIndexOf("/") + 1) + decoded;
  if (hasParentSegment(uri) || uri.includes("\0")) {
    throw unsafe(uri);
  }
  return { uri, args: question < 0 ? "" : where.slice(question + 1) };
}

function unsafe(uri: string): SsiError {
  return new SsiError(`unsafe URI "${byteString(uri)}" was detected`);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
