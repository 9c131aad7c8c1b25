/** Where the configuration is, by the command line and nginx's rules. */

import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import {
  isDescriptor,
  isStandardInput,
} from "../config/syntax/standard_input.ts";
import type { ConfigurationSource } from "../server/setup/configuration.ts";
import type { Arguments } from "./arguments.ts";
import { folderSource } from "./folder/folder_source.ts";

/** The configuration file that is looked for. */
const DEFAULT_FILE = "webserv.conf";

/** Where an installed server has its configuration. */
const SYSTEM_FILE = "/etc/webserv/webserv.conf";

/** What errors call the standard input. */
const STANDARD_INPUT = "/dev/stdin";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * The source of the configuration the arguments ask for. With `-p` a relative
 * `-c` is relative to the prefix, as in nginx; otherwise the prefix is the
 * folder of the configuration file, and the current one for an open descriptor.
 *
 * @throws {UsageError} when the folder to serve is none
 */
export function locateConfiguration(args: Arguments): ConfigurationSource {
  if (args.folder !== undefined) return folderSource(args, args.folder);
  const { globals } = args;
  if (args.file !== undefined && isDescriptor(args.file)) {
    const prefix = resolve(args.prefix ?? ".");
    const file = isStandardInput(args.file) ? STANDARD_INPUT : args.file;
    return { file, prefix, directory: prefix, globals };
  }
  if (args.prefix !== undefined) {
    const prefix = resolve(args.prefix);
    return {
      file: resolve(prefix, args.file ?? DEFAULT_FILE),
      prefix,
      globals,
    };
  }
  let file = resolve(args.file ?? DEFAULT_FILE);
  if (args.file === undefined && !exists(file) && exists(SYSTEM_FILE)) {
    file = SYSTEM_FILE;
  }
  return { file, prefix: dirname(file), globals };
}
