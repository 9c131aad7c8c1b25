/** `webserv DIR`: the configuration of a server that is made of arguments. */

import { resolve } from "@std/path/resolve";
import type { Statement } from "../../config/syntax/parser.ts";
import type { ConfigurationSource } from "../../server/setup/configuration.ts";
import type { Arguments } from "../arguments.ts";
import { wishedAddress } from "./address.ts";
import { authorityStatements, selfMadeStatements } from "./https_servers.ts";
import { isPreview, previewStatements } from "./preview.ts";
import {
  ACCESS_LOG,
  block,
  listenStatements,
  PLACE,
  say,
  WATCHED_LOG,
} from "./statements.ts";
import { UsageError } from "../usage_error.ts";

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
  // Only a preflight has that field; the answer after it says what is missing.
  block("if", ["($http_access_control_request_method)"], [
    say("return", "204"),
  ]),
];

/** What to do about a name that the runtime cannot say. */
const NOT_UTF8 = "a name has to be UTF-8; a symbolic link may lead to any";

/** @throws {UsageError} when there is no such folder */
function checkedFolder(folder: string): string {
  if (folder === "") {
    throw new UsageError(
      'the folder to serve has no name: for the current one write "."',
    );
  }
  let root: string;
  try {
    root = resolve(folder);
  } catch {
    throw new UsageError(
      `the current folder, of which "${folder}" is a part, has no path that ` +
        `can be used: ${NOT_UTF8}`,
    );
  }
  let isDirectory = false;
  try {
    isDirectory = Deno.statSync(root).isDirectory;
  } catch {
    throw new UsageError(
      folder.includes("\ufffd")
        ? `there is no folder "${folder}": ${NOT_UTF8}`
        : `there is no folder "${folder}"`,
    );
  }
  if (!isDirectory) {
    throw new UsageError(
      `"${folder}" is not a folder: expected one, or -c before the name of a ` +
        "configuration",
    );
  }
  return root;
}

/**
 * The configuration that serves `folder` as the arguments say.
 *
 * @throws {UsageError} when the folder or an address is none
 */
export function folderSource(
  args: Arguments,
  folder: string,
): ConfigurationSource {
  const root = checkedFolder(folder);
  const content = [
    // Relative to the prefix: in an argument `$` would begin a variable.
    say("root", "."),
    // A container's or a tunnel's port is not the one that clients know.
    say("absolute_redirect", "off"),
    isPreview(args) ? WATCHED_LOG : ACCESS_LOG,
    ...(args.cors ? CORS : []),
    ...previewStatements(args),
  ];
  return {
    file: PLACE.file,
    statements: statementsFor(args, content),
    prefix: root,
    globals: args.globals,
  };
}

/** The servers of `content`, and what goes with them. */
function statementsFor(
  args: Arguments,
  content: readonly Statement[],
): Statement[] {
  const { https } = args;
  const listen = wishedAddress(args);
  const option = args.listen === undefined ? "--host" : "-l";
  switch (https?.kind) {
    case undefined:
      return [
        block("server", [], [
          ...listenStatements(option, listen!),
          ...content,
        ]),
      ];
    case "self-made":
      return selfMadeStatements(https, listen!, content);
    case "authority":
      return authorityStatements(https, listen, content);
  }
}
