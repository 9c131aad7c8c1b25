/**
 * Whether a configuration could be served, found out without serving it: all
 * that a start would find wrong, and nothing is made or left behind.
 */

import { ConfigError } from "../../config/errors.ts";
import type { FaultList } from "../../config/fault_list.ts";
import type { LogSink } from "../../logging/log_sink.ts";
import { checkWritable } from "../../logging/writable_path.ts";
import { openFault } from "../../core/settings/log_path.ts";
import { checkAddress } from "../../net/listener.ts";
import { bindFault, isInUse } from "../bind_fault.ts";
import { takesIpv4 } from "../listeners.ts";
import { type Configuration, prepareGeneration } from "./configuration.ts";
import type { ListenerPlan } from "./listener_plan.ts";
import type { Plan } from "./plan.ts";
import { pidFileOf, type WrittenFile } from "./process_settings.ts";

/** How often an address that is in use is tried, and the pause, in ms. */
const BIND_TRIES = 5;
const BIND_PAUSE_MS = 20;

/** What {@linkcode checkStart} needs beside the configuration. */
export interface PreflightOptions {
  /** Takes what is wrong. */
  readonly faults: FaultList;
  /** The error logs of the whole process. */
  readonly errorLogs: readonly WrittenFile[];
  /**
   * Whether a server of this configuration runs already: then its addresses
   * are in use, and rightly so.
   */
  readonly isRunning: boolean;
  /** Says something at `warn` level. */
  warn(message: string): void;
}

/** Adds to `faults` what would keep `configuration` from being served. */
export async function checkStart(
  configuration: Configuration,
  { faults, errorLogs, isRunning, warn }: PreflightOptions,
): Promise<void> {
  const hasPid = configuration.source.statements === undefined;
  checkWrittenFiles(
    errorLogs,
    hasPid ? pidFileOf(configuration) : undefined,
    faults,
  );
  const { plan, environment } = prepareGeneration(
    configuration,
    warn,
    { openLog: checkedSink, faults },
  );
  await environment.logs.close();
  await checkAddresses(plan, isRunning, faults);
}

/** Adds to `faults` which files of the whole process could not be written. */
export function checkWrittenFiles(
  errorLogs: readonly WrittenFile[],
  pid: WrittenFile | undefined,
  faults: FaultList,
): void {
  for (const file of errorLogs) {
    faults.attempt(() => checkFile("error_log", file));
  }
  if (pid !== undefined) faults.attempt(() => checkFile("pid", pid));
}

/** @throws {ConfigError} when a file could not be written */
function checkFile(name: string, file: WrittenFile): void {
  try {
    checkWritable(file.path);
  } catch (error) {
    throw openFault(name, file, error);
  }
}

/** A log that takes everything and writes nothing. */
export const NO_SINK: LogSink = {
  write: (bytes) => Promise.resolve(bytes.length),
  writeSync: (bytes) => bytes.length,
  close: () => {},
};

/** That one, if the log could be opened. */
function checkedSink(path: string): LogSink {
  checkWritable(path);
  return NO_SINK;
}

/** Binds every address for a moment, but Unix sockets, which have a file. */
async function checkAddresses(
  { listeners }: Pick<Plan, "listeners">,
  isRunning: boolean,
  faults: FaultList,
): Promise<void> {
  for (const listener of listeners) {
    const error = await bindError(listener, isRunning ? 1 : BIND_TRIES);
    if (error === undefined || (isRunning && isInUse(error))) continue;
    const fault = bindFault(error, listener);
    if (!(fault instanceof ConfigError)) throw error;
    faults.add(fault);
  }
}

/** Another test that runs now has an address no longer than a moment. */
async function bindError(
  plan: ListenerPlan,
  tries: number,
): Promise<unknown> {
  const { hostname, port, path, native } = plan;
  try {
    checkAddress({
      hostname,
      port,
      path,
      native,
      backlog: 1,
      takesIpv4: takesIpv4(plan),
    });
    return undefined;
  } catch (error) {
    if (!isInUse(error) || tries === 1) return error;
    await new Promise((resolve) => setTimeout(resolve, BIND_PAUSE_MS));
    return await bindError(plan, tries - 1);
  }
}
