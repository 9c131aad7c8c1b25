/**
 * A large file as the body of a response that answers many requests: its
 * fields are made once, and each request opens a source of its own.
 */

import type { ByteRange } from "../../http/semantics/range.ts";
import type { ReusableBody } from "../../http/response.ts";
import type { FileEntry } from "../cache/file_entry.ts";
import { FileReader } from "./file_reader.ts";
import { FileSource, type SourceMemory } from "./file_source.ts";
import type { HeldPart } from "./part_cache.ts";

/** A file that many requests are answered with. */
export class FileBody implements ReusableBody {
  readonly length: number;
  readonly #entry: FileEntry;
  readonly #memory: SourceMemory;

  constructor(entry: FileEntry, memory: SourceMemory) {
    this.length = entry.size;
    this.#entry = entry;
    this.#memory = memory;
  }

  /**
   * Opens it.
   *
   * @throws when the file has gone out of use and is not what it was
   */
  open(): FileSource {
    return this.part({ start: 0, end: this.length });
  }

  /** Opens a part of it; throws as {@linkcode open}. */
  part({ start, end }: ByteRange): FileSource {
    return new FileSource(this.#entry, start, end, this.#memory);
  }

  /** Opens it to be read at any place; throws as {@linkcode open}. */
  reader(): FileReader {
    return new FileReader(this.#entry);
  }

  /**
   * A part of it if it is kept in memory.
   *
   * @throws as {@linkcode FileSource.pull}
   */
  held(range: ByteRange): HeldPart | undefined {
    const { start, end } = range;
    return this.#memory.parts.get(this.#entry, start, end, (target) => {
      const source = this.part(range);
      try {
        source.readAll(target);
        return !source.changed;
      } finally {
        source.close();
      }
    });
  }
}
