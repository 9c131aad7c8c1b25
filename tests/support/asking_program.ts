/** The program, with workers that say what they may when they begin to serve. */

import { parseArguments } from "../../src/cli/arguments.ts";
import { serve } from "../../src/cli/serve.ts";

const worker = new URL("./asking_worker.ts", import.meta.url);
Deno.exit(await serve(parseArguments(Deno.args), worker));
