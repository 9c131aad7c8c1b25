/**
 * What a server costs: CPU seconds and resident memory of the whole process
 * tree (proc(5)), and how busy its core was, with others on it or without.
 */

import { cat, childrenOf } from "./processes.ts";

/** Clock ticks per second in `/proc`: fixed in the interface of Linux. */
const TICKS_PER_SECOND = 100;

const KIB = 1024;

/** Memory of a process tree, in bytes. */
export interface Memory {
  /** What is resident now. */
  readonly now: number;
  /** The sum of the peaks of its processes. */
  readonly peak: number;
}

/** How a core has spent its time since the system started, in seconds. */
export interface CoreTime {
  /** Time in which it did anything. */
  readonly busy: number;
  /** Time spent in processes; interrupts and softirqs are left out. */
  readonly inProcesses: number;
  /** All time. */
  readonly total: number;
}

/** A process and all that descend from it. */
export async function processTree(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const below = await Promise.all(children.map(processTree));
  return [pid, ...below.flat()];
}

/**
 * CPU time in seconds from one line of `/proc/PID/stat`: user and system time
 * of the process and of the children it has waited for.
 */
export function cpuOfStat(line: string): number {
  // The second field is the command in parentheses and may hold anything.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).map(Number);
  return ticks.reduce((sum, n) => sum + n, 0) / TICKS_PER_SECOND;
}

/** CPU seconds of the processes `pids`. */
export async function cpuSeconds(pids: readonly number[]): Promise<number> {
  const text = await cat(...pids.map((pid) => `/proc/${pid}/stat`));
  return text.trim().split("\n").map(cpuOfStat)
    .reduce((sum, seconds) => sum + seconds, 0);
}

/** Memory of the processes `pids`. */
export async function memory(pids: readonly number[]): Promise<Memory> {
  const text = await cat(...pids.map((pid) => `/proc/${pid}/status`));
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}:\\s+(\\d+) kB$`, "gm"))]
      .reduce((total, match) => total + Number(match[1]) * KIB, 0);
  return { now: sum("VmRSS"), peak: sum("VmHWM") };
}

/** The times of `core` from `/proc/stat`. */
export function coreTimeOf(text: string, core: number): CoreTime {
  const line = text.split("\n").find((l) => l.startsWith(`cpu${core} `)) ?? "";
  const seconds = line.split(" ").slice(1, 9)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0] = seconds;
  const total = seconds.reduce((sum, n) => sum + n, 0);
  return {
    busy: total - idle - iowait,
    inProcesses: user + nice + system,
    total,
  };
}

/** What a core has done between two looks at it. */
export type CoreSpan = readonly [before: CoreTime, after: CoreTime];

/** Share of the time of `spans` in which their cores did anything, 0 to 1. */
export function busyShare(spans: readonly CoreSpan[]): number {
  const grown = (key: keyof CoreTime) =>
    spans.reduce((sum, [before, after]) => sum + after[key] - before[key], 0);
  return grown("busy") / grown("total");
}

/**
 * The time that went to processes that are not ours on the cores of `spans`,
 * as a share of one core's time. It is known for all of them together, as
 * ours may move from one to another.
 */
export function strangersShare(
  spans: readonly CoreSpan[],
  oursSeconds: number,
): number {
  const inProcesses = spans.reduce(
    (sum, [before, after]) => sum + after.inProcesses - before.inProcesses,
    0,
  );
  const [before, after] = spans[0]!;
  return Math.max(0, inProcesses - oursSeconds) / (after.total - before.total);
}

/** The times of `core`. */
export async function coreTime(core: number): Promise<CoreTime> {
  return coreTimeOf(await cat("/proc/stat"), core);
}
