/** The flags of `deno task bench`. */

import { parseArgs } from "@std/cli/parse-args";

/** What the command line asks for. */
export interface BenchOptions {
  /** How often every server takes its turn at every workload. */
  readonly rounds: number;
  /** How long one measurement lasts, in seconds. */
  readonly seconds: number;
  /** The workloads to run, by name; empty for all. */
  readonly only: readonly string[];
  /** The servers to run, by name; empty for the usual ones. */
  readonly servers: readonly string[];
  /** The folder that the report, the chart and the raw numbers go to. */
  readonly out: string;
  /** Whether memory is looked at instead of speed. */
  readonly memory: boolean;
  /** How many million requests the memory check sends. */
  readonly millions: number;
  /** How many connections the memory check opens and closes. */
  readonly connections: number;
  /** Whether only the names of workloads and servers are wanted. */
  readonly list: boolean;
}

/** The text of `--help`. */
export const USAGE = `Usage: deno task bench [options]

  --rounds N          turns of every server at every workload (default 5)
  --seconds S         length of one measurement (default 5)
  --only a,b          only these workloads; "name+log" is one with access log
  --servers a,b       only these servers, in this order
  --out DIR           where report.md, chart.svg and results.json go
                      (default dist/bench)
  --memory            look at memory instead of speed
  --millions N        million requests of the memory check (default 10)
  --connections N     connections of the memory check (default 1000000)
  --list              show the names of workloads and servers
`;

/** A command line that cannot be understood. */
export class UsageError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "UsageError";
}

const NUMBERS = ["rounds", "seconds", "millions", "connections"];
const LISTS = ["only", "servers"];
const FLAGS = ["memory", "list", "help"];

/**
 * Understands the command line; `undefined` when it asks for help.
 *
 * @throws {UsageError} for an unknown flag or a number that is none
 */
export function parseOptions(
  words: readonly string[],
): BenchOptions | undefined {
  const values = parseArgs([...words], {
    string: [...NUMBERS, ...LISTS, "out"],
    boolean: FLAGS,
    default: {
      rounds: "5",
      seconds: "5",
      millions: "10",
      connections: "1000000",
      out: "dist/bench",
      only: "",
      servers: "",
    },
    unknown: (word: string) => {
      throw new UsageError(`unknown argument "${word}"`);
    },
  }) as Record<string, string | boolean>;
  if (values["help"] === true) return undefined;
  const number = (name: string) => positive(name, String(values[name]));
  const names = (name: string) =>
    String(values[name]).split(",").map((word) => word.trim()).filter(Boolean);
  return {
    rounds: Math.ceil(number("rounds")),
    seconds: number("seconds"),
    only: names("only"),
    servers: names("servers"),
    out: String(values["out"]),
    memory: values["memory"] === true,
    millions: number("millions"),
    connections: number("connections"),
    list: values["list"] === true,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value) || value <= 0) {
    throw new UsageError(`--${name} needs a number above 0, not "${text}"`);
  }
  return value;
}
