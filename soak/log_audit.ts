/**
 * Keeps book of requests and their lines in the access log. Requests bear a
 * mark; each one that was answered must have exactly one whole line, with the
 * status of its answer, and each whose connection ended at most one.
 */

/** A line in the format `combined`, whose words hold no bare quote. */
const WORD = String.raw`(?:[^"\\\x00-\x1f\x7f-\uffff]|\\x[0-9A-F]{2})*`;
const COMBINED = new RegExp(
  String
    .raw`^(?:127\.0\.0\.1|192\.0\.2\.\d{1,3}) - (?:-|bob) \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] ` +
    `"${WORD}" (\\d{3}) \\d+ "${WORD}" "(${WORD})"$`,
);

/** How many problems are kept in words. */
const MAX_WORDED = 20;

/** What the access log should say, and what it does. */
export class LogAudit {
  /** Answered, and not found yet: the status by the mark. */
  readonly #answered = new Map<string, number>();
  /** Found, and not answered yet. */
  readonly #found = new Map<string, number>();
  /** Sent, and not answered because the connection ended. */
  readonly #cut = new Set<string>();
  readonly #problems: string[] = [];
  #problemCount = 0;
  #lines = 0;
  #matched = 0;

  /** How many lines there were. */
  get lines(): number {
    return this.#lines;
  }

  /** How many answers have been found. */
  get matched(): number {
    return this.#matched;
  }

  /** The request with this mark was answered. */
  answered(mark: string, status: number): void {
    const found = this.#found.get(mark);
    if (found === undefined) {
      this.#answered.set(mark, status);
      return;
    }
    this.#found.delete(mark);
    this.#match(mark, status, found);
  }

  /** The connection of the request with this mark ended before its answer. */
  cut(mark: string): void {
    // Its line, if there is one, may have been read already.
    if (!this.#found.delete(mark)) this.#cut.add(mark);
  }

  /** A line of the log, without its end. */
  line(text: string): void {
    this.#lines++;
    const [whole, status, mark = ""] = COMBINED.exec(text) ?? [];
    if (whole === undefined) {
      return this.#problem(`torn line: ${JSON.stringify(text.slice(0, 300))}`);
    }
    if (!mark.startsWith("soak/")) return;
    const answered = this.#answered.get(mark);
    if (answered !== undefined) {
      this.#answered.delete(mark);
      this.#match(mark, answered, Number(status));
    } else if (!this.#cut.delete(mark)) {
      if (this.#found.has(mark)) this.#problem(`${mark} is logged twice`);
      this.#found.set(mark, Number(status));
    }
  }

  /** A file of the log has ended with `rest` behind its last whole line. */
  fileEnd(rest: string): void {
    if (rest === "") return;
    this.#problem(`a file ends with ${JSON.stringify(rest.slice(0, 300))}`);
  }

  /** What was wrong, when every line has been read. */
  finish(): string[] {
    if (this.#answered.size > 0) {
      const [first] = this.#answered.keys();
      this.#problem(
        `${this.#answered.size} answered requests have no line, as ${first}`,
      );
    }
    if (this.#found.size > 0) {
      const [first] = this.#found.keys();
      this.#problem(
        `${this.#found.size} lines are one too many or of no request, as of ` +
          first,
      );
    }
    return this.#problemCount > MAX_WORDED
      ? [
        ...this.#problems,
        `and ${this.#problemCount - MAX_WORDED} more in the log`,
      ]
      : [...this.#problems];
  }

  #match(mark: string, answered: number, logged: number): void {
    this.#matched++;
    if (answered === logged) return;
    this.#problem(`${mark} was answered by ${answered}, logged as ${logged}`);
  }

  #problem(text: string): void {
    if (++this.#problemCount <= MAX_WORDED) this.#problems.push(text);
  }
}
