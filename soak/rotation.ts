/**
 * Rotates the logs as logrotate does: renames, and sends USR1. What was renamed
 * is read one rotation later, when nobody may write to it any more, and then
 * removed: a line that still comes is lost, and the lost one is noticed.
 */

import { join } from "@std/path";
import { type LogName, LOGS } from "./configurations.ts";
import { pause, waitUntil } from "./pause.ts";

/** About how long a log stays under its name, in ms. */
const ROTATION_INTERVAL_MS = 2000;

/** How long the server may take to open its logs again, in ms. */
const REOPEN_TIMEOUT_MS = 15_000;

/** Takes the lines of a log. */
export interface LineReader {
  /** A line, without its end. */
  line(text: string): void;
  /** A file has ended, with `rest` behind the last line feed. */
  fileEnd(rest: string): void;
}

/** The server, as far as its logs are concerned. */
export interface Rotatable {
  /** The folder that `logs` is in. */
  readonly folder: string;
  /** Sends it a signal. */
  signal(signal: Deno.Signal): void;
}

/** Rotates logs as logrotate does. */
export class Rotation {
  /** How many times the logs were rotated. */
  count = 0;
  readonly #server: Rotatable;
  readonly #readers: Readonly<Record<LogName, LineReader>>;
  readonly #problem: (text: string) => void;

  constructor(
    server: Rotatable,
    readers: Readonly<Record<LogName, LineReader>>,
    problem: (text: string) => void,
  ) {
    this.#server = server;
    this.#readers = readers;
    this.#problem = problem;
  }

  /** Rotates until `until`, in ms of `performance.now()`. */
  async run(until: number): Promise<void> {
    while (performance.now() + ROTATION_INTERVAL_MS < until) {
      await pause(ROTATION_INTERVAL_MS);
      if (!await this.rotate()) return;
    }
  }

  /** Reads what is left, when the server has ended. */
  async finish(): Promise<void> {
    for (const name of LOGS) {
      await this.#read(name, `${name}.${this.count}`);
      await this.#read(name, name);
    }
  }

  /** Rotates once; `false` if the server does not open its logs again. */
  async rotate(): Promise<boolean> {
    this.count++;
    for (const name of LOGS) {
      Deno.renameSync(this.#path(name), this.#path(`${name}.${this.count}`));
    }
    this.#server.signal("SIGUSR1");
    const isBack = await waitUntil(
      () => LOGS.every((name) => exists(this.#path(name))),
      REOPEN_TIMEOUT_MS,
    );
    if (!isBack) {
      this.#problem("the logs were not opened again after USR1");
      return false;
    }
    for (const name of LOGS) {
      await this.#read(name, `${name}.${this.count - 1}`);
    }
    return true;
  }

  /** Gives the lines of a file to the log's reader, and removes it. */
  async #read(name: LogName, file: string): Promise<void> {
    const path = this.#path(file);
    if (!exists(path)) return;
    using opened = await Deno.open(path);
    await readLines(opened.readable, this.#readers[name]);
    await Deno.remove(path);
  }

  #path(name: string): string {
    return join(this.#server.folder, "logs", name);
  }
}

/** Gives lines to a reader, one character for each byte. */
export async function readLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  reader: LineReader,
): Promise<void> {
  let rest = "";
  const decoder = new TextDecoder("latin1");
  for await (const piece of stream) {
    const lines = (rest + decoder.decode(piece)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) reader.line(line);
  }
  reader.fileEnd(rest);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
