/**
 * `deno task compile`: one executable that holds the program and Deno, so that
 * nothing has to be installed where it runs, and nothing is fetched there.
 */

import { fromFileUrl } from "@std/path";
import { Compiler } from "./compiler.ts";
import { CompileUsageError, type Order, parseOrder } from "./targets.ts";

const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

function say(text: string): void {
  console.error(`compile: ${text}`);
}

/** A size for a person. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Makes the executables and returns how many could not be made. */
async function makeAll({ jobs, base }: Order): Promise<number> {
  const ownBase = Deno.env.get("DENORT_BIN");
  if (ownBase !== undefined && jobs.length > 1) {
    throw new CompileUsageError(
      "DENORT_BIN is the base for one target: name it with --target",
    );
  }
  if (ownBase !== undefined && base === "npm") {
    throw new CompileUsageError(
      "DENORT_BIN and --base=npm both say what the base is: leave out one",
    );
  }
  const compiler = new Compiler({ project: PROJECT, base, ownBase, say });
  await compiler.bundle();
  let failures = 0;
  for (const job of jobs) {
    try {
      const { bytes } = await compiler.make(job);
      say(`${job.output} for ${job.triple}, ${megabytes(bytes)}`);
    } catch (error) {
      failures++;
      say(`${job.output} was not made: ${(error as Error).message}`);
    }
  }
  return failures;
}

/** Does what the command line says and returns the exit status. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await makeAll(parseOrder(args, Deno.build.target)) === 0 ? 0 : 1;
  } catch (error) {
    say((error as Error).message);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
