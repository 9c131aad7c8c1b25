/**
 * `expires`: until when an answer is fresh, said with `Expires` and
 * `Cache-Control` as nginx says it.
 *
 * A time after the request is written by the encoder beside `Date`, so that
 * shared answers stay shared. A time after the last change or a time of day
 * gives a `max-age` that changes every second, which costs a copy of the
 * answer for each request.
 */

import { defineDirective, type ParseContext } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Scope } from "../../config/scope.ts";
import { parseSeconds } from "../../config/units.ts";
import type { Template } from "../../config/template.ts";
import {
  formatHttpDate,
  MAX_HTTP_DATE_MS,
  MIN_HTTP_DATE_MS,
  parseHttpDate,
} from "../../http/semantics/date.ts";
import type { HttpResponse } from "../../http/response.ts";
import {
  changeable,
  isUsualStatus,
  showResponse,
} from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import { moreHeadersAreConstant, moreHeadersModule } from "./more_headers.ts";

/** When an answer expires. */
export type Expires =
  /** Nothing is said. */
  | { readonly kind: "off" }
  /** It has expired since 1970. */
  | { readonly kind: "epoch" }
  /** In 2037, or ten years. */
  | { readonly kind: "max" }
  /** So many seconds after the request; less than 0 is "never fresh". */
  | { readonly kind: "access"; readonly seconds: number }
  /** So many seconds after the last change. */
  | { readonly kind: "modified"; readonly seconds: number }
  /** When the local time is so many seconds after midnight the next time. */
  | { readonly kind: "daily"; readonly seconds: number };

/** What `expires` says in a scope. */
interface ExpiresValue {
  /** Whether `modified` stands before the time. */
  readonly modified: boolean;
  /** The time. */
  readonly text: Template<Exchange>;
  /** The time, if no variable is in it. */
  readonly fixed: Expires | undefined;
}

const OFF: Expires = { kind: "off" };

const DAY_SECONDS = 86_400;

/**
 * Reads a time as `expires` takes it.
 *
 * @returns what is wrong with it, as text, if it is not one
 */
export function parseExpires(
  text: string,
  modified: boolean,
): Expires | string {
  if (!modified && (text === "epoch" || text === "max" || text === "off")) {
    return { kind: text };
  }
  const sign = /^[@+-]?/.exec(text)![0];
  if (sign === "@" && modified) {
    return 'daily time cannot be used with "modified" parameter';
  }
  const seconds = parseSeconds(text.slice(sign.length));
  if (seconds === undefined) return "invalid value";
  if (sign === "@") {
    return seconds > DAY_SECONDS
      ? "daily time value must be less than 24 hours"
      : { kind: "daily", seconds };
  }
  // As in nginx, no time at all is counted from the request.
  const kind = modified && seconds !== 0 ? "modified" : "access";
  return { kind, seconds: sign === "-" && seconds !== 0 ? -seconds : seconds };
}

/** `expires [modified] time`, `expires epoch | max | off`. */
const expiresDirective = defineDirective<ExpiresValue | undefined>({
  name: "expires",
  contexts: ["http", "server", "location", "if in location"],
  args: [1, 2],
  default: undefined,
  summary: "How long answers are fresh: [modified] time, epoch, max or off.",
  syntax: "[modified] time | epoch | max | off",
  defaultText: "off",
  unit: "seconds",
  parse: (statement, _previous, context) => parseStatement(statement, context),
});

function parseStatement(
  { args, name, place }: Statement,
  { variables }: ParseContext,
): ExpiresValue {
  const modified = args.length === 2;
  if (modified && args[0] !== "modified") {
    throw new ConfigError(
      `"${name}" directive invalid value`,
      place,
      `"${args[0]}" is not "modified", the only word before a time`,
    );
  }
  const text = variables.byteTemplate(args.at(-1)!, place);
  if (text.constant === undefined) return { modified, text, fixed: undefined };
  const fixed = parseExpires(text.constant, modified);
  if (typeof fixed === "string") {
    throw new ConfigError(
      `"${name}" directive ${fixed}`,
      place,
      `"${text.constant}" is none of: a time such as 1h30m, 30d or -1, ` +
        "a time of day such as @15h30m, epoch, max, off",
    );
  }
  return { modified, text, fixed };
}

/**
 * Whether what `expires`, and what comes before it, sets in `scope` depends on
 * the response alone.
 */
export function expiresIsConstant(scope: Scope): boolean {
  if (!moreHeadersAreConstant(scope)) return false;
  const kind = scope.get(expiresDirective)?.fixed?.kind;
  return scope.get(expiresDirective) === undefined ||
    kind !== undefined && kind !== "modified" && kind !== "daily";
}

/** Says that `response`, which may be changed, expires; `nowMs` is now. */
export function setExpires(
  response: HttpResponse,
  expires: Expires,
  nowMs: number,
): void {
  switch (expires.kind) {
    case "off":
      return;
    case "epoch":
      return setFields(response, "Thu, 01 Jan 1970 00:00:01 GMT", "no-cache");
    case "max":
      return setFields(
        response,
        "Thu, 31 Dec 2037 23:55:55 GMT",
        "max-age=315360000",
      );
    case "access":
      return setAfter(response, expires.seconds);
    case "daily":
      return setMoment(response, nextTimeOfDay(expires.seconds, nowMs), nowMs);
    case "modified": {
      const date = response.headers.get("Last-Modified");
      const changed = date === undefined
        ? undefined
        : parseHttpDate(date, nowMs);
      if (changed === undefined) return setAfter(response, expires.seconds);
      return setMoment(response, changed + expires.seconds * 1000, nowMs);
    }
  }
}

function setAfter(response: HttpResponse, seconds: number): void {
  response.headers.delete("Expires");
  response.expiresAfter = seconds;
  response.headers.set("Cache-Control", cacheControl(seconds));
}

function setMoment(response: HttpResponse, ms: number, nowMs: number): void {
  const date = Math.max(MIN_HTTP_DATE_MS, Math.min(ms, MAX_HTTP_DATE_MS));
  const seconds = Math.floor(ms / 1000) - Math.floor(nowMs / 1000);
  setFields(response, formatHttpDate(date), cacheControl(seconds));
}

function setFields(
  response: HttpResponse,
  date: string,
  control: string,
): void {
  response.headers.set("Expires", date);
  response.headers.set("Cache-Control", control);
}

function cacheControl(seconds: number): string {
  return seconds < 0 ? "no-cache" : `max-age=${seconds}`;
}

/** The next moment that is `seconds` after a midnight of the local time. */
export function nextTimeOfDay(seconds: number, nowMs: number): number {
  const next = new Date(nowMs);
  next.setHours(0, 0, seconds, 0);
  if (Math.floor(next.getTime() / 1000) <= Math.floor(nowMs / 1000)) {
    next.setDate(next.getDate() + 1);
  }
  return next.getTime();
}

/** The time in force for a request; a value that is none says nothing. */
function evaluate(value: ExpiresValue, exchange: Exchange): Expires {
  if (value.fixed !== undefined) return value.fixed;
  const expires = parseExpires(value.text.evaluate(exchange), value.modified);
  return typeof expires === "string" ? OFF : expires;
}

function create(scope: Scope): LocationHooks | undefined {
  const value = scope.get(expiresDirective);
  if (value === undefined || value.fixed?.kind === "off") return undefined;
  const { fixed } = value;
  if (fixed !== undefined && expiresIsConstant(scope)) {
    return {
      represent(response) {
        if (isUsualStatus(response.status)) {
          setExpires(response, fixed, Date.now());
        }
      },
    };
  }
  return {
    stages: {
      fields(exchange, made) {
        if (!isUsualStatus(made.status)) return made;
        showResponse(exchange, made);
        const expires = evaluate(value, exchange);
        if (expires.kind === "off") return made;
        const response = changeable(made);
        setExpires(response, expires, Date.now());
        return response;
      },
    },
  };
}

/** Freshness. */
export const expiresModule: Module = {
  name: "expires",
  directives: [expiresDirective],
  dependsOn: moreHeadersModule.directives,
  create,
};
