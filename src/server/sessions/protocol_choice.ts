/**
 * Which protocol a client speaks where there are two: over TLS it has agreed
 * on one (ALPN), else it says so with its first bytes (RFC 9113 §3.3).
 */

import { PREFACE } from "../../http/http2/frames.ts";
import type { Connection } from "../../net/connection.ts";
import { nextTask } from "../../scheduling/pause.ts";
import type { HostGroup, Http2Choice } from "../setup/host_group.ts";
import type { ServerPlan } from "../setup/server_plan.ts";

/** The name of HTTP/2 over TLS (RFC 9113 §3.2). */
const OVER_TLS = "h2";

/** Whether the first bytes say so; `undefined` if there are too few. */
function saysHttp2(
  { input, secure, tls }: Connection,
  byPreface: boolean,
): boolean | undefined {
  if (input.length === 0) return undefined;
  if (secure) return tls?.application === OVER_TLS;
  if (!byPreface) return false;
  const { bytes, start } = input;
  const count = Math.min(input.length, PREFACE.length);
  for (let i = 0; i < count; i++) {
    if (bytes[start + i] !== PREFACE[i]) return false;
  }
  return count === PREFACE.length ? true : undefined;
}

/**
 * Reads until it is known whether the client speaks HTTP/2; what has been read
 * stays in the input. Also settles when the connection has ended.
 */
export async function speaksHttp2(
  connection: Connection,
  { byPreface }: Http2Choice,
): Promise<boolean> {
  try {
    while (!connection.ended) {
      const answer = saysHttp2(connection, byPreface);
      if (answer !== undefined) return answer;
      const turn = connection.turn();
      if (turn !== undefined) await turn;
      if (connection.ended) break;
      const count = await connection.read();
      if (!connection.received(count)) break;
      if (count === 0) await nextTask();
    }
  } catch (error) {
    connection.failed(error);
  }
  return false;
}

/**
 * The server that a connection is for, as far as that is known before its first
 * request: the one that the client has named (SNI), or the default one.
 */
export function serverNamed(
  { fallback, hosts }: HostGroup,
  { tls }: Connection,
): ServerPlan {
  const name = tls?.serverName ?? "";
  return name === ""
    ? fallback
    : hosts.match(name, { captures: undefined, values: undefined });
}
