/**
 * What `limit_req` and `limit_conn` have in common: zones of keys, and what is
 * done to a request that is over a limit.
 */

import type { Directive, ParseContext } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { parseSize } from "../../config/units.ts";
import {
  integerDirective,
  oneOfDirective,
  onOffDirective,
} from "../../config/values.ts";
import { ascii, type Variable } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment } from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import { Slot } from "../../core/slot.ts";
import type { SharedZone } from "../../core/zones.ts";
import { textOf } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import type { Level } from "../../logging/level.ts";
import { log } from "../../logging/logger.ts";
import { KeyTable } from "./key_table.ts";

/** The smallest zone in bytes: eight pages, as in nginx. */
const MIN_BYTES = 8 * 4096;

/** Which blocks say what is done to requests. */
export const CONTEXTS = ["http", "server", "location"] as const;

/** A zone as a directive declares it. */
export interface DeclaredZone {
  readonly name: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** What requests are counted by. */
  readonly key: Template<Exchange>;
  /** Where it is declared. */
  readonly place: SourcePlace;
}

/**
 * Reads `key zone=name:size` and `others`, which say whether they know an
 * argument.
 *
 * @throws {ConfigError} in nginx's words, also if `previous` has the zone
 */
export function parseZone(
  { name: directive, args: [written = "", ...args], place }: Statement,
  previous: readonly DeclaredZone[],
  { variables }: ParseContext,
  others: (arg: string) => boolean = () => false,
): DeclaredZone {
  const key: Template<Exchange> = variables.byteTemplate(written, place);
  let name = "";
  let bytes = 0;
  for (const arg of args) {
    if (arg.startsWith("zone=")) [name, bytes] = nameAndSize(arg, place);
    else if (!others(arg)) throw invalidParameter(arg, place);
  }
  if (name === "") throw withoutZone(directive, place);
  const same = previous.find((zone) => zone.name === name);
  if (same !== undefined) {
    throw new ConfigError(
      same.bytes === bytes
        ? `${directive} "${name}" is already bound to key "${same.key.source}"`
        : `the size ${bytes} of shared memory zone "${name}" conflicts with ` +
          `already declared size ${same.bytes}`,
      place,
      "expected a zone of another name",
    );
  }
  return { name, bytes, key, place };
}

function nameAndSize(arg: string, place: SourcePlace): [string, number] {
  const [, name = "", text = ""] = /^zone=([^:]*):(.*)$/s.exec(arg) ?? [];
  const bytes = parseSize(text);
  if (bytes === undefined) {
    throw new ConfigError(
      `invalid zone size "${arg}"`,
      place,
      "expected a name and a size, as in zone=name:10m",
    );
  }
  if (bytes < MIN_BYTES) {
    throw new ConfigError(
      `zone "${arg}" is too small`,
      place,
      "expected 32k or more: a key takes 64 bytes",
    );
  }
  return [name, bytes];
}

/** nginx's error of an argument that a directive does not know. */
export function invalidParameter(arg: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `invalid parameter "${arg}"`,
    place,
    "no parameter of this directive begins so",
  );
}

/** nginx's error of a directive that names no zone. */
export function withoutZone(name: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `"${name}" must have "zone" parameter`,
    place,
    "expected zone=name",
  );
}

/** A zone of keys, open. */
export interface KeyedZone<Z extends DeclaredZone> {
  readonly declared: Z;
  /** Its memory. */
  readonly shared: SharedZone;
  /** The keys in it. */
  readonly table: KeyTable;
}

/** The zones that one directive declares. */
export class KeyedZones<Z extends DeclaredZone> {
  readonly #kind: string;
  readonly #directive: Directive<readonly Z[]>;
  readonly #open = new WeakMap<SharedZone, KeyedZone<Z>>();

  /** Those of `directive`; `kind` is what no other one has in its memory. */
  constructor(kind: string, directive: Directive<readonly Z[]>) {
    this.#kind = kind;
    this.#directive = directive;
  }

  /** Gives all of them their memory. @throws {ConfigError} if there is none */
  openAll(http: Scope, { zones }: Environment): void {
    for (const declared of http.get(this.#directive)) {
      const { name, bytes, place } = declared;
      const kind = this.#kindOf(declared);
      const shared = zones.open(name, { kind, bytes, place });
      this.#open.set(shared, {
        declared,
        shared,
        table: new KeyTable(shared.bytes),
      });
    }
  }

  /**
   * The zone that a directive in `scope` names; none if it may be one whose
   * declaration is wrong, which has been said.
   *
   * @throws {ConfigError} in nginx's words, when it is none of these
   */
  get(
    scope: Scope,
    { zones }: Environment,
    { name, place }: { readonly name: string; readonly place: SourcePlace },
  ): KeyedZone<Z> | undefined {
    const declared = scope.get(this.#directive)
      .find((zone) => zone.name === name);
    if (declared === undefined && scope.failedOf(this.#directive).length > 0) {
      return undefined;
    }
    const kind = declared === undefined ? this.#kind : this.#kindOf(declared);
    return this.#open.get(zones.get(name, kind, place));
  }

  /** What is known of other keys is of no use: then it begins anew. */
  #kindOf({ key }: Z): string {
    return `${this.#kind} by ${key.source}`;
  }
}

/** What `$limit_req_status` and `$limit_conn_status` say. */
export type LimitStatus =
  | "PASSED"
  | "DELAYED"
  | "REJECTED"
  | "DELAYED_DRY_RUN"
  | "REJECTED_DRY_RUN";

/** What is done to requests that are over a limit. */
interface LimitManner {
  readonly dryRun: boolean;
  /** What a refused one is answered. */
  readonly status: number;
  /** The level at which that is logged. */
  readonly level: Level;
}

/** One of the two limits: its other directives, and what it says of requests. */
export class Limit {
  /** Those that say what is done. */
  readonly directives: readonly [
    Directive<boolean>,
    Directive<number>,
    Directive<"info" | "notice" | "warn" | "error">,
  ];
  readonly #statuses = new Slot<LimitStatus>();

  /** That of `limit_req` or `limit_conn`, which limits `what`. */
  constructor(name: string, what: string) {
    this.directives = [
      onOffDirective({
        name: `${name}_dry_run`,
        contexts: CONTEXTS,
        default: false,
        summary: `Whether ${what} are counted and nothing is refused.`,
      }),
      integerDirective({
        name: `${name}_status`,
        contexts: CONTEXTS,
        default: 503,
        min: 400,
        max: 599,
        summary: "What a request is answered that is refused.",
      }),
      oneOfDirective({
        name: `${name}_log_level`,
        contexts: CONTEXTS,
        values: ["info", "notice", "warn", "error"],
        default: "error",
        summary: "The level at which a refusal is logged.",
      }),
    ];
  }

  /** What is done in a location. */
  mannerOf(scope: Scope): LimitManner {
    const [dryRun, status, level] = this.directives;
    return {
      dryRun: scope.get(dryRun),
      status: scope.get(status),
      level: scope.get(level),
    };
  }

  /** What has become of a request; `undefined` if it was not counted. */
  get(exchange: Exchange): LimitStatus | undefined {
    return this.#statuses.get(exchange.main ?? exchange);
  }

  /**
   * Says what has become of it: neither it is counted again, nor a request
   * within it (nginx).
   */
  set(exchange: Exchange, status: LimitStatus): void {
    this.#statuses.set(exchange.main ?? exchange, status);
  }

  /** The variable that says it. */
  get variable(): Variable<Exchange> {
    return ascii((exchange) => this.get(exchange));
  }

  /** The answer to a request over the limit; none if nothing is refused. */
  refuse(
    exchange: Exchange,
    { dryRun, status }: LimitManner,
  ): HttpError | undefined {
    this.set(exchange, dryRun ? "REJECTED_DRY_RUN" : "REJECTED");
    if (dryRun) return undefined;
    return new HttpError(status, "over a limit", { severity: "silent" });
  }
}

/**
 * What a request is counted by; `undefined` if it is not, because the key is
 * empty, or longer than `most` bytes.
 */
export function keyOf(
  exchange: Exchange,
  key: Template<Exchange>,
  most: number,
): string | undefined {
  const value = key.evaluate(exchange);
  if (value === "") return undefined;
  if (value.length <= most) return value;
  log.error(
    () =>
      `the value of the "${key.source}" key is more than ${most} bytes: ` +
      `"${textOf(value)}"`,
    contextOf(exchange),
  );
  return undefined;
}
