/** What the process has used of the machine; every thread may ask. */

import process from "node:process";
import type { StatisticsSnapshot } from "../../core/statistics.ts";

/** What is told of the process. */
export interface ProcessUsage {
  /** Time of processors, of the program and of the system for it, in s. */
  readonly processorSeconds: number;
  /** Open descriptors; `undefined` where the runtime may not look. */
  readonly openDescriptors: number | undefined;
}

/** Microseconds of a second. */
const MICROSECONDS = 1e6;

/** What is used now, where `now` is what the server knows of itself. */
export function processUsage(now: StatisticsSnapshot): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return {
    processorSeconds: (user + system) / MICROSECONDS,
    openDescriptors: now.openDescriptors || undefined,
  };
}
