/** How the program is run from source: as `deno task start` runs it. */

import { fromFileUrl, join } from "@std/path";

/** The folder of the project. */
const PROJECT = fromFileUrl(new URL("../../", import.meta.url));

/** The arguments to Deno that run it: the flags of the `start` task. */
export function programArguments(): string[] {
  const config = join(PROJECT, "deno.json");
  const { tasks } = JSON.parse(Deno.readTextFileSync(config));
  const words: string[] = tasks.start.command.split(" ");
  const flags = words.slice(2).filter((word) => word.startsWith("-"));
  return ["run", `--config=${config}`, ...flags, join(PROJECT, "src/main.ts")];
}
