/**
 * Configuration errors, in nginx's words: what is wrong, what was expected,
 * and always `in FILE:LINE` at the end of the line.
 */

/** A place in a configuration file. */
export interface SourcePlace {
  /** The file as it was named to the program, or `command line`. */
  readonly file: string;
  /** The line, counted from 1. */
  readonly line: number;
}

/** A configuration that cannot be used. `message` ends with `in FILE:LINE`. */
export class ConfigError extends Error {
  /** The name under which the error is printed. */
  override readonly name: string = "ConfigError";
  /** The message without the place. */
  readonly what: string;
  /** Where the fault is. */
  readonly place: SourcePlace;
  /** A second line for the person who mends it, such as the nearest name. */
  readonly hint: string | undefined;

  /** Says `what` is wrong at `place`, with an optional `hint` for mending it. */
  constructor(what: string, place: SourcePlace, hint?: string) {
    super(`${what} in ${place.file}:${place.line}`);
    this.what = what;
    this.place = place;
    this.hint = hint;
  }
}

/**
 * A second place of a message that ends with `first`: its line, or `FILE:LINE`
 * where it is in another file.
 */
export function placeBeside(second: SourcePlace, first: SourcePlace): string {
  return second.file === first.file
    ? `line ${second.line}`
    : `${second.file}:${second.line}`;
}

/**
 * Several faults of one configuration. It reads like the first of them, for
 * those who can show only one.
 */
export class ConfigErrors extends ConfigError {
  /** The name under which the error is printed. */
  override readonly name = "ConfigErrors";
  /** All of them, in the order of the files; at least one. */
  readonly errors: readonly ConfigError[];

  /** Holds `errors`, which begin with `first`. */
  constructor(first: ConfigError, errors: readonly ConfigError[]) {
    super(first.what, first.place, first.hint);
    this.errors = errors;
  }
}

/** The faults that `error` stands for: several, or itself. */
export function faultsOf(error: unknown): readonly unknown[] {
  return error instanceof ConfigErrors ? error.errors : [error];
}
