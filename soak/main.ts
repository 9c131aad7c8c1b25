/**
 * `deno task soak [--seconds N] [--workers N] [--use deno|epoll]
 * [--program PATH] [--seed N]`: a soak, of 60 s if nothing is said. Ends with status 1 when anything was wrong.
 */

import { parseOptions, type SoakArguments } from "./options.ts";
import { reportLines } from "./report.ts";
import { soak } from "./soak.ts";

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(
    signal,
    () => interrupted.abort(new Error(`ended by ${signal}`)),
  );
}

let options: SoakArguments;
try {
  options = parseOptions(
    Deno.args,
    crypto.getRandomValues(new Uint32Array(1))[0]!,
  );
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  console.error(error.message);
  Deno.exit(2);
}

try {
  const report = await soak({
    ...options,
    good: 20,
    hostile: 5,
    progress: (line) => console.log(line),
    problem: (text) => console.error(text),
    signal: interrupted.signal,
  });
  for (const line of reportLines(report)) console.log(line);
  Deno.exit(report.problemCount > 0 ? 1 : 0);
} catch (error) {
  console.error(`the soak with seed ${options.seed} failed:`, error);
  Deno.exit(1);
}
