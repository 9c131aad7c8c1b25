/**
 * What rules look at: a configuration that is right, as it was written and as
 * it is served. What a request would come to, the plan itself is asked.
 */

import type { SourcePlace } from "../config/errors.ts";
import type { Scope } from "../config/scope.ts";
import type { Statement } from "../config/syntax/parser.ts";
import type { LocationPlan } from "../core/module.ts";
import { NO_NAME, serverNameDirective } from "../core/settings/server_name.ts";
import { HttpError } from "../http/errors.ts";
import { encodePath } from "../http/path_encoding.ts";
import type { HostPattern } from "../routing/host_table.ts";
import {
  addressesOf,
  askDry,
  type DryAddress,
  type DryAnswer,
} from "../server/dry_run.ts";
import type {
  Configuration,
  Generation,
} from "../server/setup/configuration.ts";
import type { ServerPlan } from "../server/setup/server_plan.ts";
import { samplesOf } from "./samples.ts";

/** A block: what was written in it, and what it came to. */
export interface Block {
  /** Its directives. */
  readonly scope: Scope;
  /** The statements in it, in the order of the file. */
  readonly statements: readonly Statement[];
}

/** A server where a client finds it. */
export interface Site {
  /** The server. */
  readonly server: ServerPlan;
  /** Its address. */
  readonly address: DryAddress;
  /** A host that leads to it there, if one is known. */
  readonly host: string | undefined;
}

/** A host that only a server of all hosts is for (RFC 2606). */
const NOBODY = "nobody.invalid";

/** A configuration under the eyes of the rules. */
export class Subject {
  /** The configuration. */
  readonly configuration: Configuration;
  /** What it came to. */
  readonly generation: Generation;
  /** All blocks, from the outermost inwards, in the order of the file. */
  readonly blocks: readonly Block[];
  /** The servers at each of their addresses. */
  readonly sites: readonly Site[];
  /** The addresses. */
  readonly addresses: readonly DryAddress[];
  readonly #blockOf = new Map<Scope, Block>();

  /** Looks at `configuration`, which has come to `generation`. */
  constructor(configuration: Configuration, generation: Generation) {
    this.configuration = configuration;
    this.generation = generation;
    this.blocks = [
      ...blocksIn(configuration.main, configuration.statements),
    ];
    for (const block of this.blocks) this.#blockOf.set(block.scope, block);
    this.addresses = addressesOf(generation.plan);
    this.sites = this.addresses.flatMap((address) =>
      address.group.members.map(({ server }) => ({
        server,
        address,
        host: hostOf(server, address),
      }))
    );
  }

  /** The statements of one name directly in a block. */
  statementsIn(scope: Scope, name: string): readonly Statement[] {
    return this.#blockOf.get(scope)?.statements
      .filter((statement) => statement.name === name) ?? [];
  }

  /** Every statement of one name, with its block. */
  *statements(
    ...names: readonly string[]
  ): Generator<{ readonly scope: Scope; readonly statement: Statement }> {
    for (const { scope, statements } of this.blocks) {
      for (const statement of statements) {
        if (names.includes(statement.name)) yield { scope, statement };
      }
    }
  }

  /** The locations of a server at any depth, and the server as one. */
  locationsOf(server: ServerPlan): readonly Scope[] {
    return [server.scope, ...server.scope.descendantsOf("location")];
  }

  /** The location that a path leads to when nothing sends it elsewhere. */
  locationAt({ root }: ServerPlan, path: string): LocationPlan | undefined {
    try {
      return root.find(path);
    } catch (error) {
      if (error instanceof HttpError) return undefined;
      throw error;
    }
  }

  /**
   * What a site answers to a GET of a decoded path; `internal` asks as a
   * redirect from within does. `undefined` where nobody can ask.
   */
  async ask(
    { address, host }: Pick<Site, "address" | "host">,
    path: string,
    { internal = false, query = "" } = {},
  ): Promise<DryAnswer | undefined> {
    if (host === undefined) return undefined;
    const target = encodePath(path) + query;
    try {
      const answer = await askDry(address, { host, target, internal });
      return answer.refusal === undefined ? answer : undefined;
    } catch (error) {
      if (error instanceof HttpError) return undefined;
      throw error;
    }
  }

  /** The file that answered, if one did. */
  fileOf({ exchange, response, steps }: DryAnswer): string | undefined {
    // An error's own page has its status, and may be a file.
    const isContent = response.status === 200 || response.status === 206 ||
      exchange.errorStatus !== undefined;
    if (!isContent) return undefined;
    const path = exchange.location.paths.pathOf(exchange, exchange.uri);
    // What was decided last: a "return" may be where there is a file, too.
    const last = steps.findLast(({ kind, text }) =>
      kind === "location" || kind === "return" || kind === "error" ||
      kind === "file" && text.startsWith(`${path}: `)
    );
    return last?.kind === "file" && !path?.endsWith("/") ? path : undefined;
  }
}

/**
 * The statements of any of some directives that are in force in a block: those
 * of the nearest one that has any.
 */
export function inForce(
  subject: Subject,
  scope: Scope,
  ...names: readonly string[]
): readonly Statement[] {
  const statementsIn = (outer: Scope) =>
    names.flatMap((name) => subject.statementsIn(outer, name));
  const owner = scope.nearest((outer) => statementsIn(outer).length > 0);
  return owner === undefined ? [] : statementsIn(owner);
}

/** The blocks in a scope: a child is opened by the statement of its words. */
function* blocksIn(
  scope: Scope,
  statements: readonly Statement[],
): Generator<Block> {
  yield { scope, statements };
  const byWords = new Map(statements.map((one) => [one.args, one]));
  for (const child of scope.children) {
    yield* blocksIn(child, byWords.get(child.args)?.block ?? []);
  }
}

/** A host by which clients come to a server at an address. */
function hostOf(
  server: ServerPlan,
  { group }: DryAddress,
): string | undefined {
  const names = server.scope.get(serverNameDirective);
  const hosts = [
    ...(names.length === 0 ? [NO_NAME] : names)
      .flatMap(({ pattern }) => hostsFor(pattern)),
    NOBODY,
  ];
  return hosts.find((host) => {
    try {
      return /^[a-z0-9.-]+$/.test(host) && group.hosts.match(host) === server;
    } catch (error) {
      if (error instanceof HttpError) return false;
      throw error;
    }
  });
}

/** Hosts that a name is for, or may be. */
export function hostsFor(pattern: HostPattern): readonly string[] {
  switch (pattern.kind) {
    case "exact":
      return [pattern.name];
    case "domain":
      return [pattern.name.slice(1), `q7${pattern.name}`];
    case "leading":
      return [`q7${pattern.name}`];
    case "trailing":
      return [`${pattern.name}com`, `${pattern.name}q7`];
    case "regex":
      return samplesOf(pattern.regex).map((text) => text.toLowerCase());
  }
}

/** How a location is written: `location ~ \.php$`, or what its block is. */
export function nameOf({ context, args }: Scope): string {
  return [context.split(" ")[0], ...args].join(" ");
}

/** A statement as it may be written, on one line. */
export function written(
  { name, args }: Pick<Statement, "name" | "args">,
): string {
  const words = args.map((arg) => {
    const word = arg.trim().replaceAll(/\s*\n\s*/g, " ");
    return /^[^\s"'{};#\\]+$/.test(word)
      ? word
      : `"${word.replaceAll('"', '\\"')}"`;
  });
  return [name, ...words].join(" ") + ";";
}

/** `FILE:LINE`, for messages that point to a second place. */
export function at({ file, line }: SourcePlace): string {
  return `${file}:${line}`;
}
