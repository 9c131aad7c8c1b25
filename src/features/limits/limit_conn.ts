/**
 * `limit_conn`: how many requests of a key are answered at a time. A request
 * counts from when its head has been read until its answer has gone out; a
 * connection between two requests does not.
 */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { parseInteger } from "../../config/units.ts";
import { variableTable } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type {
  Environment,
  Handler,
  LocationHooks,
  Module,
} from "../../core/module.ts";
import type { HttpResponse } from "../../http/response.ts";
import { contextOf } from "../../core/request_log.ts";
import { Slot } from "../../core/slot.ts";
import { log } from "../../logging/logger.ts";
import {
  CONTEXTS,
  type DeclaredZone,
  type KeyedZone,
  KeyedZones,
  keyOf,
  Limit,
  parseZone,
} from "./keyed_zone.ts";
import { PacedSource } from "./limit_rate.ts";

/** The longest key that is counted, in bytes (nginx). */
const MAX_KEY_BYTES = 255;

/**
 * The longest body, in bytes, that a socket takes at once, whatever its client
 * does: where Linux begins with send buffers (`tcp_wmem`).
 */
const AT_ONCE_BYTES = 16 * 1024;

/** The highest limit (nginx). */
const MAX_CONNECTIONS = 65535;

/** `limit_conn_zone key zone=name:size`. */
const limitConnZone: Directive<readonly DeclaredZone[]> = defineDirective<
  readonly DeclaredZone[]
>({
  name: "limit_conn_zone",
  contexts: ["http"],
  args: [2, 2],
  repeatable: true,
  default: [],
  summary: "Where connections with a request are counted by a key.",
  syntax: "key zone=name:size",
  differs: "With another key a zone begins anew when it is reloaded.",
  parse: (statement, previous = [], context) =>
    appended(previous, [parseZone(statement, previous, context)]),
});

/** One `limit_conn`. */
interface ConnectionLimit {
  readonly name: string;
  /** How many there may be. */
  readonly most: number;
  readonly place: SourcePlace;
}

/** `limit_conn zone number`. */
const limitConn: Directive<readonly ConnectionLimit[]> = defineDirective<
  readonly ConnectionLimit[]
>({
  name: "limit_conn",
  contexts: CONTEXTS,
  args: [2, 2],
  repeatable: true,
  default: [],
  summary: "How many connections of a key may have a request at a time.",
  syntax: "zone number",
  parse(statement, previous = []) {
    const limit = parseLimit(statement);
    if (previous.some(({ name }) => name === limit.name)) {
      throw new ConfigError(
        '"limit_conn" directive is duplicate',
        statement.place,
        `the block has one of zone "${limit.name}" already`,
      );
    }
    return appended(previous, [limit]);
  },
});

function parseLimit(
  { args: [name = "", text = ""], place }: Statement,
): ConnectionLimit {
  const most = parseInteger(text) ?? 0;
  const hint = `expected a number from 1 to ${MAX_CONNECTIONS}`;
  if (most < 1) {
    throw new ConfigError(
      `invalid number of connections "${text}"`,
      place,
      hint,
    );
  }
  if (most > MAX_CONNECTIONS) {
    throw new ConfigError("connection limit must be less 65536", place, hint);
  }
  return { name, most, place };
}

const limit = new Limit("limit_conn", "connections");
const zones = new KeyedZones("limit_conn", limitConnZone);

/** A `limit_conn` with its zone. */
interface OpenLimit extends ConnectionLimit, KeyedZone<DeclaredZone> {}

/** A request that is counted in a zone. */
interface Counted {
  readonly zone: KeyedZone<DeclaredZone>;
  readonly key: string;
}

/** Counts a request, if it may. */
function enter(
  { shared, table, most }: OpenLimit,
  key: string,
): "counted" | "over" | "no room" {
  return shared.locked(() => {
    table.begin();
    const found = table.find(key);
    const isFull = found === 0 && !table.hasRoom(key.length);
    const isOver = found !== 0 && table.first(found) >= most;
    if (!isFull && !isOver) {
      const entry = found || table.add(key);
      table.set(entry, table.first(entry) + 1, 0);
    }
    table.end();
    return isFull ? "no room" : isOver ? "over" : "counted";
  });
}

/** Counts them no more. */
function leave(counted: Counted[]): void {
  for (const { zone: { shared, table }, key } of counted.splice(0)) {
    shared.locked(() => {
      table.begin();
      const entry = table.find(key);
      const count = entry === 0 ? 0 : table.first(entry) - 1;
      if (count > 0) table.set(entry, count, 0);
      else if (entry !== 0) table.remove(entry);
      table.end();
    });
  }
}

/** Where a request is counted. */
const countedIn = new Slot<Counted[]>();

/**
 * Whether nothing is left to wait for but one write. With nginx such a request
 * is over before its client has the answer and can ask another worker.
 */
function goesOutAtOnce(
  { request }: Exchange,
  { body, length = Infinity }: HttpResponse,
): boolean {
  return request.method === "HEAD" ||
    length <= AT_ONCE_BYTES && !(body instanceof PacedSource);
}

/** Lets go of a request whose answer is as good as sent. */
function conclude(exchange: Exchange, response: HttpResponse): HttpResponse {
  const counted = countedIn.get(exchange);
  if (counted !== undefined && goesOutAtOnce(exchange, response)) {
    leave(counted);
  }
  return response;
}

function handlerOf(scope: Scope, limits: readonly OpenLimit[]): Handler {
  const manner = limit.mannerOf(scope);
  const suffix = manner.dryRun ? ", dry run," : "";
  return function admit(exchange: Exchange) {
    if (limit.get(exchange) !== undefined) return undefined;
    const counted: Counted[] = [];
    for (const open of limits) {
      const { name, declared } = open;
      const key = keyOf(exchange, declared.key, MAX_KEY_BYTES);
      if (key === undefined) continue;
      limit.set(exchange, "PASSED");
      const outcome = enter(open, key);
      if (outcome === "counted") {
        if (counted.length === 0) {
          // One within another counts as long as that.
          if (exchange.main === undefined) countedIn.set(exchange, counted);
          exchange.onEnd(() => leave(counted));
        }
        counted.push({ zone: open, key });
        continue;
      }
      if (outcome === "no room") {
        log.crit(
          `ngx_slab_alloc() failed: no memory in limit_conn_zone "${name}"`,
        );
      } else {
        log.log(
          manner.level,
          () => `limiting connections${suffix} by zone "${name}"`,
          contextOf(exchange),
        );
      }
      leave(counted);
      return limit.refuse(exchange, manner);
    }
    return undefined;
  };
}

/** The limits in force in a block. @throws {ConfigError} without a zone */
function limitsOf(scope: Scope, environment: Environment): OpenLimit[] {
  return scope.get(limitConn).flatMap((each) => {
    const zone = zones.get(scope, environment, each);
    return zone === undefined ? [] : [{ ...each, ...zone }];
  });
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const limits = limitsOf(scope, environment);
  if (limits.length === 0) return undefined;
  return { preaccess: handlerOf(scope, limits), stages: { pacing: conclude } };
}

/** The number of connections. */
export const limitConnModule: Module = {
  name: "limit_conn",
  directives: [limitConnZone, limitConn, ...limit.directives],
  dependsOn: [],
  variables: variableTable({ limit_conn_status: limit.variable }),
  prepare(main, environment) {
    const http = httpScope(main);
    zones.openAll(http, environment);
    // As in nginx also where every server has limits of its own.
    limitsOf(http, environment);
  },
  create,
};
