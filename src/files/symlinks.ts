/**
 * `disable_symlinks`: whether a path may go through symbolic links. nginx
 * opens a path one directory at a time; Deno has no `openat`, so the file is
 * opened first and then each part of its path is looked at, and the file that
 * the path leads to must be the one that is open. Whoever swaps a link for a
 * folder in between cannot make the two the same without a hard link to the
 * file, which Linux allows to those who may write it.
 */

import { type FileIdentity, identityOf } from "./file_entry.ts";

/** `disable_symlinks off | on | if_not_owner`. */
export type SymlinkPolicy =
  /** Links are followed. */
  | "off"
  /** No part of the path may be a link. */
  | "on"
  /** A link must belong to whom the thing it leads to belongs to. */
  | "if_not_owner";

/**
 * Checks what comes behind the first `trusted` characters of `path`, which
 * leads to `opened`.
 *
 * @throws {Deno.errors.FilesystemLoop} when a link is in the way
 * @throws {Deno.errors} when a part of the path cannot be looked at
 */
export function checkSymlinks(
  path: string,
  trusted: number,
  policy: Exclude<SymlinkPolicy, "off">,
  opened: FileIdentity,
): void {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  // The part that is trusted ends with a whole name.
  let at = path.charCodeAt(trusted) === 0x2f ? trusted : 0;
  while (at < end) {
    const next = path.indexOf("/", at + 1);
    at = next < 0 || next > end ? end : next;
    const part = path.slice(0, at);
    const info = Deno.lstatSync(part);
    if (!info.isSymlink) continue;
    if (policy === "on" || info.uid !== Deno.statSync(part).uid) {
      throw new Deno.errors.FilesystemLoop(`"${part}" is a symbolic link`);
    }
  }
  const now = identityOf(Deno.statSync(path));
  if (now.ino !== opened.ino || now.dev !== opened.dev) {
    throw new Deno.errors.FilesystemLoop(
      `"${path}" changes while it is opened`,
    );
  }
}
