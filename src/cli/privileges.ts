/**
 * Whose rights the server has. Started as root it becomes the `user` of the
 * configuration when its addresses are bound and its logs are open, for good
 * and with every thread (`setuid(2)` of the C library). nginx keeps a master
 * that stays root; here nothing does.
 */

import { dirname } from "@std/path/dirname";
import fs from "node:fs";
import process from "node:process";
import { ConfigError, type SourcePlace } from "../config/errors.ts";
import { failureReason } from "../os_error.ts";

/** Root's number among users. */
const ROOT = 0;

/** Where the system's users and groups stand, one in a line. */
const USERS = "/etc/passwd";
const GROUPS = "/etc/group";

/** A `user` directive. */
interface UserWish {
  readonly user: string;
  /** The group; the user's own if left out. */
  readonly group: string | undefined;
  readonly place: SourcePlace;
}

/** A user of the system. */
export interface Account {
  /** Its name. */
  readonly user: string;
  /** Its number. */
  readonly uid: number;
  /** The number of its group. */
  readonly gid: number;
}

/**
 * The user this process runs as; `null` where there are none, or without the
 * permission `--allow-sys`.
 */
export function ownUser(): number | null {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() : null;
}

/** Whether the system and Deno let this process become another user. */
function mayChange(): boolean {
  // Deno has no names for the rights to do so alone.
  return process.setuid !== undefined &&
    Deno.permissions.querySync({ name: "sys" }).state === "granted";
}

/**
 * Whom the server is to become, if it runs as `uid` now; `undefined` if
 * nobody, which is said at `warn` level if it was wished.
 *
 * @throws {ConfigError} in nginx's words, when root shall become nobody known
 */
export function accountFor(
  wish: UserWish | undefined,
  uid: number | null,
  warn: (message: string) => void,
): Account | undefined {
  if (wish === undefined) return undefined;
  const { file, line } = wish.place;
  const account = uid === ROOT ? accountOf(wish) : undefined;
  if (account?.uid === ROOT) return undefined;
  if (account !== undefined && !mayChange()) {
    warn(
      'the "user" directive has an effect at a start with the permission ' +
        `--allow-sys only, ignored: it stays root in ${file}:${line}`,
    );
    return undefined;
  }
  if (uid !== ROOT && numbersOf(USERS, wish.user)?.[0] !== uid) {
    warn(
      'the "user" directive makes sense only if the master process runs with ' +
        `super-user privileges, ignored in ${file}:${line}`,
    );
  }
  return account;
}

/** @throws {ConfigError} when there is no such user or group */
function accountOf({ user, group, place }: UserWish): Account {
  const [uid, ownGid] = numbersOf(USERS, user) ?? [];
  if (uid === undefined || ownGid === undefined) {
    throw new ConfigError(
      `getpwnam("${user}") failed`,
      place,
      `there is no user of this name in ${USERS}: choose another one, or make ` +
        `it with "adduser --system --group ${user}"`,
    );
  }
  if (group === undefined) return { user, uid, gid: ownGid };
  const [gid] = numbersOf(GROUPS, group) ?? [];
  if (gid === undefined) {
    throw new ConfigError(
      `getgrnam("${group}") failed`,
      place,
      `there is no group of this name in ${GROUPS}`,
    );
  }
  return { user, uid, gid };
}

/** The numbers in the line of `file` that begins with `name`. */
function numbersOf(file: string, name: string): number[] | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch {
    return undefined; // Such a system has no users of this kind.
  }
  return text.split("\n").map((line) => line.split(":"))
    .find(([first]) => first === name)
    ?.slice(2, 4).map(Number);
}

/**
 * Becomes `account`, which is given `files` first, so that it can open logs
 * again and remove sockets, and `folders`, to make files in. Returns what to
 * know about it, at `warn` level.
 *
 * @throws {Error} in nginx's words, when the system or Deno does not allow it
 */
export function becomeUser(
  { user, uid, gid }: Account,
  files: readonly string[],
  folders: readonly string[],
): string[] {
  for (const path of files) giveTo(uid, path);
  for (const path of folders) giveFolder(uid, path);
  attempt(`setgid(${gid})`, () => process.setgid?.(gid));
  attempt(`setuid(${uid})`, () => process.setuid?.(uid));
  if (Deno.uid() !== uid) throw new Error(`setuid(${uid}) failed`);
  const others = (process.getgroups?.() ?? []).filter((each) => each !== gid);
  return others.length === 0 ? [] : [
    `"${user}" keeps the groups ${others.join(", ")} of who started it: ` +
    'start it by systemd, or by "setpriv --clear-groups"',
  ];
}

/**
 * Gives a log or socket to `uid`, as nginx does when logs are opened again: the group
 * stays. What may be a way to somebody else's file, a link, is left alone.
 */
function giveTo(uid: number, path: string): void {
  try {
    const { isFile, isSocket, nlink, gid, uid: owner } = Deno.lstatSync(path);
    const isOne = isFile || isSocket === true;
    if (!isOne || nlink !== 1 || gid === null || owner === uid) return;
    fs.lchownSync(path, uid, gid);
  } catch {
    // It is written to all the same; opening it again will tell.
  }
}

/** The file by which a program takes a folder for itself, while it has it. */
const LOCK_FILE = "lock";

/** The files of a folder that a program has had for itself. */
const KEPT_FILES = /^(?:lock|[^/]*\.(?:key|json|pem))$/;

/** Only for whoever owns it. */
const FOLDER_MODE = 0o700;

/**
 * Gives `uid` a folder to keep keys in, which is made if it is not there. One
 * that somebody else keeps files in is left alone: it may be
 * `/etc/ssl/private`.
 */
function giveFolder(uid: number, path: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    if (!isThere(path)) Deno.mkdirSync(path, { mode: FOLDER_MODE });
    const { isDirectory, gid, uid: owner } = Deno.lstatSync(path);
    const entries = [...Deno.readDirSync(path)];
    const wasOurs = entries.some(({ name }) => name === LOCK_FILE) &&
      entries.every(({ name, isFile }) => isFile && KEPT_FILES.test(name));
    const isOurs = isDirectory && (entries.length === 0 || wasOurs);
    if (!isOurs || gid === null) return;
    for (const { name } of entries) giveTo(uid, `${path}/${name}`);
    if (owner !== uid) fs.lchownSync(path, uid, gid);
  } catch {
    // Whoever makes files there will tell.
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function attempt(what: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    throw new Error(`${what} failed (${failureReason(error)})`, {
      cause: error,
    });
  }
}

/** What to know when `uid` serves; `undefined` if that is in order. */
export function privilegeNotice(uid: number | null): string | undefined {
  if (uid !== ROOT) return undefined;
  return 'running as root, with every capability: name a "user", or start ' +
    "it as another user, by systemd (User=, " +
    "AmbientCapabilities=CAP_NET_BIND_SERVICE) or by setpriv --reuid=www-data " +
    "--regid=www-data --clear-groups --inh-caps=+net_bind_service " +
    "--ambient-caps=+net_bind_service";
}

/** Those of `files` that this process may not read. */
export function unreadable<T extends { readonly path: string }>(
  files: readonly T[],
): T[] {
  return files.filter(({ path }) => {
    try {
      Deno.openSync(path).close();
      return false;
    } catch {
      return true;
    }
  });
}
