/**
 * One coarse timer for the deadlines of all connections. Setting a deadline
 * is then an assignment; an `AbortSignal.timeout()` per read would cost a
 * third of the throughput, and a long-lived promise in `Promise.race` would
 * leak a reaction per race (both measured).
 */

import { formatHttpDate } from "../http/semantics/date.ts";
import { DenseSet, type Indexed } from "../bytes/dense_set.ts";

/** How often deadlines are looked at, in ms: their precision. */
const SWEEP_INTERVAL_MS = 200;

/** How old the value of `Date` may be, in ms. */
const DATE_PRECISION_MS = 10;

/** A sweep that comes after so many intervals comes after a stall. */
const LATE_INTERVALS = 3;

/** Something that has a deadline. */
export interface Timed extends Indexed {
  /** When it passes, in ms of `performance.now()`; `Infinity` for never. */
  readonly deadlineAt: number;
  /** Called once the deadline has passed; sets another one or ends. */
  expire(): void;
}

/** The set of things that have deadlines, and the timer that looks at them. */
export class DeadlineSweep<T extends Timed> {
  readonly #members = new DenseSet<T>();
  readonly #intervalMs: number;
  readonly #swept: (expired: number, members: number) => void;
  /**
   * The time when somebody last asked, in ms of `performance.now()`: never
   * older than the interval, and good enough for a deadline. Asking anew at
   * each step of a request cost as much as parsing it (measured).
   */
  now: number = performance.now();
  /** The value of `Date` at that time, or {@linkcode DATE_PRECISION_MS} ago. */
  date = "";
  #dateAt = -Infinity;
  #second = NaN;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastAt = 0;
  #waited = false;
  #runsOn = false;

  /**
   * A sweep that looks every `intervalMs` while it has members. `swept` is told
   * of each look that found deadlines passed: how many, of how many members.
   */
  constructor(
    intervalMs: number = SWEEP_INTERVAL_MS,
    swept: (expired: number, members: number) => void = () => {},
  ) {
    this.#intervalMs = intervalMs;
    this.#swept = swept;
  }

  /** How many members there are. */
  get size(): number {
    return this.#members.size;
  }

  /** The time, in ms of `performance.now()`, which may be `known`. */
  time(known?: number): number {
    const now = this.now = known === undefined
      ? performance.now()
      : Math.max(known, this.now);
    if (now - this.#dateAt > DATE_PRECISION_MS) this.#renewDate();
    return now;
  }

  #renewDate(): void {
    this.#dateAt = this.now;
    const nowMs = Date.now();
    const second = Math.floor(nowMs / 1000);
    if (second === this.#second) return;
    this.#second = second;
    this.date = formatHttpDate(nowMs);
  }

  /** Adds a member; the timer runs while there is one. */
  add(member: T): void {
    this.#members.add(member);
    if (this.#timer !== undefined) return;
    this.#lastAt = this.time();
    this.#timer = setInterval(() => this.#sweep(), this.#intervalMs);
  }

  /** Removes a member. */
  delete(member: T): void {
    this.#members.delete(member);
    if (!this.#runsOn) this.#rest();
  }

  /**
   * From now on the timer runs on when the last member is gone, until its next
   * look: where members come one after the other, a timer for each would cost
   * more than all else that is done here.
   */
  runOn(): void {
    this.#runsOn = true;
  }

  /** Members will be few: without one the timer does not run. */
  stop(): void {
    this.#runsOn = false;
    this.#rest();
  }

  #rest(): void {
    if (this.#members.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Calls `action` for every member. */
  forEach(action: (member: T) => void): void {
    this.#members.forEach(action);
  }

  /**
   * After a stall, of the program or of the machine, what clients have sent in
   * the meantime is read first: their deadlines are looked at one interval
   * later, or a request that is here would be called late. Once only, so that
   * a program that is always late still has deadlines.
   */
  #sweep(): void {
    this.#rest();
    const now = this.time();
    const isLate = now - this.#lastAt > LATE_INTERVALS * this.#intervalMs;
    this.#lastAt = now;
    this.#waited = isLate && !this.#waited;
    if (this.#waited) return;
    const { size } = this.#members;
    let expired = 0;
    this.#members.forEach((member) => {
      if (member.deadlineAt > now) return;
      expired++;
      member.expire();
    });
    if (expired > 0) this.#swept(expired, size);
  }
}
