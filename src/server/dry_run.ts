/**
 * Requests that nobody has sent: the plan that serves is asked what it would
 * answer, without a socket. Nothing is read of a body, nothing is logged.
 */

import { decodedHead, type NamedValue } from "../http/request_head.ts";
import type { HttpResponse } from "../http/response.ts";
import { KnownTarget } from "../http/known_target.ts";
import type { Exchange, ExchangeProtocol } from "../core/exchange.ts";
import { trace, type TraceStep } from "../core/trace.ts";
import { dispatch } from "./dispatch.ts";
import { beginExchange } from "./sessions/request.ts";
import type { HostGroup } from "./setup/host_group.ts";
import type { Plan } from "./setup/plan.ts";

/** How long an answer is waited for, in ms: it is given up like a client. */
const PATIENCE_MS = 1000;

/** The address of a client that nobody has rules for (RFC 5737). */
export const STRANGER = "203.0.113.77";

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

/**
 * What the servers of `address` would answer. One request is asked after the
 * other: their steps are told in one place.
 *
 * @throws {HttpError} 400 when `host` or `target` are none
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
  const exchange = beginExchange(head, { group, ...protocolAt(address, from) });
  exchange.internal = internal;
  const steps: TraceStep[] = [];
  trace.steps = steps;
  const timer = setTimeout(() => exchange.abort(), PATIENCE_MS);
  try {
    const response = await dispatch(exchange);
    exchange.status = response.status;
    response.dispose();
    return { exchange, response, steps };
  } finally {
    trace.steps = undefined;
    clearTimeout(timer);
    exchange.end();
  }
}
