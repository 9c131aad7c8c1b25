/**
 * `disable_symlinks`: whether a path may go through symbolic links.
 *
 * nginx opens a path one directory at a time, which Deno cannot. Here the file
 * is opened first, and then its path has to prove that it leads there without
 * links. One look at each part is no proof: whoever exchanges a link for a
 * folder at the right moments shows the folder when the folder is looked at,
 * and the file behind the link when the file is. So the parts are looked at
 * again and again in an order that nobody knows beforehand. A name that is a
 * link passes only when what lies behind it is looked at, one that is a folder
 * only when the folder itself is: at each look the one who exchanges them has
 * to guess, and one wrong guess is enough.
 */

import { type FileIdentity, identityOf, isSameFile } from "./file_identity.ts";

/** `disable_symlinks off | on | if_not_owner`. */
export type SymlinkPolicy =
  /** Links are followed. */
  | "off"
  /** No part of the path may be a link. */
  | "on"
  /** A link must belong to whom the thing it leads to belongs to. */
  | "if_not_owner";

/** How many bits somebody must guess: one in 10¹² tries succeeds. */
const GUESSES_BITS = 40;

/** Most parts of a path: more of them take too long to prove. */
const MAX_PARTS = 64;

/** A link is in the way: the system's code is that of `open` without links. */
export class SymlinkError extends Error {
  override name = "SymlinkError";
  /** As the system says it. */
  readonly code = "ELOOP";
}

/** A path did not stay what it was while it was looked at. */
export class PathChanged extends SymlinkError {
  override name = "PathChanged";

  constructor(path: string) {
    super(`"${path}" changes while it is opened`);
  }
}

/** Something that must be so whenever it is looked at. */
type Claim = () => boolean;

/**
 * Looks once at each part of `path` behind its first `trusted` characters. It
 * is enough for a file whose way was proven when it was opened.
 *
 * @throws {SymlinkError} when a link is in the way
 * @throws {PathChanged} when the path does not lead to `opened`
 * @throws {Deno.errors} when a part of the path cannot be looked at
 */
export function checkSymlinks(
  path: string,
  trusted: number,
  policy: Exclude<SymlinkPolicy, "off">,
  opened: FileIdentity,
): void {
  claimsOf(path, trusted, policy, opened);
}

/** Something that was found in a folder. */
export interface Finding {
  readonly name: string;
  /** What it was, itself and not what it leads to. */
  readonly identity: FileIdentity;
}

/**
 * Proves that `path` leads to `opened`, which is open, without links that
 * `policy` forbids behind its first `trusted` characters. A folder is never
 * open while it is read: there `findings` tell that it was this one.
 *
 * @throws as {@linkcode checkSymlinks}
 */
export function proveNoSymlinks(
  path: string,
  trusted: number,
  policy: Exclude<SymlinkPolicy, "off">,
  opened: FileIdentity,
  findings: readonly Finding[] = [],
): void {
  const claims = claimsOf(path, trusted, policy, opened);
  const others = findings.map(({ name, identity }): Claim => () =>
    isSameFile(identityOf(Deno.lstatSync(`${path}/${name}`)), identity)
  );
  for (const claim of inRandomOrder(claims, others)) {
    if (!claim()) throw new PathChanged(path);
  }
}

/** Looks at each part of the path, and says what must stay so. */
function claimsOf(
  path: string,
  trusted: number,
  policy: Exclude<SymlinkPolicy, "off">,
  opened: FileIdentity,
): Claim[] {
  const claims: Claim[] = [];
  let last: FileIdentity | undefined;
  for (const part of partsOf(path, trusted)) {
    const info = Deno.lstatSync(part);
    if (!info.isSymlink) {
      const own = last = identityOf(info);
      claims.push(() => {
        const now = Deno.lstatSync(part);
        return !now.isSymlink && isSameFile(identityOf(now), own);
      });
      continue;
    }
    const target = Deno.statSync(part);
    if (policy === "on" || info.uid !== target.uid) {
      throw new SymlinkError(`"${part}" is a symbolic link`);
    }
    const behind = last = identityOf(target);
    claims.push(
      () => Deno.lstatSync(part).uid === target.uid,
      () => isSameFile(identityOf(Deno.statSync(part)), behind),
    );
  }
  if (last !== undefined && !isSameFile(last, opened)) {
    throw new PathChanged(path);
  }
  return claims;
}

/** The beginnings of `path` that are no longer trusted, up to the whole. */
function partsOf(path: string, trusted: number): string[] {
  const end = path.endsWith("/") ? path.length - 1 : path.length;
  // The part that is trusted ends with a whole name.
  let at = path.charCodeAt(trusted) === 0x2f ? trusted : 0;
  const parts: string[] = [];
  while (at < end) {
    const next = path.indexOf("/", at + 1);
    at = next < 0 || next > end ? end : next;
    parts.push(path.slice(0, at));
  }
  if (parts.length > MAX_PARTS) {
    throw new SymlinkError(`"${path}" has too many parts`);
  }
  return parts;
}

/**
 * Claims in an order that cannot be guessed, so many that the best guess, all
 * but one of `claims` at each look, fails. Every other look is at one of
 * `others`, if there are any. A single claim is true at one moment or is not.
 */
function* inRandomOrder(
  claims: readonly Claim[],
  others: readonly Claim[],
): Generator<Claim> {
  const kinds = others.length === 0 ? 1 : 2;
  const ways = claims.length * kinds;
  // Nothing to guess: all of the path is trusted, or it is one name.
  if (ways < 2) return;
  const looks = Math.ceil(GUESSES_BITS / Math.log2(ways / (ways - 1)));
  for (const random of crypto.getRandomValues(new Uint32Array(looks))) {
    const row = random % kinds === 0 ? claims : others;
    yield row[Math.floor(random / kinds) % row.length]!;
  }
}
