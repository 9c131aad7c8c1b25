/**
 * Files with names and passwords of users, as `htpasswd` makes them:
 *
 *     # comment
 *     name:password:anything else
 *
 * A file is looked at again twice in a second, as long as it is asked for.
 */

import { latin1 } from "../../bytes/ascii.ts";
import {
  type FileIdentity,
  identityOf,
  isSettled,
  sameIdentity,
} from "../../files/cache/file_identity.ts";
import { HttpError } from "../../http/errors.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import { failureReason, osErrorCode, osErrorText } from "../../os_error.ts";
import { keyedNumber } from "./password_hash.ts";

/** The largest file that is read, in bytes: some 200,000 users. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;

/** How often a file is looked at, in ms. */
const VALID_MS = 500;

/** How many files are kept: with variables a path may be a client's choice. */
const MAX_FILES = 64;

/** How many pairs of a file are remembered that were right. */
const MAX_VERIFIED = 1024;

/** The name and the password in a line, as nginx reads them. */
const LINE = /(?<![^\n])(?![#\r])([^:\n]*):([^:\r\n]*)/g;

/** The users of a file. All names and passwords are byte strings. */
export class UserFile {
  readonly #text: string;
  readonly #stored = new Map<string, string>();
  readonly #all: readonly string[];
  /** Pairs that were right, the one that was not asked for longest first. */
  readonly #verified = new Set<string>();

  /** The users in a text, the first one of each name. */
  constructor(text: string) {
    this.#text = text;
    for (const [, user = "", stored = ""] of text.matchAll(LINE)) {
      if (!this.#stored.has(user)) this.#stored.set(user, stored);
    }
    this.#all = [...this.#stored.values()];
  }

  /** The users, and what stands there as their passwords. */
  get entries(): Iterable<readonly [user: string, stored: string]> {
    return this.#stored;
  }

  /** Whether a pair was right, by a hash that tells nothing of it. */
  wasRight(key: string): boolean {
    if (!this.#verified.delete(key)) return false;
    this.#verified.add(key);
    return true;
  }

  /** Remembers that a pair was right. */
  remember(key: string): void {
    this.#verified.add(key);
    for (const oldest of this.#verified) {
      if (this.#verified.size <= MAX_VERIFIED) return;
      this.#verified.delete(oldest);
    }
  }

  /** Whether it has been made of `text`. */
  isOf(text: string): boolean {
    return text === this.#text;
  }

  /** What stands there as the password of a user, if there is one. */
  storedOf(user: string): string | undefined {
    return this.#stored.get(user);
  }

  /**
   * The password of somebody else, to be compared for a name that is not
   * there, and the same one each time: so such names take as long as others.
   */
  standInFor(user: string): string | undefined {
    return this.#all[keyedNumber(user) % this.#all.length];
  }
}

/**
 * Reads a file.
 *
 * @throws {HttpError} 403 when there is none, 500 when it cannot be read, with
 * nginx's words and levels
 */
export function readUserFile(
  path: string,
): { readonly text: string; readonly identity: FileIdentity } {
  let info: Deno.FileInfo;
  let bytes: Uint8Array | undefined;
  try {
    info = Deno.statSync(path);
    // Whatever else could be opened there might never end.
    const isRead = info.isFile && info.size <= MAX_FILE_BYTES;
    if (isRead) bytes = Deno.readFileSync(path);
  } catch (error) {
    const isMissing = osErrorCode(error) === "ENOENT";
    throw new HttpError(
      isMissing ? 403 : 500,
      `open() ${quote(path)} failed (${failureReason(error)})`,
      { severity: isMissing ? "error" : "crit" },
    );
  }
  if (bytes !== undefined) {
    const text = latin1(bytes, 0, bytes.length);
    return { text, identity: identityOf(info) };
  }
  const reason = info.isDirectory
    ? osErrorText("EISDIR")
    : info.isFile
    ? `more than ${MAX_FILE_BYTES} bytes`
    : "it is no file";
  throw new HttpError(500, `pread() ${quote(path)} failed (${reason})`, {
    severity: "crit",
  });
}

interface Known {
  file: UserFile;
  identity: FileIdentity;
  /** When it was read, and when it was looked at, in ms since the epoch. */
  readAt: number;
  checkedAt: number;
}

/** User files by path, whatever is configured. */
export class UserFiles {
  readonly #known = new Map<string, Known>();
  readonly #now: () => number;

  /** No files yet. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * The file at `path`.
   *
   * @throws {HttpError} as {@linkcode readUserFile}
   */
  get(path: string): UserFile {
    const now = this.#now();
    const known = this.#known.get(path);
    if (known !== undefined && now - known.checkedAt < VALID_MS) {
      return known.file;
    }
    this.#known.delete(path);
    if (known !== undefined && isUnchanged(path, known)) {
      this.#keep(path, { ...known, checkedAt: now });
      return known.file;
    }
    const { text, identity } = readUserFile(path);
    const file = known?.file.isOf(text) ? known.file : new UserFile(text);
    this.#keep(path, { file, identity, readAt: now, checkedAt: now });
    return file;
  }

  /** Has every file looked at when it is asked for next. */
  recheck(): void {
    for (const known of this.#known.values()) known.checkedAt = -Infinity;
  }

  /** Forgets them all. */
  clear(): void {
    this.#known.clear();
  }

  #keep(path: string, known: Known): void {
    this.#known.set(path, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_FILES) return;
      this.#known.delete(oldest);
    }
  }
}

/** Whether what was read is certainly what is there. */
function isUnchanged(path: string, { identity, readAt }: Known): boolean {
  if (!isSettled(identity, readAt)) return false;
  try {
    return sameIdentity(identityOf(Deno.statSync(path)), identity);
  } catch {
    return false;
  }
}
