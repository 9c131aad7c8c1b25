/**
 * State that modules share across locations, workers and reloads, as nginx's
 * shared memory zones. Workers are threads of one process, so a zone is memory
 * that all of them have, and a lock in front of it.
 */

import { ConfigError, type SourcePlace } from "../config/errors.ts";

/** The lock, and how many wait for it, before what modules see; in bytes. */
const HEADER_BYTES = 16;

/** Where they are in the header. */
const LOCK = 0;
const WAITERS = 1;

/** How often a lock is tried before its thread sleeps. */
const SPINS = 100;

/**
 * A lock is held for microseconds. One that is held so long, in ms, belongs to
 * a thread that has died within it, and is taken over.
 */
const ORPHANED_MS = 2000;

/** Memory that is one for all threads, with a lock that all of them heed. */
export class SharedZone {
  /** What the zone holds: zeros at first. Looked at only when locked. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
  readonly #header: Int32Array<SharedArrayBuffer>;
  /** What the lock says when this thread has it. */
  readonly #own: number;

  /** The zone in `memory`, for the thread with this number. */
  constructor(memory: SharedArrayBuffer, thread: number) {
    this.bytes = new Uint8Array(memory, HEADER_BYTES);
    this.#header = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.#own = thread + 1;
  }

  /**
   * Does `work` while no other thread looks at the zone. It must be short,
   * because threads wait for it without doing anything else.
   *
   * @throws {TypeError} when this thread is within the lock already
   */
  locked<T>(work: () => T): T {
    this.#lock();
    try {
      return work();
    } finally {
      this.#unlock();
    }
  }

  #lock(): void {
    const header = this.#header;
    for (let spin = 0; spin < SPINS; spin++) {
      const holder = Atomics.compareExchange(header, LOCK, 0, this.#own);
      if (holder === 0) return;
      if (holder === this.#own) throw new TypeError("the zone is locked twice");
    }
    Atomics.add(header, WAITERS, 1);
    try {
      for (;;) {
        const holder = Atomics.compareExchange(header, LOCK, 0, this.#own);
        if (holder === 0) return;
        const woken = Atomics.wait(header, LOCK, holder, ORPHANED_MS);
        const isOrphan = woken === "timed-out" &&
          Atomics.compareExchange(header, LOCK, holder, this.#own) === holder;
        if (isOrphan) return;
      }
    } finally {
      Atomics.sub(header, WAITERS, 1);
    }
  }

  #unlock(): void {
    const header = this.#header;
    // Whoever was so slow that the lock was taken over has none to give back.
    Atomics.compareExchange(header, LOCK, this.#own, 0);
    if (Atomics.load(header, WAITERS) > 0) Atomics.notify(header, LOCK, 1);
  }
}

/** The memory of a zone, and what it is for. */
export interface ZoneMemory {
  /** What kind of state is in it: each has one module that reads it. */
  readonly kind: string;
  /** Header and content. */
  readonly memory: SharedArrayBuffer;
}

/** How a zone is opened. */
interface ZoneRequest {
  /** What kind of state is in it. A zone of another kind is another zone. */
  readonly kind: string;
  /** How much it holds, in bytes. */
  readonly bytes: number;
  /** Where that is said. */
  readonly place: SourcePlace;
}

/** The zones of one configuration, by name. */
export class Zones {
  readonly #before: ReadonlyMap<string, ZoneMemory>;
  readonly #thread: number;
  readonly #memory = new Map<string, ZoneMemory>();
  readonly #zones = new Map<string, SharedZone>();

  /**
   * Zones that take over the memory of those `before`, where name, kind and
   * size are the same: those of the configuration before, or, on the thread of
   * a worker, those of the supervisor. `thread` is the number of this one.
   */
  constructor(before: ReadonlyMap<string, ZoneMemory> = new Map(), thread = 0) {
    this.#before = before;
    this.#thread = thread;
  }

  /** Their memory, for other threads and the next configuration. */
  get memory(): ReadonlyMap<string, ZoneMemory> {
    return this.#memory;
  }

  /**
   * The zone of this name, made if there is none: once, while a configuration
   * is compiled, so that every thread has the same.
   *
   * @throws {ConfigError} in nginx's words, when it is already one of another
   * kind or size, or there is not so much memory
   * @throws {TypeError} on the thread of a worker, when the supervisor has not
   * opened it
   */
  open(name: string, { kind, bytes, place }: ZoneRequest): SharedZone {
    const known = this.#memory.get(name);
    if (known === undefined) {
      const before = this.#before.get(name);
      const isSame = before?.kind === kind && sizeOf(before) === bytes;
      if (!isSame && this.#thread > 0) {
        throw new TypeError(`zone "${name}" is none of the supervisor's`);
      }
      const memory = isSame ? before.memory : allocate(name, bytes, place);
      this.#memory.set(name, { kind, memory });
      const zone = new SharedZone(memory, this.#thread);
      this.#zones.set(name, zone);
      return zone;
    }
    if (known.kind !== kind) {
      throw new ConfigError(
        `the shared memory zone "${name}" is already declared ` +
          "for a different use",
        place,
        "expected another name",
      );
    }
    if (sizeOf(known) !== bytes) {
      throw new ConfigError(
        `the size ${bytes} of shared memory zone "${name}" ` +
          `conflicts with already declared size ${sizeOf(known)}`,
        place,
        "expected the same size, or another name",
      );
    }
    return this.#zones.get(name)!;
  }

  /**
   * The zone that a directive refers to.
   *
   * @throws {ConfigError} in nginx's words, when none of this kind is opened
   */
  get(name: string, kind: string, place: SourcePlace): SharedZone {
    const known = this.#memory.get(name);
    if (known === undefined) {
      throw new ConfigError(
        `zero size shared memory zone "${name}"`,
        place,
        "nothing declares it",
      );
    }
    return this.open(name, { kind, bytes: sizeOf(known), place });
  }
}

function sizeOf({ memory }: ZoneMemory): number {
  return memory.byteLength - HEADER_BYTES;
}

function allocate(
  name: string,
  bytes: number,
  place: SourcePlace,
): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(HEADER_BYTES + bytes);
  } catch (cause) {
    throw new ConfigError(
      `there is no memory for the ${bytes} bytes of zone "${name}" (${
        (cause as Error).message
      })`,
      place,
      "expected a smaller size",
    );
  }
}
