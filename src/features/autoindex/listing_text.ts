/**
 * `autoindex_header` and `autoindex_readme`: what a folder says of itself, in a
 * file of its own. It is shown as it is written: nothing in it is markup.
 */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { FileLocation } from "../../core/file_location.ts";
import type { FileEntry } from "../../files/cache/file_entry.ts";

/** How much of a file is shown, in bytes: a few screens. */
const MAX_SHOWN_BYTES = 32 * 1024;

/** The text of a file of a folder. */
export interface ListingText {
  /** The name of the file. */
  readonly name: string;
  /** Its text, or the beginning of it. */
  readonly text: string;
  /** Whether that is all of it. */
  readonly whole: boolean;
}

/** A directive that names files of a folder, the first of which is shown. */
function textDirective(
  name: string,
  where: string,
): Directive<readonly string[]> {
  return defineDirective<readonly string[]>({
    name,
    contexts: ["http", "server", "location"],
    args: [1, Infinity],
    default: [],
    summary:
      `The file of a folder whose text the page format shows ${where} the ` +
      "names: the first one there is.",
    syntax: "file ... | off",
    defaultText: "off",
    differs: "nginx has no such directive.",
    parse({ args, place }) {
      if (args.length === 1 && args[0] === "off") return [];
      const wrong = args.find((file) => /^$|[/\0]|^\.{1,2}$/.test(file));
      if (wrong !== undefined) {
        throw new ConfigError(
          `invalid file name "${wrong}" in "${name}" directive`,
          place,
          "expected a name in the folder itself, as in README.md",
        );
      }
      return args;
    },
  });
}

/** `autoindex_header file ... | off`. */
export const autoindexHeaderDirective: Directive<readonly string[]> =
  textDirective("autoindex_header", "above");

/** `autoindex_readme file ... | off`. */
export const autoindexReadmeDirective: Directive<readonly string[]> =
  textDirective("autoindex_readme", "below");

/**
 * The text of the first of `names` that is a file in the folder of the request,
 * looked up as any file there is; `undefined` if there is none, or it is no
 * text.
 */
export function listingText(
  files: FileLocation,
  exchange: Exchange,
  names: readonly string[],
): ListingText | undefined {
  for (const name of names) {
    const found = files.lookupIn(exchange, name);
    if (found.kind !== "file") continue;
    const bytes = beginningOf(found);
    if (bytes === undefined || bytes.includes(0)) return undefined;
    // A character that is cut in the middle waits for a rest that never comes.
    const text = new TextDecoder().decode(bytes, { stream: true });
    return { name, text, whole: bytes.length === found.size };
  }
  return undefined;
}

/** The first bytes of a file; `undefined` if it has changed meanwhile. */
function beginningOf(file: FileEntry): Uint8Array | undefined {
  if (file.body !== undefined) return file.body.subarray(0, MAX_SHOWN_BYTES);
  const bytes = new Uint8Array(Math.min(file.size, MAX_SHOWN_BYTES));
  try {
    const handle = file.acquire();
    try {
      return bytes.subarray(0, handle.read(bytes, 0));
    } finally {
      file.release();
    }
  } catch {
    return undefined;
  }
}
