/** `--open`: the page in the browser of whoever has started the program. */

import { failureReason } from "../../os_error.ts";

/** A program that opens a URL in the browser somebody has chosen. */
interface Opener {
  /** What it is called. */
  readonly program: string;
  /** What comes before the URL. */
  readonly args: readonly string[];
  /** Where it comes from, if it can be missing. */
  readonly origin?: string;
}

const DESKTOP: Opener = {
  program: "xdg-open",
  args: [],
  origin: "the package xdg-utils has it",
};

/** By operating system; a desktop of freedesktop.org where there is none. */
const OPENERS: Partial<Record<typeof Deno.build.os, Opener>> = {
  darwin: { program: "open", args: [] },
  // "start" is no program but a word of the shell.
  windows: { program: "rundll32", args: ["url.dll,FileProtocolHandler"] },
};

/** The program that opens a URL here. */
export function ownOpener(): Opener {
  return OPENERS[Deno.build.os] ?? DESKTOP;
}

/**
 * Opens `url` in the browser, which goes on when this program ends. Why it could
 * not be opened, `tell` hears, perhaps later: the server serves anyway.
 */
export function openBrowser(
  url: string,
  tell: (message: string) => void,
  { program, args, origin }: Opener = ownOpener(),
): void {
  const fail = (why: string) =>
    tell(`the browser was not opened: ${why}; the page is ${url}`);
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args, url],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      // A browser that it becomes must not be ended by Ctrl-C.
      detached: true,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      fail(`that needs "${program}" and --allow-run=${program}`);
    } else if (error instanceof Deno.errors.NotFound) {
      fail(
        `there is no "${program}"` +
          (origin === undefined ? "" : ` (${origin})`),
      );
    } else fail(`"${program}" failed (${failureReason(error)})`);
    return;
  }
  child.unref();
  child.status.then(({ code, success }) => {
    if (!success) fail(`"${program}" ended with status ${code}`);
  });
}
