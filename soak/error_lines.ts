/** What the server may log as an error during a soak, and what not. */

/** How a line of the error log begins. */
const LINE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(\w+)\]/;

const ERRORS = new Set(["error", "crit", "alert", "emerg"]);

/** What a client does that nginx and webserv call an error. */
const CLIENT_FAULTS: readonly RegExp[] = [
  /^open\(\) "[^"]*" failed \(2: No such file or directory\), client: /,
  /^"[^"]*" is not found \(2: No such file or directory\), client: /,
  /^client intended to send too large body: \d+ bytes, client: /,
  /^client sent invalid chunked body: /,
  /^user "bob": password mismatch, client: /,
  /^limiting requests, excess: \d+\.\d{3} by zone "asked", client: /,
];

/** What is before the message of a line that belongs to a connection. */
const OF_CONNECTION = /^.*? \[error\] \d+#\d+: \*\d+ /;

function isClientFault(text: string): boolean {
  const message = text.replace(OF_CONNECTION, "");
  return message !== text && CLIENT_FAULTS.some((fault) => fault.test(message));
}

/** How many lines are kept. */
const MAX_KEPT = 20;

/** What is expected. */
export interface ExpectedErrors {
  /** Whether the file at a path changes while it may be sent. */
  changes(path: string): boolean;
}

/** Sorts the lines of the error log. */
export class ErrorLines {
  /** Lines that speak of a configuration that was refused. */
  refusals = 0;
  /** Lines that say why one was refused. */
  reasons = 0;
  /** Answers that could not go on because their file changed. */
  changedFiles = 0;
  /** What should not be there, or is no line. */
  readonly unexpected: string[] = [];
  readonly #expected: ExpectedErrors;

  constructor(expected: ExpectedErrors) {
    this.#expected = expected;
  }

  /** A line, without its end. */
  line(text: string): void {
    const level = LINE.exec(text)?.[1];
    if (level !== undefined && !ERRORS.has(level)) {
      // A log that drops lines says so by a warning.
      if (level === "warn") this.#unexpected(text);
      return;
    }
    if (isClientFault(text)) return;
    const changed = /"([^"]+)" changed while it was sent/.exec(text)?.[1];
    if (level === "emerg") this.reasons++;
    else if (text.includes("the configuration was not reloaded")) {
      this.refusals++;
    } else if (
      level === "error" && changed !== undefined &&
      this.#expected.changes(changed)
    ) {
      this.changedFiles++;
    } else {
      this.#unexpected(text);
    }
  }

  /** A file has ended with `rest` behind its last whole line. */
  fileEnd(rest: string): void {
    if (rest !== "") this.#unexpected(`cut: ${rest}`);
  }

  #unexpected(text: string): void {
    if (this.unexpected.length < MAX_KEPT) this.unexpected.push(text);
  }
}
