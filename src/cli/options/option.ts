/**
 * What an option of the command line is. The table of them is the one source
 * of what is understood, of the help, the completions of shells and the page
 * of the manual.
 */

/** What an option's value is. */
export interface OptionValue {
  /** Its name in the help, such as `filename`. */
  readonly name: string;
  /** What is missing when it is, for messages: `a file name`. */
  readonly needed: string;
  /**
   * What a shell completes: files, folders, one of `words`, the rules of the
   * lint, or nothing, because it can only be thought up.
   */
  readonly kind: "file" | "folder" | "words" | "rules" | "free";
  /** What it may be, for `words`. */
  readonly words?: readonly string[];
}

/** An option. */
export interface Option {
  /** Its name without dashes: one letter has one, a longer name two. */
  readonly name: string;
  /** The same in long. */
  readonly alias?: string;
  /** What its value is; a flag has none. */
  readonly value?: OptionValue;
  /** Whether it may be given more than once. */
  readonly isRepeatable?: true;
  /** What it does, in a few words. */
  readonly text: string;
  /** What else the help says of it, behind `text`. */
  readonly more?: string;
}

/** Options that belong together. */
export interface Section {
  /** What is said over them; without one they go on with those before. */
  readonly title: string;
  /** What is said under the title, for the page of the manual. */
  readonly about?: string;
  /** The options. */
  readonly options: readonly Option[];
}

/** A word that does something else than to serve. */
export interface Command {
  /** The first word of the command line. */
  readonly name: string;
  /** What it does, in a few words. */
  readonly text: string;
  /** How it is written: lines without the program's name. */
  readonly synopsis: readonly string[];
  /** What it does, in sentences; paragraphs. */
  readonly about: readonly string[];
  /** What it is done to. */
  readonly operand: OptionValue & { readonly text: string };
  /** Its options. */
  readonly options: readonly Option[];
}

/** How a name is written: `-c`, `--port`. */
export function spelled(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`;
}

/** What an option may be called. */
export function namesOf({ name, alias }: Option): string[] {
  return alias === undefined ? [name] : [name, alias];
}
