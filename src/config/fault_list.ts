/**
 * The faults of a configuration, gathered while it is read, so that whoever
 * mends it sees all of them at once. Reading goes on after a fault as well as
 * it can; what it makes of such a configuration is never served.
 */

import { ConfigError, ConfigErrors, type SourcePlace } from "./errors.ts";
import type { Steps } from "./steps.ts";

/** What is wrong with a configuration so far. */
export class FaultList {
  readonly #errors = new Map<string, ConfigError>();
  readonly #includes = new Map<string, SourcePlace>();
  readonly #misshapen = new Set<string>();

  /** Whether there is any. */
  get found(): boolean {
    return this.#errors.size > 0;
  }

  /** Adds a fault. The same one twice, as in a file read twice, is one. */
  add(error: ConfigError): void {
    const errors = error instanceof ConfigErrors ? error.errors : [error];
    for (const each of errors) {
      if (!this.#errors.has(each.message)) this.#errors.set(each.message, each);
    }
  }

  /**
   * What `run` returns; `undefined` if it fails with a configuration error,
   * which is added.
   */
  attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** As {@linkcode attempt}, for work in steps. */
  *attemptSteps<T>(steps: Steps<T>): Steps<T | undefined> {
    try {
      return yield* steps;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.add(error);
      return undefined;
    }
  }

  /** Notes that `file` is read because of the `include` at `place`. */
  noteInclude(file: string, place: SourcePlace): void {
    if (!this.#includes.has(file)) this.#includes.set(file, place);
  }

  /** Notes that braces of `file` do not fit, so no block is what it seems. */
  noteMisshapen(file: string): void {
    this.#misshapen.add(file);
  }

  /** Whether braces of `file` do not fit. */
  isMisshapen(file: string): boolean {
    return this.#misshapen.has(file);
  }

  /**
   * All faults in the order in which the files are read: those of an included
   * file where its `include` stands.
   */
  inOrder(): ConfigError[] {
    return [...this.#errors.values()]
      .map((error) => ({ error, path: this.#pathTo(error.place) }))
      .sort((a, b) => comparePaths(a.path, b.path))
      .map(({ error }) => error);
  }

  /** @throws {ConfigError} when there is any */
  throwIfFound(): void {
    const errors = this.inOrder();
    const [first] = errors;
    if (first === undefined) return;
    throw errors.length === 1 ? first : new ConfigErrors(first, errors);
  }

  /** The lines that lead to `place`, from the outermost file inwards. */
  #pathTo(place: SourcePlace): number[] {
    const include = this.#includes.get(place.file);
    const outer = include === undefined
      ? [place.file === COMMAND_LINE ? 0 : 1]
      : this.#pathTo(include);
    return [...outer, place.line];
  }
}

/** The place of what the command line says, which is read first. */
export const COMMAND_LINE = "command line";

function comparePaths(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return a.length - b.length;
}
