/**
 * What goes wrong with a log, gathered and told once a second at most: a full
 * disk loses thousands of lines a second, and one report a second says it all.
 */

/** The shortest time between two reports of one log, in ms. */
const REPORT_INTERVAL_MS = 1000;

/** What went wrong with a log since it was last reported. */
export interface LogTrouble {
  /** The log, as it was named. */
  readonly path: string;
  /** How many lines were dropped. */
  readonly droppedLines: number;
  /** The last error of writing or opening, if there was one. */
  readonly error: unknown;
}

/** Told about trouble; what it throws is ignored. */
export type TroubleListener = (trouble: LogTrouble) => void;

/** The trouble of one log that has not been reported yet. */
export class TroubleReporter {
  readonly #path: string;
  readonly #listener: TroubleListener | undefined;
  #droppedLines = 0;
  #error: unknown;
  #lastReportMs = -Infinity;

  constructor(path: string, listener: TroubleListener | undefined) {
    this.#path = path;
    this.#listener = listener;
  }

  /** Counts lines that were dropped. */
  dropped(lines: number): void {
    this.#droppedLines += lines;
    this.report();
  }

  /** Keeps the error of a write or an open that failed. */
  failed(error: unknown): void {
    this.#error = error;
    this.report();
  }

  /** Reports what there is, if the last report is a second old. */
  report(): void {
    if (this.#droppedLines === 0 && this.#error === undefined) return;
    const nowMs = Date.now();
    const sinceMs = nowMs - this.#lastReportMs;
    // A negative time is a clock that was set back.
    if (sinceMs >= 0 && sinceMs < REPORT_INTERVAL_MS) return;
    this.reportNow(nowMs);
  }

  /** Reports what there is: nothing may follow later. */
  reportNow(nowMs: number = Date.now()): void {
    if (this.#droppedLines === 0 && this.#error === undefined) return;
    const trouble: LogTrouble = {
      path: this.#path,
      droppedLines: this.#droppedLines,
      error: this.#error,
    };
    // Before the listener is called, because it may log, and fail, itself.
    this.#lastReportMs = nowMs;
    this.#droppedLines = 0;
    this.#error = undefined;
    try {
      this.#listener?.(trouble);
    } catch {
      // A log must not fail because its trouble could not be told.
    }
  }
}
