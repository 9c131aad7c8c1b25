/** `webserv DIR`: the configuration of a server that is made of arguments. */

import { resolve } from "@std/path/resolve";
import type { Statement } from "../config/syntax/parser.ts";
import type { ConfigurationSource } from "../server/setup/configuration.ts";
import { parseAddress } from "../server/setup/process_settings.ts";
import { type Arguments, UsageError } from "./arguments.ts";

/** Where a folder is served when nothing is said. */
const DEFAULT_LISTEN = "8080";

/** The place of everything that the command line says. */
const PLACE = { file: "command line", line: 1 };

function say(name: string, ...args: string[]): Statement {
  return { name, args, place: PLACE };
}

function block(
  name: string,
  args: readonly string[],
  statements: readonly Statement[],
): Statement {
  return { name, args, place: PLACE, block: statements };
}

/**
 * `--spa`: a path that is no file is a view of the application. One with an
 * extension is not: a missing script must not be answered with a page.
 */
const SPA: readonly Statement[] = [
  block("location", ["/"], [say("try_files", "$uri", "$uri/", "/index.html")]),
  block("location", ["~", "\\.[^/.]+$"], []),
];

/** What scripts may read of an answer: everything. */
const EXPOSED = "*, Accept-Ranges, Content-Encoding, Content-Length, " +
  "Content-Range, Date, ETag";

/** `--cors`: scripts of every origin may read, and ask before (preflight). */
const CORS: readonly Statement[] = [
  say("add_header", "Access-Control-Allow-Origin", "*", "always"),
  say("add_header", "Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
  say("add_header", "Access-Control-Allow-Headers", "*"),
  // Named too, because old browsers do not know the asterisk.
  say("add_header", "Access-Control-Expose-Headers", EXPOSED, "always"),
];

/** @throws {UsageError} when there is no such folder */
function checkedFolder(folder: string): string {
  const root = resolve(folder);
  let isDirectory = false;
  try {
    isDirectory = Deno.statSync(root).isDirectory;
  } catch {
    throw new UsageError(
      folder.includes("\ufffd")
        ? `there is no folder "${folder}": a name has to be UTF-8`
        : `there is no folder "${folder}"`,
    );
  }
  if (!isDirectory) throw new UsageError(`"${folder}" is not a folder`);
  return root;
}

/**
 * Where to listen. A port alone is that of every address, so that `localhost`
 * finds it by `::1` and by `127.0.0.1`; nginx's is that of IPv4.
 *
 * @throws {UsageError} when it is no address
 */
function listenStatements(listen: string): Statement[] {
  try {
    parseAddress(listen, PLACE);
  } catch {
    throw new UsageError(
      `invalid option: "-l ${listen}", expected [address:]port`,
    );
  }
  if (!/^\d+$/.test(listen)) return [say("listen", listen)];
  // Two of them would be given different ports.
  if (Number(listen) === 0) return [say("listen", "[::]:0", "ipv6only=off")];
  return [say("listen", listen), say("listen", `[::]:${listen}`)];
}

/**
 * The configuration that serves `folder` as the arguments say.
 *
 * @throws {UsageError} when the folder or the address is none
 */
export function folderSource(
  args: Arguments,
  folder: string,
): ConfigurationSource {
  const root = checkedFolder(folder);
  const server = block("server", [], [
    ...listenStatements(args.listen ?? DEFAULT_LISTEN),
    // Relative to the prefix: in an argument `$` would begin a variable.
    say("root", "."),
    // A container's or a tunnel's port is not the one that clients know.
    say("absolute_redirect", "off"),
    say("autoindex", args.autoindex ? "on" : "off"),
    say("access_log", "/dev/stdout"),
    ...(args.cors ? CORS : []),
    ...(args.spa ? SPA : []),
  ]);
  return {
    file: PLACE.file,
    statements: [server],
    prefix: root,
    globals: args.globals,
  };
}
