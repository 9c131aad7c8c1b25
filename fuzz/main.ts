/**
 * `deno task fuzz [--seconds N] [--target NAME] [--seed N]`: fuzzes for as
 * long as asked (60 s). With a seed it runs that one input, as a failure
 * prints it.
 */

import { parseArgs } from "@std/cli/parse-args";
import { Random } from "./random.ts";
import { TARGETS } from "./targets.ts";

const args = parseArgs(Deno.args, {
  string: ["seconds", "target", "seed"],
}) as { seconds?: string; target?: string; seed?: string };

const names = args.target === undefined ? Object.keys(TARGETS) : [args.target];
const targets = names.map((name) => {
  const target = TARGETS[name];
  if (target !== undefined) return [name, target] as const;
  console.error(
    `no target "${name}", expected ${Object.keys(TARGETS).join(", ")}`,
  );
  Deno.exit(1);
});

if (args.seed !== undefined) {
  for (const [, target] of targets) target(new Random(Number(args.seed)));
  console.log("holds");
  Deno.exit(0);
}

const until = performance.now() + Number(args.seconds ?? 60) * 1000;
let seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
let runs = 0;
console.log(`first seed ${seed}`);
while (performance.now() < until) {
  for (const [name, target] of targets) {
    try {
      target(new Random(seed));
    } catch (error) {
      console.error(`deno task fuzz --target ${name} --seed ${seed}`);
      console.error(error);
      Deno.exit(1);
    }
    runs++;
  }
  seed = (seed + 1) >>> 0;
}
console.log(`${runs} runs, every invariant held`);
