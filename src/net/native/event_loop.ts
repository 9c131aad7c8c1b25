/**
 * The epoll of a thread, beside the runtime's own loop. While there is
 * something to do it is asked without waiting, and what was woken runs between
 * two questions; with nothing to do the same question waits on a thread of its
 * own. Every few milliseconds it is asked in that way however much there is to
 * do: only so does the runtime look at its own sockets and timers.
 *
 * A descriptor is a number that the system gives to the next one as soon as it
 * is closed. So what the system tells of one has the number of a slot and the
 * generation of its user; what is of an earlier generation is not told.
 */

import { closeSync, openSync, statSync } from "node:fs";
import type { MemoryUse } from "../../bytes/memory_budget.ts";
import { RUNTIME_USE } from "../../scheduling/runtime_use.ts";
import { BodyImages, IMAGE_BUDGET_BYTES } from "./body_images.ts";
import { CLibrary, ERRNO, EventList } from "./c_library.ts";
import { systemError } from "../../os_error.ts";

/** How many events are told of at a time (nginx's `epoll_events`: 512). */
const EVENTS = 512;

/**
 * How long the runtime's loop may have to wait for its turn, in ms: when nobody
 * is known to need it, and when somebody is.
 */
const TURN_MS = { unneeded: 8, needed: 1 } as const;

/**
 * How many steps whoever was woken may have left to do when nothing new has
 * happened: they run before anything waits. To ask again after each of them
 * took a tenth of what clients cost that are slower than this (measured).
 */
const STEPS_LEFT = 8;

/**
 * How often in vain after that the program's own thread waits, for a
 * millisecond each. Where clients come one after the other, a question on
 * another thread costs more than their answers (measured: 15 µs each).
 */
const SHORT_WAITS = 2;

/**
 * How long a question waits at most, in ms: a thread that is ended from
 * outside has to wait for it.
 */
const LONGEST_WAIT_MS = 10_000;

/**
 * How much bodies that go on send in a round, and as much those who were put
 * off in the one before, in bytes: some ms. Without it many clients that ask
 * for large files at once keep everybody else waiting until all their sockets
 * are full (measured over HTTP/2 with 200 of them: 450 ms).
 */
const BYTES_A_TURN = 2 * 1024 * 1024;

/** Whoever is told what happens to a descriptor. */
export interface Pollable {
  /** Some of `EPOLL` has happened, or its turn has come. */
  ready(events: number): void;
}

/** What tells of descriptors. */
export class EventLoop {
  /** The system's calls of this thread. */
  readonly library: CLibrary;
  /** Whether the runtime's numbers of files are the system's. */
  readonly sharesFiles: boolean;
  /** Bodies that sockets take without a copy. */
  readonly images: BodyImages;
  /** How often it has asked what has happened. */
  round = 0;
  /**
   * When it began to tell of that, in ms of `performance.now()`: to ask for the
   * time takes a fiftieth of what a small answer does (measured), and as in
   * nginx all who are told in a round have one.
   */
  toldAt = 0;
  /** What is left of what large bodies may send, in bytes. */
  #sendable = BYTES_A_TURN;
  /** Who is told of each slot. */
  readonly #slots: (Pollable | undefined)[] = [];
  /** How many users each slot has had. */
  readonly #generations: number[] = [];
  readonly #free: number[] = [];
  readonly #events = new EventList(EVENTS);
  /** Those who go on in the next round. */
  #next: Pollable[] = [];
  #epoll = -1;
  #bell = -1;
  #users = 0;
  #runs = false;
  /** Whether a question waits on another thread. */
  #waits = false;
  #ran: Promise<void> = Promise.resolve();

  /** A loop of the thread that `library` is of; it runs while it has users. */
  constructor(library: CLibrary) {
    this.library = library;
    this.sharesFiles = sharesFiles(library);
    this.images = new BodyImages(library);
  }

  /** How many descriptors it tells of. */
  get users(): number {
    return this.#users;
  }

  /** Settles when it runs no more, which it does without users. */
  get ended(): Promise<void> {
    return this.#ran;
  }

  /**
   * Tells `user` from now on what happens to `fd`, until {@linkcode remove}
   * with the number that is returned.
   *
   * @throws {Error} what the system says
   */
  add(fd: number, user: Pollable): number {
    if (this.#users === 0) this.#open();
    const index = this.#free.pop() ?? this.#generations.length;
    const generation = this.#generations[index] ??= 0;
    const result = this.library.epollAdd(this.#epoll, fd, index, generation);
    if (result < 0) {
      this.#free.push(index);
      if (!this.#runs && !this.#isNeeded) this.#close();
      throw systemError(-result);
    }
    this.#slots[index] = user;
    if (this.#users++ === 0) this.#start();
    return index;
  }

  /**
   * Tells nothing more; the descriptor has to be closed at once, which is what
   * makes the system forget it; a `duplicate` is told of here, because it has
   * to be forgotten by its number.
   */
  remove(index: number, duplicate?: number): void {
    if (duplicate !== undefined) {
      this.library.epollRemove(this.#epoll, duplicate);
    }
    this.#slots[index] = undefined;
    this.#generations[index] = (this.#generations[index]! + 1) >>> 0;
    this.#free.push(index);
    if (--this.#users === 0) this.#wake();
  }

  /**
   * Calls `user` in the next round, with no events. There is one even when it
   * tells of no descriptor.
   */
  again(user: Pollable): void {
    this.#next.push(user);
    if (this.#runs || this.#users > 0) return this.#wake();
    this.#open();
    this.#start();
  }

  /**
   * Whether a body that goes on may send more; if not, it has its turn in the
   * next round. What it sends is counted by {@linkcode sent}.
   */
  get maySend(): boolean {
    return this.#sendable > 0;
  }

  /** So many bytes have been sent. */
  sent(bytes: number): void {
    this.#sendable -= bytes;
  }

  #open(): void {
    if (this.#epoll >= 0) return;
    const { library } = this;
    const epoll = library.epollCreate();
    if (epoll < 0) throw systemError(-epoll);
    const bell = library.bell();
    const added = bell < 0 ? bell : library.epollAdd(epoll, bell, BELL, 0);
    if (added < 0) {
      if (bell >= 0) library.close(bell);
      library.close(epoll);
      throw systemError(-added);
    }
    this.#epoll = epoll;
    this.#bell = bell;
  }

  #start(): void {
    const before = this.#ran;
    this.#ran = before.then(() => this.#run());
  }

  /** Lets a question that waits be answered. */
  #wake(): void {
    if (this.#waits) this.library.ring(this.#bell);
  }

  get #isNeeded(): boolean {
    return this.#users > 0 || this.#next.length > 0;
  }

  async #run(): Promise<void> {
    // Somebody may have begun and left while the last run ended.
    if (!this.#isNeeded) return this.#end();
    this.#runs = true;
    try {
      await this.#askOn();
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#runs = false;
    this.images.close();
    this.#close();
  }

  async #askOn(): Promise<void> {
    let turnedAt = performance.now();
    let empty = 0;
    while (this.#isNeeded) {
      if (this.#next.length > 0) empty = 0;
      const isNeeded = RUNTIME_USE.waiting > 0;
      const most = isNeeded ? 1 : 1 + SHORT_WAITS;
      const turnMs = isNeeded ? TURN_MS.needed : TURN_MS.unneeded;
      const now = performance.now();
      if (empty < most && now - turnedAt < turnMs) {
        const isTold = empty === 0 ? this.#ask(0, now) : this.#ask(1);
        empty = isTold ? 0 : empty + 1;
        // What was woken runs now.
        for (let left = empty === 1 ? STEPS_LEFT : 1; left > 0; left--) {
          await undefined;
        }
      } else {
        empty = await this.#wait() ? 0 : most;
        turnedAt = performance.now();
      }
    }
    // At once: whoever comes in between would be told of by nobody.
    this.#end();
  }

  #close(): void {
    if (this.#epoll < 0) return;
    this.library.close(this.#epoll);
    this.library.close(this.#bell);
    this.#epoll = this.#bell = -1;
  }

  /**
   * Asks, and waits up to `ms` for it. Whether there was anything, which is
   * told as of `now`, if that is given.
   */
  #ask(ms: number, now?: number): boolean {
    const count = this.library.epollNow(this.#epoll, this.#events, ms);
    if (count < 0 && count !== -ERRNO.interrupted) throw systemError(-count);
    return this.#tell(count, now);
  }

  async #wait(): Promise<boolean> {
    const ms = this.#next.length > 0 ? 0 : LONGEST_WAIT_MS;
    this.#waits = true;
    try {
      const count = await this.library.epollWait(
        this.#epoll,
        this.#events,
        ms,
      );
      this.#waits = false;
      // Which error it was is only known of a question of this thread.
      return count < 0 ? this.#ask(0) : this.#tell(count);
    } finally {
      this.#waits = false;
    }
  }

  #tell(count: number, now?: number): boolean {
    this.round++;
    this.#sendable = BYTES_A_TURN;
    const next = this.#next;
    // Whoever asks for a turn from now on has it in the next round: with no
    // list of its own it is behind those who are told now.
    const due = next.length;
    if (count > 0 || due > 0) this.toldAt = now ?? performance.now();
    if (due > 0) this.#next = [];
    for (let i = 0; i < count; i++) {
      const events = this.#events.events(i);
      const index = this.#events.slot(i);
      if (index === BELL) {
        this.library.hush(this.#bell);
        continue;
      }
      if (this.#generations[index] !== this.#events.generation(i)) continue;
      const user = this.#slots[index];
      if (user !== undefined) tell(user, events);
    }
    // Whoever was put off is not put off by those who are told of just now.
    this.#sendable = BYTES_A_TURN;
    for (let i = 0; i < due; i++) tell(next[i]!, 0);
    return count > 0 || due > 0;
  }
}

/** The slot that the bell has. */
const BELL = 0xffff_ffff;

/** Whoever fails ends like a timer that throws, and the others go on. */
function tell(user: Pollable, events: number): void {
  try {
    user.ready(events);
  } catch (error) {
    reportError(error);
  }
}

/**
 * Whether `node:fs` opens files by the numbers that the system has for them:
 * older versions of the runtime have numbers of their own, by which another
 * file would be sent. It is tried with the one file that is always there.
 */
function sharesFiles(library: CLibrary): boolean {
  try {
    const path = Deno.execPath();
    const file = openSync(path, "r");
    try {
      return library.fileSize(file) === statSync(path).size;
    } finally {
      closeSync(file);
    }
  } catch {
    return false;
  }
}

let loop: EventLoop | undefined;
let refusal: string | undefined;

/** Why {@linkcode eventLoop} has none; `undefined` if it has. */
export function withoutEpoll(): string | undefined {
  eventLoop();
  return refusal;
}

/** What copies of bodies take on this thread: nothing without a loop. */
export function imagesMemory(): MemoryUse {
  return loop?.images ?? { bytes: 0, budget: IMAGE_BUDGET_BYTES };
}

/** Descriptors of the process; 0 without a loop, or where nobody counts them. */
export function countedDescriptors(): number {
  return loop?.library.openDescriptors() ?? 0;
}

/**
 * Settles when the loop of this thread has no users any more, and has closed
 * what it had: the end of a thread closes nothing of the system's. `undefined`
 * where there is no loop.
 */
export function loopEnded(): Promise<void> | undefined {
  return loop?.ended;
}

/** The loop of this thread, which is made when it is first asked for. */
export function eventLoop(): EventLoop | undefined {
  if (loop === undefined && refusal === undefined) {
    try {
      loop = new EventLoop(new CLibrary());
    } catch (error) {
      refusal = reasonOf(error);
    }
  }
  return loop;
}

/** What keeps the library from being loaded, for whoever wants it. */
function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "the program has no --allow-ffi, or has given it up at its start";
  }
  const text = error instanceof Error ? error.message : String(error);
  return `the C library cannot be loaded: ${text}`;
}
