/**
 * Copies of bodies in memory of the system, from where a socket takes them
 * without another copy. The bytes of a body that is kept in memory never
 * change, so unlike with a file nothing has to be made sure of afterwards.
 * (Measured with 100 KB: the copy into the socket was half of the answer.)
 */

import type { MemoryUse } from "../../bytes/memory_budget.ts";
import { LEAST_KEPT_BYTES } from "../../http/kept_bytes.ts";
import type { CLibrary } from "./c_library.ts";

/** What all copies of a thread take, in bytes: as much as the file cache. */
export const IMAGE_BUDGET_BYTES = 32 * 1024 * 1024;

/** How many there are: each is a file descriptor. */
const MOST_IMAGES = 256;

/** After how many uses a body gets one. */
const USES_BEFORE = 2;

/** A copy of a body. */
interface Image {
  /** Its descriptor; -1 when it is closed. */
  file: number;
  readonly at: number;
  readonly length: number;
}

/** What is known of the memory of a body. */
interface Known {
  uses: number;
  image: Image | undefined;
}

/** How a {@linkcode BodyImages} is made. */
interface BodyImagesOptions {
  /** What all take, in bytes. */
  readonly budget?: number;
  /** How many there are. */
  readonly most?: number;
}

/** The copies of a thread. */
export class BodyImages implements MemoryUse {
  readonly #library: CLibrary;
  /** What all may take, in bytes. */
  readonly budget: number;
  readonly #most: number;
  readonly #known = new WeakMap<ArrayBufferLike, Known>();
  /** Those that are open, by when they were last used. */
  readonly #open = new Set<Image>();
  /** Closes those whose body is gone. */
  readonly #gone = new FinalizationRegistry<Image>((image) =>
    this.#close(image)
  );
  #bytes = 0;

  /** None yet. */
  constructor(library: CLibrary, options: BodyImagesOptions = {}) {
    this.#library = library;
    this.budget = options.budget ?? IMAGE_BUDGET_BYTES;
    this.#most = options.most ?? MOST_IMAGES;
  }

  /** What they take, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The descriptor of a copy of `body`, of which `wanted` bytes are to be sent,
   * for as long as nothing else is asked here; `undefined` if there is none.
   */
  of(body: Uint8Array, wanted: number): number | undefined {
    const { buffer, byteOffset, length } = body;
    if (wanted < LEAST_KEPT_BYTES || length > this.budget) return undefined;
    const known = this.#known.get(buffer);
    if (known === undefined) {
      this.#known.set(buffer, { uses: 1, image: undefined });
      return undefined;
    }
    const { image } = known;
    if (image !== undefined && image.file >= 0) {
      if (image.at !== byteOffset || image.length !== length) return undefined;
      this.#open.delete(image);
      this.#open.add(image);
      return image.file;
    }
    if (++known.uses <= USES_BEFORE) return undefined;
    known.uses = 0;
    const file = this.#library.memoryFile(body);
    if (file < 0) return undefined;
    const made = known.image = { file, at: byteOffset, length };
    this.#gone.register(buffer, made);
    this.#open.add(made);
    this.#bytes += length;
    this.#makeRoom();
    return file;
  }

  #makeRoom(): void {
    for (const image of this.#open) {
      const isOver = this.#bytes > this.budget || this.#open.size > this.#most;
      // The last one is what was asked for; it fits.
      if (!isOver) return;
      this.#close(image);
    }
  }

  #close(image: Image): void {
    if (image.file < 0) return;
    this.#library.close(image.file);
    image.file = -1;
    this.#open.delete(image);
    this.#bytes -= image.length;
  }

  /** Closes all. */
  close(): void {
    for (const image of this.#open) this.#close(image);
  }
}
