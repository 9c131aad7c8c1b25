/** Where the configuration is, by the command line and nginx's rules. */

import { dirname, resolve } from "@std/path";
import type { Statement } from "../config/parser.ts";
import type { ConfigurationSource } from "../server/configuration.ts";
import { parseAddress } from "../server/settings.ts";
import { type Arguments, UsageError } from "./arguments.ts";

/** The configuration file that is looked for. */
const DEFAULT_FILE = "webserv.conf";

/** Where an installed server has its configuration. */
const SYSTEM_FILE = "/etc/webserv/webserv.conf";

/** The port of `webserv DIR`. */
const DEFAULT_FOLDER_LISTEN = "8080";

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
 * folder of the configuration file.
 *
 * @throws {UsageError} when the folder to serve is none
 */
export function locateConfiguration(args: Arguments): ConfigurationSource {
  if (args.folder !== undefined) return folderSource(args, args.folder);
  const { globals } = args;
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

/** `webserv DIR`: a server made of its arguments. */
function folderSource(args: Arguments, folder: string): ConfigurationSource {
  const root = resolve(folder);
  let isDirectory = false;
  try {
    isDirectory = Deno.statSync(root).isDirectory;
  } catch {
    throw new UsageError(`there is no folder "${folder}"`);
  }
  if (!isDirectory) throw new UsageError(`"${folder}" is not a folder`);
  const listen = args.listen ?? DEFAULT_FOLDER_LISTEN;
  const place = { file: "command line", line: 1 };
  try {
    parseAddress(listen, place);
  } catch {
    throw new UsageError(
      `invalid option: "-l ${listen}", expected [address:]port`,
    );
  }
  const say = (name: string, ...words: string[]): Statement => ({
    name,
    args: words,
    place,
  });
  const server: Statement = {
    name: "server",
    args: [],
    place,
    block: [
      say("listen", listen),
      say("root", root),
      say("autoindex", args.autoindex ? "on" : "off"),
      say("access_log", "/dev/stdout"),
    ],
  };
  return {
    file: "command line",
    statements: [server],
    prefix: root,
    globals: args.globals,
  };
}
