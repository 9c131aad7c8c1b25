/** What the process has used of the machine; every thread may ask. */

import process from "node:process";

/** What is told of the process. */
export interface ProcessUsage {
  /** Time of processors, of the program and of the system for it, in s. */
  readonly processorSeconds: number;
  /** Open descriptors; `undefined` where the runtime may not look. */
  readonly openDescriptors: number | undefined;
}

/** Microseconds of a second. */
const MICROSECONDS = 1e6;

/** What is used now. */
export function processUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return {
    processorSeconds: (user + system) / MICROSECONDS,
    openDescriptors: openDescriptors(),
  };
}

/** Linux lists them; Deno lets nobody see that without `--allow-all`. */
function openDescriptors(): number | undefined {
  try {
    // One of them is for reading the list.
    return [...Deno.readDirSync("/proc/self/fd")].length - 1;
  } catch {
    return undefined;
  }
}
