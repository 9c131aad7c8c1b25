/** The text of a pattern while it is read, one character for each byte. */

import { PatternError } from "../pattern_error.ts";

/** A position in a pattern, and the ways to move it. */
export class Cursor {
  /** The pattern. */
  readonly text: string;
  /** The character that is read next. */
  position = 0;

  constructor(text: string) {
    this.text = text;
  }

  /** Whether everything has been read. */
  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** The character that is next, or one behind it; empty at the end. */
  peek(ahead = 0): string {
    return this.text.charAt(this.position + ahead);
  }

  /** Whether `text` is next. */
  sees(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  /** Reads `text` if it is next. */
  take(text: string): boolean {
    const isNext = this.sees(text);
    if (isNext) this.position += text.length;
    return isNext;
  }

  /** Reads one character; empty at the end. */
  next(): string {
    const char = this.peek();
    this.position += char.length;
    return char;
  }

  /** Reads what `pattern`, which is sticky, matches here, if it does. */
  match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text) ?? undefined;
    if (match !== undefined) this.position += match[0].length;
    return match;
  }

  /** What was read since `start`. */
  since(start: number): string {
    return this.text.slice(start, this.position);
  }

  /**
   * Reads up to `terminator` and over it.
   *
   * @returns what stands before it
   * @throws {PatternError} when it does not come
   */
  until(terminator: string, opened: string): string {
    const end = this.text.indexOf(terminator, this.position);
    if (end < 0) {
      throw new PatternError(`"${opened}" without its "${terminator}"`);
    }
    const inside = this.text.slice(this.position, end);
    this.position = end + terminator.length;
    return inside;
  }
}
