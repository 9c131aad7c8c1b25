/**
 * Request targets as they are asked for again and again: what is worked out
 * about one is kept with it, and it is the same string every time, so that a
 * map that is asked for its path finds the hash in it.
 */

import { latin1 } from "../bytes/ascii.ts";
import { ByteMemo } from "../bytes/byte_memo.ts";
import type { MemoryUse } from "../bytes/memory_budget.ts";
import {
  normalizePath,
  type NormalizePathOptions,
  parseTarget,
  type RequestTarget,
} from "./target.ts";

/** How many targets are remembered; a large site has some thousand files. */
const KNOWN_TARGETS = 2048;

/** A request target: as sent, and what it means. */
export class KnownTarget {
  /** As sent, one character per byte. */
  readonly text: string;
  #parsed: RequestTarget | undefined;
  #path: string | undefined;
  #pathMerges = false;

  /** The target `text`. */
  constructor(text: string) {
    this.text = text;
  }

  /**
   * Its parts.
   *
   * @throws {HttpError} as {@linkcode parseTarget}
   */
  get parsed(): RequestTarget {
    return this.#parsed ??= parseTarget(this.text);
  }

  /**
   * The normalised form of `path`, the path of its parts.
   *
   * @throws {HttpError} as {@linkcode normalizePath}
   */
  normalized(path: string, options: NormalizePathOptions): string {
    if (this.#path === undefined || this.#pathMerges !== options.mergeSlashes) {
      this.#path = normalizePath(path, options);
      this.#pathMerges = options.mergeSlashes;
    }
    return this.#path;
  }
}

/** What one takes, with its parts, in bytes. */
const TARGET_BYTES = 1024;

const known = new ByteMemo<KnownTarget>(KNOWN_TARGETS, TARGET_BYTES);

/** What the targets that are known take. */
export const TARGET_MEMORY: MemoryUse = known;

/** The target that the bytes from `start` to `end` are. */
export function knownTarget(
  bytes: Uint8Array,
  start: number,
  end: number,
): KnownTarget {
  let target = known.find(bytes, start, end);
  if (target === undefined) {
    target = new KnownTarget(latin1(bytes, start, end));
    known.keep(bytes, start, end, target);
  }
  return target;
}
