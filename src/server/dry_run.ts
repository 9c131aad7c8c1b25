/**
 * Requests that nobody has sent: the plan that serves is asked what it would
 * answer, without a socket. Nothing is read of a body, nothing is logged.
 */

import { HttpError } from "../http/errors.ts";
import { Field } from "../http/fields.ts";
import { requestFraming } from "../http/http1/framing.ts";
import { headText, responseFraming } from "../http/http1/response_encoder.ts";
import {
  decodedHead,
  type NamedValue,
  type RequestHead,
} from "../http/request_head.ts";
import type { HttpResponse } from "../http/response.ts";
import { formatHttpDate } from "../http/semantics/date.ts";
import { KnownTarget } from "../http/known_target.ts";
import type { Exchange, ExchangeProtocol } from "../core/exchange.ts";
import { trace, type TraceStep } from "../core/trace.ts";
import { CLOSE_SILENTLY, dispatch, fail } from "./dispatch.ts";
import {
  beginExchange,
  refusedExchange,
  type RequestOrigin,
} from "./sessions/request.ts";
import { expectationOf, LimitedBody } from "./sessions/request_body.ts";
import type { HostGroup } from "./setup/host_group.ts";
import type { Plan } from "./setup/plan.ts";

/** How long an answer is waited for, in ms: it is given up like a client. */
const PATIENCE_MS = 1000;

/** The address of a client that nobody has rules for (RFC 5737). */
export const STRANGER = "203.0.113.77";

/** The same by IPv6 (RFC 3849). */
export const IPV6_STRANGER = "2001:db8::77";

/** An address of a plan, and the servers of it. */
export interface DryAddress {
  /** The servers. */
  readonly group: HostGroup;
  /** The address that the client connects to. */
  readonly hostname: string;
  /** The port; 0 of a Unix socket. */
  readonly port: number;
  /** Whether TLS is spoken there. */
  readonly secure: boolean;
}

/** What is asked. */
export interface DryRequest {
  /** The value of `Host`. */
  readonly host: string;
  /** The method; GET if left out. */
  readonly method?: string;
  /** Other fields, as byte strings. */
  readonly fields?: readonly NamedValue[];
  /** The address of the client; one that nobody has rules for if left out. */
  readonly from?: string;
  /** The path with query, as a client sends it. */
  readonly target: string;
  /** Whether it comes from within, to where only redirects lead. */
  readonly internal?: boolean;
}

/** What came of it. */
export interface DryAnswer {
  /** The request as it was at its end. */
  readonly exchange: Exchange;
  /** The answer; its body is not read, and let go of already. */
  readonly response: HttpResponse;
  /** Why it was for no server, if it was refused before. */
  readonly refusal: HttpError | undefined;
  /** What was decided on the way. */
  readonly steps: readonly TraceStep[];
}

/** The addresses of a plan, each once. */
export function addressesOf({ listeners }: Plan): DryAddress[] {
  const found = new Map<HostGroup, DryAddress>();
  for (const { hostname, port, group, groups, ipv4 } of listeners) {
    const named: readonly (readonly [string, HostGroup | undefined])[] = [
      [hostname, group],
      ["0.0.0.0", ipv4],
      ...groups,
    ];
    for (const [hostname, group] of named) {
      if (group === undefined || found.has(group)) continue;
      const secure = group.tls !== undefined;
      found.set(group, { group, hostname, port, secure });
    }
  }
  return [...found.values()];
}

/** A connection that is none. */
function protocolAt(
  { hostname, port, secure }: DryAddress,
  remoteAddress: string,
): ExchangeProtocol {
  return {
    connection: {
      remoteAddress,
      remotePort: 1024,
      localAddress: hostname,
      localPort: port,
      proxied: undefined,
      secure,
      connectedAt: Date.now(),
      lastActivityAt: performance.now(),
      serial: 0,
      watch: () => {},
    },
    requests: 1,
    beganAt: performance.now(),
    pipelined: false,
    sentField: () => undefined,
  };
}

/** A body of which nothing has come yet, and nothing will. */
class DryBody extends LimitedBody {
  readonly done = true;

  /** What the fields of `head` say of it. */
  constructor(head: RequestHead) {
    const framing = requestFraming(head);
    const declared = framing.kind === "length" ? framing.length : 0;
    super(declared, expectationOf(head));
  }

  override read(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** The exchange of a request, as a session begins it. */
function begun(
  head: RequestHead,
  origin: RequestOrigin,
): { readonly exchange: Exchange; readonly refusal: HttpError | undefined } {
  let exchange: Exchange | undefined;
  try {
    exchange = beginExchange(head, origin);
    if (requestFraming(head).kind !== "none" || head.has(Field.Expect)) {
      exchange.body = new DryBody(head);
    }
    return { exchange, refusal: undefined };
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    exchange ??= refusedExchange(head, origin);
    return { exchange, refusal: error };
  }
}

/** Fields that are of a connection or a moment, and not of an answer. */
const UNTOLD: ReadonlySet<string> = new Set([
  "date",
  "connection",
  "keep-alive",
  "transfer-encoding",
]);

/** The fields of an answer as they are sent, byte strings, but what is of one connection. */
export function sentFields({ exchange, response }: DryAnswer): NamedValue[] {
  if (response === CLOSE_SILENTLY) return [];
  const framing = responseFraming(response, { version: "1.1" });
  const text = headText(response, framing, {
    version: "1.1",
    isHead: exchange.method === "HEAD",
    persistent: true,
    date: formatHttpDate(Date.now()),
    server: exchange.location.serverToken,
    keepAlive: "",
  });
  return text.split("\r\n").slice(1, -2).map((line) => {
    const colon = line.indexOf(": ");
    return { name: line.slice(0, colon), value: line.slice(colon + 2) };
  }).filter(({ name }) => !UNTOLD.has(name.toLowerCase()));
}

/**
 * What the servers of `address` would answer. One request is asked after the
 * other: their steps are told in one place.
 *
 * @throws {HttpError} 400 when `target` is none
 */
export async function askDry(
  address: DryAddress,
  {
    host,
    target,
    method = "GET",
    fields = [],
    from = STRANGER,
    internal = false,
  }: DryRequest,
): Promise<DryAnswer> {
  const head = decodedHead({
    method,
    target: new KnownTarget(target),
    version: "1.1",
    line: `${method} ${target} HTTP/1.1`,
    fields: [{ name: "host", value: host }, ...fields],
    length: 0,
  });
  const { group } = address;
  const { exchange, refusal } = begun(head, {
    group,
    ...protocolAt(address, from),
  });
  exchange.internal = internal;
  const steps: TraceStep[] = [];
  trace.steps = steps;
  const timer = setTimeout(() => exchange.abort(), PATIENCE_MS);
  try {
    const response = await (refusal === undefined
      ? dispatch(exchange)
      : fail(exchange, refusal));
    exchange.status = response.status;
    response.dispose();
    return { exchange, response, refusal, steps };
  } finally {
    trace.steps = undefined;
    clearTimeout(timer);
    exchange.end();
  }
}
