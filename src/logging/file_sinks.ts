/**
 * Files that are written in another way than a plain log: compressed, or, where
 * there may be thousands, opened only while something is written.
 */

import { gzip, gzipSync } from "node:zlib";
import type { LogSink } from "./log_sink.ts";

/** The permissions of a new log file: nginx's `NGX_FILE_DEFAULT_ACCESS`. */
const LOG_FILE_MODE = 0o644;

/** How many of the files that are opened for each write are open at once. */
const MAX_OPEN = 8;

function compress(bytes: Uint8Array, level: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(
      bytes,
      { level },
      (error, member) => error === null ? resolve(member) : reject(error),
    );
  });
}

/** Compresses what is written: each write is a member of its own (RFC 1952 §2.2). */
export function gzipSink(sink: LogSink, level: number): LogSink {
  /** What is left of a member that was not written whole, and of how much. */
  let rest: Uint8Array = new Uint8Array();
  let covers = 0;
  async function finish(): Promise<void> {
    while (rest.length > 0) {
      const count = await sink.write(rest);
      if (count === 0) throw new Error("the log takes no more bytes");
      rest = rest.subarray(count);
    }
  }
  return {
    async write(bytes) {
      if (rest.length === 0) {
        rest = await compress(bytes, level);
        covers = bytes.length;
      }
      await finish();
      return covers;
    },
    writeSync(bytes) {
      if (rest.length === 0) {
        rest = gzipSync(bytes, { level });
        covers = bytes.length;
      }
      while (rest.length > 0) {
        const count = sink.writeSync(rest);
        if (count === 0) throw new Error("the log takes no more bytes");
        rest = rest.subarray(count);
      }
      return covers;
    },
    close: () => sink.close(),
  };
}

/** Each write lands at the end of the file, whoever else writes to it. */
export const APPENDING: Deno.OpenOptions = {
  append: true,
  create: true,
  mode: LOG_FILE_MODE,
};

let open = 0;
const waiting: (() => void)[] = [];

/** Writes to the file at `path`, which is open only meanwhile. */
export function briefSink(path: string): LogSink {
  return {
    async write(bytes) {
      if (open >= MAX_OPEN) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else open++;
      try {
        using file = await Deno.open(path, APPENDING);
        return await file.write(bytes);
      } finally {
        const next = waiting.shift();
        if (next === undefined) open--;
        else next();
      }
    },
    writeSync(bytes) {
      using file = Deno.openSync(path, APPENDING);
      return file.writeSync(bytes);
    },
    close: () => {},
  };
}

/**
 * Makes the file of a log if it is missing, but not its folder.
 *
 * @throws {Error} when it cannot be appended to, or is no file: to open a pipe
 * might take for ever
 */
export function touchLog(path: string): void {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    if (!isFile && !isDirectory) throw new Error("it is no file");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.openSync(path, APPENDING).close();
}
