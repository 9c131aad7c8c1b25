/** The files that change during a soak, and what is known of each of them. */

import { History } from "./history.ts";
import { LINE_BYTES } from "./content.ts";

/** How a file changes. */
export type Way =
  /** A new file is renamed over it: it is always whole. */
  | "replaced"
  /** It is emptied and written anew, as an editor may do it. */
  | "rewritten"
  /** It is cut, and later written anew. */
  | "truncated"
  /** It is appended to, and replaced when it is long. */
  | "grown"
  /** It is removed and made again. */
  | "comes_and_goes";

/** What a file is at one time; `undefined` is that there is none. */
export type FileState = {
  /** See {@linkcode contentOf}. */
  readonly version: number;
  /** Its size in bytes. */
  readonly size: number;
} | undefined;

/** Sizes repeat after so many versions, never within a second: see `sizeOf`. */
const SIZES = 61;

/** One file that changes. */
export class SoakFile {
  /** Its name under `/files/`, also its first word. */
  readonly name: string;
  /** How it changes. */
  readonly way: Way;
  /** Its states. */
  readonly history: History<FileState>;
  /** Which entity tags were seen with which state. */
  readonly tags = new TagBook();
  readonly #lines: number;

  /** A file of about `lines` lines. */
  constructor(name: string, way: Way, lines: number) {
    this.name = name;
    this.way = way;
    this.#lines = lines;
    this.history = new History<FileState>({ version: 1, size: this.sizeOf(1) });
  }

  /** Whether it changes under its name: then it can be read half made. */
  get inPlace(): boolean {
    return this.losesBytes || this.way === "grown";
  }

  /** Whether its bytes change: then what is being sent cannot go on. */
  get losesBytes(): boolean {
    return this.way === "rewritten" || this.way === "truncated";
  }

  /**
   * The size of a whole version, in bytes. A tag in nginx's form is a time in
   * seconds and a size: versions of one second must differ in size, or the
   * soak would find what nginx has too.
   */
  sizeOf(version: number): number {
    return (this.#lines + version % SIZES) * LINE_BYTES;
  }

  /** The size it is cut to; that of no version near it. */
  cutSizeOf(version: number): number {
    return this.sizeOf(version) - (SIZES + 20) * LINE_BYTES;
  }

  /** From which size on it is replaced rather than appended to, in bytes. */
  get maxGrownSize(): number {
    return (this.#lines + 5 * SIZES) * LINE_BYTES;
  }
}

/** How many tags of a file are remembered. */
const KEPT_TAGS = 256;

/** See {@linkcode SoakFile.tags}. */
export class TagBook {
  readonly #states = new Map<string, string>();

  /** The state a tag was seen with, as text; a weak tag is its strong one. */
  stateOf(tag: string): string | undefined {
    return this.#states.get(strong(tag));
  }

  /** Notes a tag; `false` if it was seen with another state. */
  note(tag: string, state: FileState): boolean {
    const key = strong(tag);
    const known = this.#states.get(key);
    if (known !== undefined) return known === stateText(state);
    this.#states.set(key, stateText(state));
    if (this.#states.size > KEPT_TAGS) {
      this.#states.delete(this.#states.keys().next().value!);
    }
    return true;
  }

  /** The tag that was noted last. */
  get latest(): string | undefined {
    return [...this.#states.keys()].at(-1);
  }
}

function strong(tag: string): string {
  return tag.replace(/^W\//, "");
}

/** A state in words, for messages and to compare. */
export function stateText(state: FileState): string {
  return state === undefined
    ? "missing"
    : `version ${state.version} of ${state.size} bytes`;
}

/** Lines of a file that one response holds, of one that is copied, of one in memory that is not, and of one that is not kept in memory. */
const SMALL = 120;
const MEDIUM = 2000;
const LARGE = 20_000;

/** The files of a soak, as they are at its beginning. */
export function soakFiles(): SoakFile[] {
  const all: [Way, number[]][] = [
    ["replaced", [SMALL, MEDIUM, LARGE]],
    ["rewritten", [SMALL, MEDIUM, LARGE]],
    ["truncated", [SMALL, LARGE]],
    ["grown", [SMALL, LARGE]],
    ["comes_and_goes", [SMALL, LARGE]],
  ];
  return all.flatMap(([way, sizes]) =>
    sizes.map((lines) => new SoakFile(`${way}-${lines}.txt`, way, lines))
  );
}
