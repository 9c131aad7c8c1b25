/**
 * Fairness between many busy connections.
 *
 * The runtime lets 128 socket operations succeed in one round (tokio's budget
 * of a task). Operations that are ready beyond that are put off, and woken
 * again after the system has been asked what else is ready: behind those who
 * were served and have sent their next request in the meantime. So the same
 * 128 connections are served for ever. Measured with 2,000: half of them had
 * no answer within four seconds, and nobody new was accepted.
 *
 * The cure: when a round has brought so many reads that some may have been
 * put off, whoever has been answered does not read again until a round has
 * brought fewer, which is when nobody is left who waits. Then they go on, in
 * the order they came, some at a time. Whether there was a round at all is
 * what a {@linkcode LoopProbe} tells. (Measured with 2,000 connections: one
 * and a half times as many answers, the slowest after 70 ms.)
 */

import type { LoopProbe, ProbeEvents } from "./loop_probe.ts";
import type { SocketWatch } from "./pause.ts";

/** So many reads in one round are a crowd: the budget, less what else is. */
export const CROWD_READS = 100;

/** How many go on at a time: a read and a write each are the whole budget. */
export const READS_PER_TURN = 64;

/** Some connections that go on together. */
interface Batch {
  readonly turn: Promise<void>;
  readonly begin: () => void;
  size: number;
}

/** Makes a probe that tells `events`. */
type ProbeOpener = (events: ProbeEvents) => Promise<LoopProbe>;

/** Says who may read now, and who waits for a turn. */
export class FairReads implements SocketWatch {
  /** Whether the next read has to {@linkcode wait}. Only it sets this. */
  crowded = false;
  /** Whether there are so many readers that they may be a crowd. */
  counts = true;
  #probe: LoopProbe | undefined;
  #closed = false;
  /** How many reads this round has brought until now. */
  #reads = 0;
  #roundEnds = false;
  #asked = false;
  #answered = false;
  readonly #waiting: Batch[] = [];
  /** What is done after the next answer. */
  #paused: (() => void)[] = [];

  /**
   * From when `open` has made a probe, there are turns. Without one everybody
   * reads when they like.
   */
  async open(open: ProbeOpener): Promise<void> {
    const probe = await open({
      answered: () => this.#probeAnswered(),
      lost: () => this.close(),
    });
    if (this.#closed) probe.close();
    else this.#probe = probe;
  }

  /** Ends all turns: everybody reads when they like. */
  close(): void {
    this.#closed = true;
    this.#probe?.close();
    this.#probe = undefined;
    this.crowded = false;
    for (const { begin } of this.#waiting.splice(0)) begin();
    this.#resume();
  }

  /**
   * Calls back when the runtime has looked at its sockets; whether it will,
   * which takes a probe.
   */
  afterLook(action: () => void): boolean {
    if (this.#probe === undefined) return false;
    this.#paused.push(action);
    this.#ask();
    return true;
  }

  #resume(): void {
    const paused = this.#paused;
    this.#paused = [];
    for (const action of paused) action();
  }

  /** Counts a read that has brought something. */
  received(): void {
    this.#reads++;
    if (!this.#roundEnds) this.#endRoundSoon();
  }

  /** Resolves when the next read may be begun. */
  wait(): Promise<void> {
    let batch = this.#waiting.at(-1);
    if (batch === undefined || batch.size === READS_PER_TURN) {
      const { promise, resolve } = Promise.withResolvers<void>();
      batch = { turn: promise, begin: resolve, size: 0 };
      this.#waiting.push(batch);
    }
    batch.size++;
    this.#ask();
    return batch.turn;
  }

  /**
   * All that a round has brought is handed over before anybody goes on with
   * it, so this is called when all of its reads are counted.
   */
  #endRoundSoon(): void {
    this.#roundEnds = true;
    Promise.resolve().then(() => this.#endRound());
  }

  #endRound(): void {
    const reads = this.#reads;
    this.#reads = 0;
    this.#roundEnds = false;
    const answered = this.#answered;
    this.#answered = false;
    if (reads >= CROWD_READS) this.crowded = this.#probe !== undefined;
    else if (answered) {
      this.#waiting.shift()?.begin();
      this.crowded = this.#waiting.length > 0;
    }
    if (answered && this.#waiting.length > 0) this.#ask();
  }

  #ask(): void {
    if (this.#asked || this.#probe === undefined) return;
    this.#asked = true;
    this.#probe.ask();
  }

  #probeAnswered(): void {
    this.#asked = false;
    this.#answered = true;
    if (!this.#roundEnds) this.#endRoundSoon();
    this.#resume();
  }
}
