/** Entry: reads the command line and hands over to a command. */

import { type Arguments, parseArguments, USAGE } from "./cli/arguments.ts";
import {
  sendSignal,
  showConfiguration,
  showVersion,
  testConfiguration,
} from "./cli/commands.ts";
import { UsageError } from "./cli/usage_error.ts";
import { describeError, report } from "./cli/report.ts";
import { serve } from "./cli/serve.ts";

/** What threads of workers run: it is beside this module, also in a bundle. */
const WORKER_MODULE = new URL(
  import.meta.url.replace(/[^/]*(\.[jt]s)$/, "worker$1"),
);

/** Does what the command line says and returns the exit status. */
async function main(words: readonly string[]): Promise<number> {
  try {
    if (words[0] === "explain") {
      const { explainRequest } = await import("./cli/explain.ts");
      return await explainRequest(words.slice(1));
    }
    return await run(parseArguments(words));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`webserv: ${error.message}`);
    } else {
      report("emerg", describeError(error));
    }
    return 1;
  }
}

function run(args: Arguments): Promise<number> | number {
  switch (args.command) {
    case "help":
      console.log(USAGE);
      return 0;
    case "version":
      return showVersion();
    case "configuration":
      return showConfiguration();
    case "signal":
      return sendSignal(args, args.signal!);
    case "test":
    case "dump":
      return testConfiguration(args);
    case "serve":
      return serve(args, WORKER_MODULE);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
