/**
 * What the one who talks to the authorities tells all workers, in a zone of
 * shared memory: answers to challenges, certificates, and how it goes. Workers
 * read it when its version has changed.
 */

import type { SharedZone } from "../../core/zones.ts";

/** A chain and its private key, in PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** The answer to a challenge, until it is forgotten in any case. */
export interface Answer {
  /** HTTP-01: what is sent. */
  readonly text?: string;
  /** TLS-ALPN-01: the certificate that is shown. */
  readonly pair?: Pair;
  /** When it is of no use any more, in ms since 1970. */
  readonly until: number;
}

/** How it goes with a certificate; times in ms since 1970. */
export interface Progress {
  readonly names: readonly string[];
  readonly issuer: string;
  /** When the certificate that is served ends. */
  readonly notAfter?: number | undefined;
  readonly lastSuccess?: number | undefined;
  readonly lastFailure?: number | undefined;
  /** When it is renewed, or tried again. */
  readonly nextAttempt?: number | undefined;
}

/** All that is told. */
export interface Notices {
  /** HTTP-01: by token. */
  readonly tokens: Readonly<Record<string, Answer>>;
  /** TLS-ALPN-01: by the name that is asked for. */
  readonly hosts: Readonly<Record<string, Answer>>;
  /** By {@linkcode Wanted.id}. */
  readonly pairs: Readonly<Record<string, Pair>>;
  /** By {@linkcode Wanted.id}. */
  readonly progress: Readonly<Record<string, Progress>>;
}

/** Nothing has been told. */
const NO_NOTICES: Notices = {
  tokens: {},
  hosts: {},
  pairs: {},
  progress: {},
};

/** Version and length, in 32 bits each, before the text. */
const HEAD_BYTES = 8;

const UTF8 = new TextEncoder();
const TEXT = new TextDecoder();

/** The notices of a zone. */
export class Board {
  readonly #zone: SharedZone;
  readonly #words: Uint32Array;
  #version = 0;
  #notices = NO_NOTICES;

  /** The board in `zone`. */
  constructor(zone: SharedZone) {
    this.#zone = zone;
    const { buffer, byteOffset } = zone.bytes;
    this.#words = new Uint32Array(buffer, byteOffset, HEAD_BYTES / 4);
  }

  /**
   * What is told now. A pair that has not changed is the same object as
   * before.
   */
  read(): Notices {
    const words = this.#words;
    if (Atomics.load(words, 0) === this.#version) return this.#notices;
    const bytes = this.#zone.locked(() => {
      this.#version = words[0]!;
      return this.#zone.bytes.slice(HEAD_BYTES, HEAD_BYTES + words[1]!);
    });
    const notices: Notices = JSON.parse(TEXT.decode(bytes));
    const pairs = { ...notices.pairs };
    for (const [id, known] of Object.entries(this.#notices.pairs)) {
      if (pairs[id]?.cert === known.cert) pairs[id] = known;
    }
    return this.#notices = { ...notices, pairs };
  }

  /** @throws {RangeError} when the zone is too small for `notices` */
  write(notices: Notices): void {
    const bytes = UTF8.encode(JSON.stringify(notices));
    const room = this.#zone.bytes.length - HEAD_BYTES;
    if (bytes.length > room) {
      throw new RangeError(
        `acme_shared_zone has ${room} bytes, and ${bytes.length} are needed`,
      );
    }
    this.#zone.locked(() => {
      this.#zone.bytes.set(bytes, HEAD_BYTES);
      this.#words[1] = bytes.length;
      const next = this.#words[0]! + 1;
      // 0 is the version of nothing.
      Atomics.store(this.#words, 0, next >>> 0 || 1);
    });
  }
}
