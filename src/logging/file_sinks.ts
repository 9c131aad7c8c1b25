/**
 * What is written in another way than a plain log: compressed files, files that
 * are opened only while something is written, where there may be thousands, and
 * named pipes.
 */

import { closeSync, constants, openSync, writeSync } from "node:fs";
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

/** @throws {Error} where one has taken the file's place: it would be waited for */
function refusePipe(path: string): void {
  if (isPipe(path)) throw new Error("it is no file");
}

/** Writes to the file at `path`, which is open only meanwhile. */
export function briefSink(path: string): LogSink {
  return {
    async write(bytes) {
      if (open >= MAX_OPEN) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      } else open++;
      try {
        refusePipe(path);
        using file = await Deno.open(path, APPENDING);
        return await file.write(bytes);
      } finally {
        const next = waiting.shift();
        if (next === undefined) open--;
        else next();
      }
    },
    writeSync(bytes) {
      refusePipe(path);
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

/** A pipe is written to at its end in any case. */
const WITHOUT_WAITING = constants.O_NONBLOCK ?? 0;

/**
 * What a pipe takes whole or not at all (POSIX's `PIPE_BUF` on Linux), in
 * bytes: of a larger write nobody says how much was taken before it was full.
 */
const ATOMIC_BYTES = Deno.build.os === "linux" ? 4096 : 512;

const LINE_FEED = 0x0a;

/** How long a full pipe is left to its reader before the next try, in ms. */
const ROOM_INTERVAL_MS = 2;

/** How long {@linkcode LogSink.writeSync} waits for room, in ms. */
const PATIENCE_MS = 50;

/** Whether `path` leads to a named pipe. */
export function isPipe(path: string): boolean {
  try {
    return Deno.statSync(path).isFifo === true;
  } catch {
    // Who opens it is told.
    return false;
  }
}

/**
 * Opens the named pipe at `path`, whether it has a reader or not; one that may
 * not be read here has to have one. Nothing waits for whoever reads it: a plain
 * `open` of a pipe without a reader takes until one comes, and a plain write to
 * a full one until there is room, and meanwhile the thread obeys no signal. It
 * is opened for reading too, which the system grants at once, so the pipe keeps
 * what is written until a reader comes or comes back, as much as it has room.
 *
 * @throws {Deno.errors.PermissionDenied} and the other errors of opening
 */
export function pipeSink(path: string): LogSink {
  const descriptor = openPipe(path);
  let closed = false;
  function close(): void {
    if (closed) return;
    closed = true;
    closeSync(descriptor);
  }
  return {
    async write(bytes) {
      for (;;) {
        if (closed) throw new Error("the log is closed");
        const count = writeWhatFits(descriptor, bytes);
        if (count > 0 || bytes.length === 0) return count;
        await new Promise((resolve) => setTimeout(resolve, ROOM_INTERVAL_MS));
      }
    },
    writeSync(bytes) {
      const count = writeWhatFits(descriptor, bytes);
      if (count > 0) return count;
      sleepSync(PATIENCE_MS);
      // Whoever gets nothing written says so.
      return writeWhatFits(descriptor, bytes);
    },
    close,
  };
}

function openPipe(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | WITHOUT_WAITING);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return openSync(path, constants.O_WRONLY | WITHOUT_WAITING);
  }
}

/** Whether the system or Deno has said so. */
function isForbidden(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable ||
    (error instanceof Error && "code" in error && error.code === "EACCES");
}

/** How much of `bytes` the pipe has taken; 0 if it is full. */
function writeWhatFits(descriptor: number, bytes: Uint8Array): number {
  let written = 0;
  try {
    while (written < bytes.length) {
      const piece = bytes.subarray(written, pieceEnd(bytes, written));
      written += writeSync(descriptor, piece);
    }
  } catch (error) {
    const isFull = error instanceof Error && "code" in error &&
      error.code === "EAGAIN";
    // What was written counts; another error comes again.
    if (!isFull && written === 0) throw error;
  }
  return written;
}

/** Where the lines end that are written at once, from `start` on. */
function pieceEnd(bytes: Uint8Array, start: number): number {
  const most = start + ATOMIC_BYTES;
  if (bytes.length <= most) return bytes.length;
  const end = bytes.lastIndexOf(LINE_FEED, most - 1) + 1;
  return end > start ? end : most;
}

/** Stops the thread; other threads and programs go on writing and reading. */
export function sleepSync(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
