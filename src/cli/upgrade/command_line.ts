/** How this program was started, so that it can be started once more. */

import { failureReason } from "../../os_error.ts";
import { withoutTakeOver } from "./take_over.ts";

/** A program and what it is told. */
export interface CommandLine {
  /** As it was named: a link or a name of `PATH` may lead elsewhere by now. */
  readonly program: string;
  /** What comes before {@linkcode words}: the flags of the runtime. */
  readonly flags: readonly string[];
  /** The arguments of the program itself. */
  readonly words: readonly string[];
}

/**
 * The command line of this process. The runtime tells its own part to nobody,
 * and keeps `/proc` from programs with less than all permissions, so another
 * one is asked.
 *
 * @throws {Error} when that cannot be known
 */
export async function ownCommandLine(): Promise<CommandLine> {
  const path = `/proc/${Deno.pid}/cmdline`;
  const { stdout } = await new Deno.Command("cat", {
    args: [path],
    stdin: "null",
  }).output().catch((error) => {
    throw new Error(
      `"cat ${path}" cannot be run (${failureReason(error)}): it tells how ` +
        "this process was started; put the folder of cat into PATH",
      { cause: error },
    );
  });
  return splitCommandLine(new TextDecoder().decode(stdout), Deno.args);
}

/**
 * The parts of a command line whose words end with zeros; `own` are the
 * arguments of the program itself.
 *
 * @throws {Error} when `own` is not its end
 */
export function splitCommandLine(
  text: string,
  own: readonly string[],
): CommandLine {
  const words = text.split("\0").slice(0, -1);
  const at = words.length - own.length;
  const [program, ...flags] = words.slice(0, Math.max(at, 0));
  const isOwn = own.every((word, index) => word === words[at + index]);
  if (program === undefined || !isOwn) {
    throw new Error("the command line of this process cannot be read");
  }
  return { program, flags, words: withoutTakeOver(own) };
}
