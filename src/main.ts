/** Entry: reads the command line and hands over to a command. */

import { type Arguments, parseArguments } from "./cli/arguments.ts";
import {
  sendSignal,
  showConfiguration,
  showVersion,
  testConfiguration,
} from "./cli/commands.ts";
import { UsageError } from "./cli/usage_error.ts";
import { describeError, report } from "./cli/report.ts";
import { serve } from "./cli/serve.ts";
import {
  type TakeOver,
  takeOverOf,
  withoutTakeOver,
} from "./cli/upgrade/take_over.ts";

/** What threads of workers run: it is beside this module, also in a bundle. */
const WORKER_MODULE = new URL(
  import.meta.url.replace(/[^/]*(\.[jt]s)$/, "worker$1"),
);

/**
 * The words that do something else than to serve. What they need is loaded when
 * they are said: no start waits for it.
 */
const COMMANDS = {
  completions: async () => {
    const { printCompletions } = await import(
      "./cli/completions/completions.ts"
    );
    return printCompletions;
  },
  explain: async () => {
    const { explainRequest } = await import("./cli/explain.ts");
    return explainRequest;
  },
  probe: async () => {
    const { probe } = await import("./cli/probe/probe.ts");
    return probe;
  },
} as const satisfies Record<
  string,
  () => Promise<(words: readonly string[]) => number | Promise<number>>
>;

/** Does what the command line says and returns the exit status. */
async function main(given: readonly string[]): Promise<number> {
  const words = withoutTakeOver(given);
  try {
    const [first = "", ...rest] = words;
    if (!Object.hasOwn(COMMANDS, first)) {
      return await run(parseArguments(words), takeOverOf(given));
    }
    const command = await COMMANDS[first as keyof typeof COMMANDS]();
    return await command(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`webserv: ${error.message}`);
    } else {
      report("emerg", describeError(error));
    }
    return 1;
  }
}

async function run(
  args: Arguments,
  takeOver: TakeOver | undefined,
): Promise<number> {
  switch (args.command) {
    case "help": {
      const { usage } = await import("./cli/options/usage.ts");
      console.log(usage());
      return 0;
    }
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
      return serve(args, WORKER_MODULE, takeOver);
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
