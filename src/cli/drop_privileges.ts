/** The moment in which root becomes somebody else. */

import { finish } from "../config/steps.ts";
import { log } from "../logging/logger.ts";
import { checkWritable } from "../logging/writable_path.ts";
import type {
  Configuration,
  Generation,
} from "../server/setup/configuration.ts";
import { warnOfFolders } from "../server/setup/folder_check.ts";
import {
  accessLogsOf,
  innerErrorLogsOf,
  isLogFile,
  keptFoldersOf,
  readFilesOf,
} from "../server/setup/process_settings.ts";
import { type Account, becomeUser, unreadable } from "./privileges.ts";

/** What is about to be served. */
export interface Serving {
  /** The configuration. */
  readonly configuration: Configuration;
  /** The same, compiled, with its logs open. */
  readonly generation: Generation;
  /** Where diagnostics go. */
  readonly targets: readonly { readonly path: string }[];
}

/**
 * Becomes `account`, and says at `warn` level what that means for reloads, and
 * what root could read and the user cannot.
 *
 * @throws {Error} as {@linkcode becomeUser}
 */
export function dropPrivileges(
  account: Account,
  { configuration, generation, targets }: Serving,
  warn: (message: string) => void,
): void {
  const logs = [
    ...[...targets, ...innerErrorLogsOf(configuration)].map(({ path }) => path),
    ...accessLogsOf(generation),
  ];
  const { user } = account;
  const { listeners } = generation.plan;
  const files = [
    ...logs.filter(isLogFile),
    ...listeners.flatMap(({ path }) => path ?? []),
  ];
  const folders = keptFoldersOf(generation);
  for (const what of becomeUser(account, files, folders)) warn(what);
  log.notice(`root has become "${user}", and so it reloads and opens logs`);
  finish(warnOfFolders(configuration.main, warn));
  for (const { path, address: { place } } of listeners) {
    if (path === undefined || hasWritableFolder(path)) continue;
    warn(
      `"${path}" stays behind at the end and keeps the next start from it: ` +
        `choose a folder where "${user}" may remove it in ` +
        `${place.file}:${place.line}`,
    );
  }
  for (const { path, place } of unreadable(readFilesOf(generation))) {
    warn(
      `"${path}" cannot be read as "${user}": a reload will fail, give it the ` +
        `right or restart instead in ${place.file}:${place.line}`,
    );
  }
}

/** Whether the folder of `path` is one where files can be made and removed. */
function hasWritableFolder(path: string): boolean {
  try {
    checkWritable(`${path}~`);
    return true;
  } catch {
    return false;
  }
}
