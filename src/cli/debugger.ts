/**
 * Deno opens a debugger on 127.0.0.1:9229 when it gets `USR1`, as Node does,
 * and has no option against it (2.9.6). Here `USR1` means that logs are to be
 * opened again, and whoever reaches a debugger can make the program do
 * anything. So it is closed, which needs no permission.
 */

import { close } from "node:inspector";

/**
 * When it is tried, in ms from the signal: it opens some 2 ms later, after
 * whatever else the program is busy with.
 */
const TRIES_MS = [0, 1, 2, 3, 5, 10, 20, 50, 100, 250, 500, 1000, 3000];

/** Closes the debugger, now and in the next seconds. */
export function closeDebugger(): void {
  for (const ms of TRIES_MS) Deno.unrefTimer(setTimeout(tryToClose, ms));
}

function tryToClose(): void {
  try {
    close();
  } catch {
    // A runtime without a debugger: a compiled program.
  }
}
