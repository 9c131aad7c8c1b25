/** A short run of every fuzz target. The seed is printed when one fails. */

import { Random } from "../../fuzz/random.ts";
import { TARGETS } from "../../fuzz/targets.ts";

/** Inputs per target. */
const RUNS = 3000;

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test(`fuzz ${name} holds for ${RUNS} random inputs`, () => {
    const first = crypto.getRandomValues(new Uint32Array(1))[0]!;
    for (let run = 0; run < RUNS; run++) {
      const seed = (first + run) >>> 0;
      try {
        target(new Random(seed));
      } catch (error) {
        throw new Error(`deno task fuzz --target ${name} --seed ${seed}`, {
          cause: error,
        });
      }
    }
  });
}
