/**
 * What engines leave behind that were closed: the runtime's own object of each
 * is freed by the collector of garbage and in no other way. The collector sees
 * a few bytes of it, and has no reason to look: handshakes that fail took 9 KB
 * each, 400 MB after 42,000 of them, and no end of it (measured, Deno 2.9.6).
 *
 * Nobody can ask it to look, but it does so by itself when much memory beside
 * its heap is asked for. So that is done now and then: what is asked for is
 * dropped at once, and as nobody touches it the system never has to give it.
 * (Measured: 100 MB at most, and half a millisecond each time.)
 */

/** What the object of one engine takes, in bytes (measured: 8.7 KB). */
const OBJECT_BYTES = 9 * 1024;

/** How much may wait for the collector, in bytes, as far as it is up to us. */
const BUDGET_BYTES = 32 * 1024 * 1024;

/**
 * How much is asked for, in bytes: more than V8 lets come beside its heap
 * before it looks (64 MB), and than the C library keeps instead of giving it
 * back to the system untouched (32 MB).
 */
const PRESSURE_BYTES = 96 * 1024 * 1024;

/** The engines of a thread that were closed. */
export class EngineRemains {
  readonly #press: (bytes: number) => void;
  #bytes = 0;

  /** None yet. `press` asks for memory, and drops it. */
  constructor(press: (bytes: number) => void = askFor) {
    this.#press = press;
  }

  /** One more was closed. */
  add(): void {
    this.#bytes += OBJECT_BYTES;
    if (this.#bytes < BUDGET_BYTES) return;
    this.#bytes = 0;
    this.#press(PRESSURE_BYTES);
  }
}

function askFor(bytes: number): void {
  try {
    new ArrayBuffer(bytes);
  } catch {
    // The process may not have that much: then its heap is small, too.
  }
}
