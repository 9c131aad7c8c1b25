/** A short run of every fuzz target. The seed is printed when one fails. */

import { Random } from "../../fuzz/random.ts";
import { fuzzServer } from "../../fuzz/http2_server.ts";
import { TARGETS } from "../../fuzz/targets.ts";

/** Sessions of HTTP/2 with a whole server. */
const SESSIONS = 320;

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

Deno.test(`a server holds for ${SESSIONS} random sessions of HTTP/2`, async () => {
  const first = crypto.getRandomValues(new Uint32Array(1))[0]!;
  await fuzzServer(first, (runs) => runs < SESSIONS);
});
