/**
 * A Unix socket that is listened on, and its file. As with nginx everybody may
 * connect who may enter the folder, a file that is there already is not
 * touched, and the own one is removed at the end, unless another has taken its
 * place by then.
 */

import { dirname } from "@std/path/dirname";
import { log } from "../logging/logger.ts";
import { checkFolder } from "../logging/writable_path.ts";

/** Everybody may connect, as with nginx; the folder says who gets there. */
const MODE = 0o666;

/** How many characters of a name are made up until it is put in its place. */
const MADE_UP = 6;

/** How many names are tried. */
const TRIES = 8;

/**
 * A listening socket with a path. It is bound under a made-up name beside the
 * path and then put there: so it can take the place of another one without a
 * moment in which nobody listens, and the runtime, which removes the name that
 * was bound when a listener is closed, never removes the file of the next one.
 */
export class UnixSocket<T extends { close(): void }> {
  /** What accepts. */
  readonly listener: T;
  readonly #path: string;
  /** Where its file is: at first beside the path. */
  #current: string;
  readonly #file: Deno.FileInfo;

  /**
   * Binds `path`. When `takesOver`, what listens there is the program's own,
   * and goes on until {@linkcode UnixSocket.takePlace}. `listen` binds a name.
   *
   * @throws {Error} what the system says, if it cannot be bound
   */
  constructor(
    path: string,
    takesOver: boolean,
    listen: (path: string) => T,
  ) {
    this.#path = path;
    [this.#current, this.listener] = listenBeside(path, listen);
    this.#file = Deno.lstatSync(this.#current);
    try {
      Deno.chmodSync(this.#current, MODE);
      if (!takesOver) this.#take();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Takes the path if nobody has it. */
  #take(): void {
    try {
      Deno.linkSync(this.#current, this.#path);
    } catch (error) {
      throw error instanceof Deno.errors.AlreadyExists ? inUse() : error;
    }
    Deno.removeSync(this.#current);
    this.#current = this.#path;
  }

  /**
   * Takes the place of the one before. Whoever connects from now on comes
   * here, and whoever has connected before is still with the other.
   */
  takePlace(): void {
    if (this.#current === this.#path) return;
    Deno.renameSync(this.#current, this.#path);
    this.#current = this.#path;
  }

  /** Stops accepting, and removes its file. */
  close(): void {
    try {
      if (isSame(Deno.lstatSync(this.#current), this.#file)) {
        Deno.removeSync(this.#current);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        log.error(`unlink() ${this.#current} failed`, { error });
      }
    }
    this.listener.close();
  }
}

/** Whether it is the same file: its number alone may be another's by now. */
function isSame(one: Deno.FileInfo, two: Deno.FileInfo): boolean {
  return one.isSocket === true && one.ino === two.ino && one.dev === two.dev &&
    one.birthtime?.getTime() === two.birthtime?.getTime();
}

function inUse(): Error {
  return new Deno.errors.AddrInUse("Address already in use (os error 98)");
}

/**
 * Does nothing if `path` could be bound, and makes nothing.
 *
 * @throws {Error} the one that binding it would throw
 */
export function checkUnixSocket(path: string): void {
  const folder = dirname(path);
  Deno.statSync(folder);
  try {
    Deno.lstatSync(path);
  } catch {
    return checkFolder(folder);
  }
  throw inUse();
}

/** Listens under a name no longer than that of `path`, in the same folder. */
function listenBeside<T>(
  path: string,
  listen: (path: string) => T,
): [name: string, listener: T] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const kept = [...path.slice(folder.length)].slice(0, -MADE_UP).join("");
  const length = Math.min(MADE_UP, path.length - folder.length);
  for (let tries = 1;; tries++) {
    const made = crypto.randomUUID().slice(0, length);
    const name = folder + kept + made;
    try {
      return [name, listen(name)];
    } catch (error) {
      const isTaken = error instanceof Deno.errors.AddrInUse;
      if (!isTaken || tries === TRIES) throw error;
    }
  }
}
