/** Counts in a zone, on a thread of its own. */

import { SharedZone } from "../../src/core/zones.ts";

interface Job {
  readonly memory: SharedArrayBuffer;
  readonly times: number;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Job>) => void;
  postMessage(message: string): void;
};

scope.onmessage = ({ data: { memory, times } }) => {
  const zone = new SharedZone(memory, 1);
  const counts = new Uint32Array(memory, 16, 1);
  for (let i = 0; i < times; i++) zone.locked(() => counts[0]!++);
  scope.postMessage("done");
};
