/** The thread of the hostile clients: told where and how long, says when done. */

/// <reference lib="deno.worker" />

import { ALL_MISBEHAVIOURS, hostileClient } from "./misbehaviours.ts";

/** What the thread is told. */
export interface HostileOrder {
  /** The port on the loopback address. */
  readonly port: number;
  /** The port of the same site with TLS. */
  readonly securePort: number;
  /** How long to go on, in ms. */
  readonly ms: number;
  /** How many clients misbehave in each way. */
  readonly each: number;
}

self.onmessage = async ({ data }: MessageEvent<HostileOrder>) => {
  const target = {
    port: data.port,
    securePort: data.securePort,
    until: performance.now() + data.ms,
  };
  const clients: Promise<void>[] = [];
  for (const misbehave of Object.values(ALL_MISBEHAVIOURS)) {
    for (let n = 0; n < data.each; n++) {
      clients.push(hostileClient(target, misbehave));
    }
  }
  await Promise.all(clients);
  self.postMessage("done");
};
