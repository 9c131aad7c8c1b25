/** What is wrong with a configuration, all of it, as a start would find it. */

import { finish } from "../config/steps.ts";
import { COMMAND_LINE, FaultList } from "../config/fault_list.ts";
import {
  type Configuration,
  type ConfigurationSource,
  readConfiguration,
} from "../server/setup/configuration.ts";
import { warnOfFolders } from "../server/setup/folder_check.ts";
import { checkStart } from "../server/setup/preflight.ts";
import {
  errorLogsOf,
  pidFileOf,
  userOf,
  type WrittenFile,
} from "../server/setup/process_settings.ts";
import { isRunning } from "./pid_file.ts";
import { accountFor, ownUser } from "./privileges.ts";

/** The place of `-e`. */
const COMMAND_LINE_PLACE = { file: COMMAND_LINE, line: 1 };

/** The error logs of the whole process; `errorLog` is that of `-e`. */
export function errorLogFiles(
  configuration: Configuration,
  errorLog: string | undefined,
): readonly WrittenFile[] {
  const own = errorLogsOf(configuration);
  if (own.length > 0 || errorLog === undefined) return own;
  return [{ path: errorLog, place: COMMAND_LINE_PLACE }];
}

/** What {@linkcode checkConfiguration} finds. */
export interface CheckResult {
  /** The configuration; good for being served if nothing is wrong. */
  readonly configuration: Configuration;
  /** What is wrong. */
  readonly faults: FaultList;
}

/**
 * Reads a configuration and looks for everything that would keep it from being
 * served. Nothing is made, and no server that runs notices.
 *
 * @throws {ConfigFileError} when the file cannot be read
 */
export async function checkConfiguration(
  source: ConfigurationSource,
  errorLog: string | undefined,
  warn: (message: string) => void,
): Promise<CheckResult> {
  const faults = new FaultList();
  const configuration = readConfiguration(source, warn, { faults });
  finish(warnOfFolders(configuration.main, warn));
  faults.attempt(() => accountFor(userOf(configuration), ownUser(), warn));
  await checkStart(configuration, {
    faults,
    errorLogs: errorLogFiles(configuration, errorLog),
    isRunning: isRunning(pidFileOf(configuration).path),
    warn,
  });
  return { configuration, faults };
}
