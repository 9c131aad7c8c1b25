/** The thread of the hostile clients: told where and how long, says when done. */

/// <reference lib="deno.worker" />

import { hostileClient, MISBEHAVIOURS } from "./misbehaviours.ts";

/** What the thread is told. */
export interface HostileOrder {
  /** The port on the loopback address. */
  readonly port: number;
  /** How long to go on, in ms. */
  readonly ms: number;
  /** How many clients misbehave in each way. */
  readonly each: number;
}

self.onmessage = async ({ data }: MessageEvent<HostileOrder>) => {
  const target = { port: data.port, until: performance.now() + data.ms };
  const clients: Promise<void>[] = [];
  for (const misbehave of Object.values(MISBEHAVIOURS)) {
    for (let n = 0; n < data.each; n++) {
      clients.push(hostileClient(target, misbehave));
    }
  }
  await Promise.all(clients);
  self.postMessage("done");
};
