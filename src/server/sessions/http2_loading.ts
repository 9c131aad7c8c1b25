/**
 * HTTP/2 is loaded where it is spoken: its code takes a megabyte (measured),
 * and most servers that stand behind another one never speak it.
 */

import type { Http2Protocol } from "./http2/protocol.ts";

let loading: Promise<typeof Http2Protocol> | undefined;

async function load(): Promise<typeof Http2Protocol> {
  const { Http2Protocol } = await import("./http2/protocol.ts");
  return Http2Protocol;
}

/**
 * The protocol. It has to be asked for before permissions are given up; from
 * then on it is there.
 */
export function loadHttp2(): Promise<typeof Http2Protocol> {
  return loading ??= load();
}
