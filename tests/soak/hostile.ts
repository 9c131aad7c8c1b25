/** The thread of the hostile clients: told where and how long, says when done. */

/// <reference lib="deno.worker" />

import { hostileClient, MISBEHAVIOURS } from "./clients.ts";
import type { SoakOptions } from "./soak.ts";

self.onmessage = async (
  { data }: MessageEvent<SoakOptions & { readonly port: number }>,
) => {
  const target = {
    port: data.port,
    until: performance.now() + data.seconds * 1000,
  };
  const clients: Promise<void>[] = [];
  for (const misbehave of Object.values(MISBEHAVIOURS)) {
    for (let n = 0; n < data.hostile; n++) {
      clients.push(hostileClient(target, misbehave));
    }
  }
  await Promise.all(clients);
  self.postMessage("done");
};
