/**
 * The folder of an issuer: its account, certificates with their keys, and how
 * it goes with each. One file holds what belongs together, is written beside
 * and put in its place as a whole, and is nobody else's to read.
 */

import { dirname } from "@std/path/posix/dirname";
import { checkFolder } from "../../logging/writable_path.ts";

/** Nobody but the user of the server may read keys. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** What files are called that are still written. */
const UNFINISHED = ".tmp";

/** The end of the name of a certificate with its key. */
export const CERTIFICATE_SUFFIX = ".pem";

/** Who else has the folder. */
export class FolderTaken extends Error {}

/** Where the state of an issuer is kept. */
export interface State {
  /** What a file is called where people read it. */
  pathOf(name: string): string;
  /** The text of a file; `undefined` if there is none that can be read. */
  read(name: string): string | undefined;
  /** The names of the certificates. */
  certificates(): string[];
  /** Replaces a file as a whole. @throws {Error} the system's */
  write(name: string, text: string): void;
  /** Removes a file, if it is there. */
  remove(name: string): void;
  /**
   * Takes it for this program, until the result is called.
   *
   * @throws {FolderTaken} when another one has it, and which
   * @throws {Error} the system's, when it cannot be written
   */
  take(): Promise<() => void>;
}

/** State that ends with the program (`state_path off`). */
export class MemoryState implements State {
  readonly #files = new Map<string, string>();

  pathOf(name: string): string {
    return `${name} (in memory)`;
  }

  read(name: string): string | undefined {
    return this.#files.get(name);
  }

  certificates(): string[] {
    return [...this.#files.keys()]
      .filter((name) => name.endsWith(CERTIFICATE_SUFFIX));
  }

  write(name: string, text: string): void {
    this.#files.set(name, text);
  }

  remove(name: string): void {
    this.#files.delete(name);
  }

  take(): Promise<() => void> {
    return Promise.resolve(() => {});
  }
}

/** An issuer's folder. */
export class StateFolder implements State {
  readonly #path: string;

  /** The folder at `path`, which need not be there. */
  constructor(path: string) {
    this.#path = path;
  }

  pathOf(name: string): string {
    return `${this.#path}/${name}`;
  }

  /** @throws {Error} the system's, when nothing could be written here */
  check(): void {
    // As in an executable whose base is an older one.
    if (!("tryLock" in Deno.FsFile.prototype)) {
      throw new Error(`the runtime, Deno ${Deno.version.deno}, has no locks`);
    }
    checkFolder(this.#path);
  }

  /** Makes it, for this user alone, if it is not there. */
  make(): void {
    Deno.mkdirSync(dirname(this.#path), { recursive: true });
    Deno.mkdirSync(this.#path, { recursive: true, mode: FOLDER_MODE });
  }

  read(name: string): string | undefined {
    try {
      return Deno.readTextFileSync(this.pathOf(name));
    } catch {
      return undefined;
    }
  }

  certificates(): string[] {
    try {
      return [...Deno.readDirSync(this.#path)]
        .filter(({ isFile, name }) =>
          isFile && name.endsWith(CERTIFICATE_SUFFIX)
        )
        .map(({ name }) => name);
    } catch {
      return [];
    }
  }

  /**
   * Replaces a file as a whole: whatever happens, what was there before or
   * what is new can be read.
   *
   * @throws {Error} the system's, and what was there before is kept
   */
  write(name: string, text: string): void {
    this.make();
    const path = this.pathOf(name);
    const unfinished = `${path}${UNFINISHED}`;
    try {
      removeIfThere(unfinished);
      {
        using file = Deno.openSync(unfinished, {
          write: true,
          createNew: true,
          mode: FILE_MODE,
        });
        const bytes = new TextEncoder().encode(text);
        for (let at = 0; at < bytes.length;) {
          at += file.writeSync(bytes.subarray(at));
        }
        file.syncSync();
      }
      Deno.renameSync(unfinished, path);
    } catch (error) {
      removeIfThere(unfinished);
      throw error;
    }
    // The new name, too, has to outlive a loss of power.
    try {
      using folder = Deno.openSync(this.#path);
      folder.syncSync();
    } catch {
      // Not every system can.
    }
  }

  remove(name: string): void {
    removeIfThere(this.pathOf(name));
  }

  /** The system takes it back when the program dies. */
  async take(): Promise<() => void> {
    this.make();
    const path = this.pathOf("lock");
    const file = await Deno.open(path, {
      read: true,
      write: true,
      create: true,
      mode: FILE_MODE,
    });
    try {
      if (!await file.tryLock(true)) {
        const owner = this.read("lock")?.trim();
        throw new FolderTaken(`process ${owner || "of another server"}`);
      }
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
    } catch (error) {
      file.close();
      throw error;
    }
    return () => file.close();
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
