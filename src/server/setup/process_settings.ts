/**
 * What the command line asks of a configuration. The directives themselves
 * belong to the modules, which the command line does not know.
 */

import type { Level } from "../../logging/level.ts";
import type { SourcePlace } from "../../config/errors.ts";
import {
  executableUpgradeDirective,
  pidDirective,
  userDirective,
  type UserSetting,
} from "../../core/settings/core.ts";
import { errorLogDirective } from "../../core/settings/error_log.ts";
import type { WrittenFile } from "../../core/settings/log_path.ts";
import type { PermissionName } from "../../core/module.ts";
import type { NamedFile } from "../../core/server_tls.ts";
import { defaultRoot, rootDirective } from "../../core/settings/root.ts";
import { resolve } from "@std/path/resolve";
import type { Configuration, Generation } from "./configuration.ts";
import type { ListenerPlan } from "./listener_plan.ts";

export {
  addressText,
  parseAddress,
} from "../../core/settings/listen_address.ts";
export type { PermissionName } from "../../core/module.ts";
export { isLogFile, type WrittenFile } from "../../core/settings/log_path.ts";

/** An error log that the configuration names. */
export interface ConfiguredErrorLog extends WrittenFile {
  /** The least severe level that it takes. */
  readonly level: Level;
}

/** Where the number of the process is written. */
export function pidFileOf({ main, source }: Configuration): WrittenFile {
  const place = main.placeOf(pidDirective);
  return {
    path: resolve(source.prefix, main.get(pidDirective)),
    place: place ?? main.place,
    isDefault: place === undefined,
  };
}

/** Whether a signal may start the program anew. */
export function upgradesOf({ main }: Configuration): boolean {
  return main.get(executableUpgradeDirective);
}

/** Whom the server is to become, if that is said. */
export function userOf(
  { main }: Configuration,
): UserSetting & { readonly place: SourcePlace } | undefined {
  const setting = main.get(userDirective);
  return setting && {
    ...setting,
    place: main.placeOf(userDirective) ?? main.place,
  };
}

/** The error logs of the whole process: those outside of `http`. */
export function errorLogsOf(
  { main }: Configuration,
): readonly ConfiguredErrorLog[] {
  return main.get(errorLogDirective);
}

/** The error logs of requests alone: those of `http` and what is in it. */
export function innerErrorLogsOf(
  { main }: Configuration,
): readonly ConfiguredErrorLog[] {
  return [...main.descendants()]
    .flatMap((scope) => scope.own(errorLogDirective) ?? []);
}

/** The access logs of the servers, each one once. */
export function accessLogsOf(
  { modules, main, environment }: Generation,
): string[] {
  const paths = modules.flatMap((module) =>
    module.accessLogs?.(main, environment) ?? []
  );
  return [...new Set(paths)];
}

/** What modules tell of a configuration that is right. */
export function toldOf({ modules, main, source }: Configuration): string[] {
  const { prefix } = source;
  return modules.flatMap((module) =>
    module.tells?.(main, (path) => resolve(prefix, path)) ?? []
  );
}

/** The files of modules that every reload reads again. */
export function readFilesOf({ modules, main }: Generation): NamedFile[] {
  return modules.flatMap((module) => module.reads?.(main) ?? []);
}

/** The folders that modules make files in while they serve. */
export function keptFoldersOf(
  { modules, main, environment }: Generation,
): string[] {
  return modules.flatMap((module) => module.keeps?.(main, environment) ?? []);
}

/** Loads the code that modules will need on this thread. */
export async function loadCode(
  { modules, main }: Configuration,
): Promise<void> {
  for (const module of modules) await module.load?.(main);
}

/** What the modules must still be allowed to do while they serve. */
export function permissionsOf(
  { modules, main, environment }: Generation,
): ReadonlySet<PermissionName> {
  return new Set(
    modules.flatMap((module) => module.permissions?.(main, environment) ?? []),
  );
}

/**
 * The root of the first server of a listener: its own, or the default one if
 * there is such a folder.
 */
export function rootOf(
  { group, ipv4, groups }: ListenerPlan,
  { environment }: Generation,
): string | undefined {
  const [first] = [group, ipv4, ...groups.values()]
    .filter((each) => each !== undefined);
  const own = first?.fallback.scope.get(rootDirective);
  if (own !== undefined) return own.path;
  const { path } = defaultRoot(environment.resolvePath);
  return isFolder(path) ? path : undefined;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
