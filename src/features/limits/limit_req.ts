/**
 * `limit_req`: how many requests of a key are answered in a time. Those that
 * are ahead of the rate are delayed, and beyond the burst they are refused.
 *
 * As in nginx all limits of a location are looked at, the first that refuses
 * wins, and of several delays the longest; a request is counted once, wherever
 * it is redirected to. The clock is that of the system, which all threads and
 * the next configuration have in common.
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
import { contextOf } from "../../core/request_log.ts";
import type { Level } from "../../logging/level.ts";
import { log } from "../../logging/logger.ts";
import { delayed } from "./delay.ts";
import {
  CONTEXTS,
  type DeclaredZone,
  invalidParameter,
  type KeyedZone,
  KeyedZones,
  keyOf,
  Limit,
  parseZone,
  withoutZone,
} from "./keyed_zone.ts";
import { NO_ROOM, RequestRates } from "./request_rates.ts";

/** The longest key that is counted, in bytes (nginx). */
const MAX_KEY_BYTES = 65535;

/** One request, in the unit of an excess. */
const REQUEST = 1000;

/** At what level a delay is logged, by that of a refusal: one less (nginx). */
const DELAY_LEVELS: Readonly<Partial<Record<Level, Level>>> = {
  error: "warn",
  warn: "notice",
  notice: "info",
};

interface RateZone extends DeclaredZone {
  /** Thousandths of requests per second. */
  readonly rate: number;
}

/** `limit_req_zone key zone=name:size rate=rate`. */
const limitReqZone: Directive<readonly RateZone[]> = defineDirective<
  readonly RateZone[]
>({
  name: "limit_req_zone",
  contexts: ["http"],
  args: [3, 3],
  repeatable: true,
  default: [],
  summary: "Where requests are counted by a key, and how many may come.",
  syntax: "key zone=name:size rate=rate",
  differs:
    "A zone keeps what it knows over a reload that changes its rate; with " +
    "another key it begins anew. For a long key as many of the oldest " +
    "entries are forgotten as it needs.",
  parse(statement, previous = [], context) {
    let rate = REQUEST;
    const zone = parseZone(statement, previous, context, (arg) => {
      if (!arg.startsWith("rate=")) return false;
      rate = parseRate(arg, statement.place);
      return true;
    });
    return appended(previous, [{ ...zone, rate }]);
  },
});

/** `rate=10r/s` or `rate=30r/m`; as in nginx, without a unit it is `r/s`. */
function parseRate(arg: string, place: SourcePlace): number {
  const [, text = "", unit] = /^rate=(.*?)(r\/[sm])?$/s.exec(arg) ?? [];
  const requests = parseInteger(text) ?? 0;
  if (requests > 0) {
    return Math.floor(requests * REQUEST / (unit === "r/m" ? 60 : 1));
  }
  throw new ConfigError(
    `invalid rate "${arg}"`,
    place,
    "expected a number from 1 on, and r/s or r/m, as in rate=10r/s",
  );
}

/** One `limit_req`. */
interface RateLimit {
  readonly name: string;
  /** The largest excess that is not refused. */
  readonly burst: number;
  /** The largest excess that is not delayed. */
  readonly delay: number;
  readonly place: SourcePlace;
}

/** `limit_req zone=name [burst=number] [nodelay | delay=number]`. */
const limitReq: Directive<readonly RateLimit[]> = defineDirective<
  readonly RateLimit[]
>({
  name: "limit_req",
  contexts: CONTEXTS,
  args: [1, 3],
  repeatable: true,
  default: [],
  summary: "How far requests may be ahead of the rate of a zone.",
  syntax: "zone=name [burst=number] [nodelay | delay=number]",
  parse(statement, previous = []) {
    const limit = parseLimit(statement);
    if (previous.some(({ name }) => name === limit.name)) {
      throw new ConfigError(
        '"limit_req" directive is duplicate',
        statement.place,
        `the block has one of zone "${limit.name}" already`,
      );
    }
    return appended(previous, [limit]);
  },
});

function parseLimit({ name: directive, args, place }: Statement): RateLimit {
  let name: string | undefined;
  let burst = 0;
  let delay = 0;
  for (const arg of args) {
    if (arg.startsWith("zone=")) name = arg.slice(5);
    else if (arg.startsWith("burst=")) burst = requests(arg, place);
    else if (arg.startsWith("delay=")) delay = requests(arg, place);
    else if (arg === "nodelay") delay = Infinity;
    else throw invalidParameter(arg, place);
  }
  if (name === undefined) throw withoutZone(directive, place);
  return { name, burst, delay, place };
}

/** `burst=number` or `delay=number`, as an excess. */
function requests(arg: string, place: SourcePlace): number {
  const [name, text = ""] = arg.split(/=(.*)/s);
  const value = parseInteger(text) ?? 0;
  if (value > 0) return value * REQUEST;
  throw new ConfigError(
    `invalid ${name} value "${arg}"`,
    place,
    "expected a number of requests, from 1 on",
  );
}

const limit = new Limit("limit_req", "requests");
const zones = new KeyedZones("limit_req", limitReqZone);

/** A `limit_req` with its zone. */
interface OpenLimit extends RateLimit, KeyedZone<RateZone> {
  readonly rates: RequestRates;
}

function openLimit(
  scope: Scope,
  environment: Environment,
  said: RateLimit,
): OpenLimit[] {
  const zone = zones.get(scope, environment, said);
  if (zone === undefined) return [];
  const rates = new RequestRates(zone.table, zone.declared.rate);
  return [{ ...said, ...zone, rates }];
}

/** Does something with a zone that no other thread looks at. */
function within<T>({ shared, table }: OpenLimit, work: () => T): T {
  return shared.locked(() => {
    table.begin();
    const result = work();
    table.end();
    return result;
  });
}

/** An excess as nginx writes it. */
function requestsText(excess: number): string {
  return (excess / REQUEST).toFixed(3);
}

function handlerOf(scope: Scope, limits: readonly OpenLimit[]): Handler {
  const manner = limit.mannerOf(scope);
  const { dryRun, level } = manner;
  const delayLevel = DELAY_LEVELS[level] ?? level;
  const suffix = dryRun ? ", dry run" : "";

  function refuse(exchange: Exchange, { name }: OpenLimit, excess: number) {
    if (excess === NO_ROOM) {
      log.alert(`could not allocate node in limit_req zone "${name}"`);
    } else {
      log.log(
        level,
        () =>
          `limiting requests${suffix}, excess: ${requestsText(excess)} ` +
          `by zone "${name}"`,
        contextOf(exchange),
      );
    }
    return limit.refuse(exchange, manner);
  }

  function delay(
    exchange: Exchange,
    { name }: OpenLimit,
    { ms, excess }: { readonly ms: number; readonly excess: number },
  ) {
    log.log(
      delayLevel,
      () =>
        `delaying request${suffix}, excess: ${requestsText(excess)}, ` +
        `by zone "${name}"`,
      contextOf(exchange),
    );
    limit.set(exchange, dryRun ? "DELAYED_DRY_RUN" : "DELAYED");
    return dryRun ? undefined : delayed(exchange, ms);
  }

  return function admit(exchange) {
    if (limit.get(exchange) !== undefined) return undefined;
    const now = Date.now();
    const looked: { open: OpenLimit; key: string }[] = [];
    let longest = { ms: 0, excess: 0 };
    let slowest: OpenLimit | undefined;

    function consider(open: OpenLimit, excess: number): void {
      slowest ??= open;
      if (excess <= open.delay) return;
      const ms = open.rates.delay(excess - open.delay);
      if (ms <= longest.ms) return;
      longest = { ms, excess };
      slowest = open;
    }

    for (let i = 0; i < limits.length; i++) {
      const open = limits[i]!;
      const key = keyOf(exchange, open.declared.key, MAX_KEY_BYTES);
      if (key === undefined) continue;
      const { burst, rates } = open;
      const counts = i === limits.length - 1;
      const excess = within(
        open,
        () => rates.look({ key, now }, { burst, counts }),
      );
      if (excess === NO_ROOM || excess > burst) {
        return refuse(exchange, open, excess);
      }
      if (counts) consider(open, excess);
      else looked.push({ open, key });
    }
    for (const { open, key } of looked.reverse()) {
      consider(open, within(open, () => open.rates.count({ key, now })));
    }
    if (slowest === undefined) return undefined;
    if (longest.ms > 0) return delay(exchange, slowest, longest);
    limit.set(exchange, "PASSED");
    return undefined;
  };
}

/** The limits in force in a block. @throws {ConfigError} without a zone */
function limitsOf(scope: Scope, environment: Environment): OpenLimit[] {
  return scope.get(limitReq)
    .flatMap((each) => openLimit(scope, environment, each));
}

function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const limits = limitsOf(scope, environment);
  if (limits.length === 0) return undefined;
  return { preaccess: handlerOf(scope, limits) };
}

/** The rate of requests. */
export const limitReqModule: Module = {
  name: "limit_req",
  directives: [limitReqZone, limitReq, ...limit.directives],
  dependsOn: [],
  variables: variableTable({ limit_req_status: limit.variable }),
  prepare(main, environment) {
    const http = httpScope(main);
    zones.openAll(http, environment);
    // As in nginx also where every server has limits of its own.
    limitsOf(http, environment);
  },
  create,
};
