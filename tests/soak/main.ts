/** `deno task soak [--seconds N]`: a soak of 60 s by default, in numbers. */

import { parseArgs } from "@std/cli/parse-args";
import { soak } from "./soak.ts";

const args = parseArgs(Deno.args, { string: ["seconds"] }) as {
  seconds?: string;
};
const seconds = Number(args.seconds ?? 60);
const report = await soak({ seconds, good: 20, hostile: 10 });
const { results, before, during, after } = report;

console.log(`${seconds} s, 20 good clients, 10 hostile ones of each kind`);
console.log(
  `good answers ${results.answers}, errors ${results.errors.length}; ` +
    `latency p50 ${report.p50.toFixed(1)} ms, p99 ${
      report.p99.toFixed(1)
    } ms, worst ${report.worst.toFixed(1)} ms`,
);
for (const [name, state] of Object.entries({ before, during, after })) {
  console.log(
    `${name}: ${state.connections} connections, ${state.descriptors} ` +
      `descriptors, heap ${state.heapMb} MB, buffers ${state.externalMb} MB, ` +
      `resident ${state.memoryMb} MB`,
  );
}
for (const line of [...results.errors.slice(0, 5), ...report.logged]) {
  console.error(line);
}
Deno.exit(results.errors.length + report.logged.length > 0 ? 1 : 0);
