/**
 * What was read of a configuration, so that others read the same later:
 * threads of workers get the texts, which cost next to nothing to send, and
 * not the statements, which would be made in one go, while nobody is served.
 */

import type { ConfigReader } from "./syntax/include.ts";

/** Files and folders by path, as they were. */
export interface Recording {
  /** The texts of files. */
  readonly texts: ReadonlyMap<string, string>;
  /** The names in folders. */
  readonly listings: ReadonlyMap<string, readonly string[]>;
}

/** Keeps what another reader reads. A file that is read twice is the same. */
export class RecordingReader implements ConfigReader, Recording {
  readonly texts = new Map<string, string>();
  readonly listings = new Map<string, readonly string[]>();
  readonly #reader: ConfigReader;

  constructor(reader: ConfigReader) {
    this.#reader = reader;
  }

  readText(path: string): string {
    const text = this.texts.get(path) ?? this.#reader.readText(path);
    this.texts.set(path, text);
    return text;
  }

  listDirectory(path: string): readonly string[] {
    const names = this.listings.get(path) ?? this.#reader.listDirectory(path);
    this.listings.set(path, names);
    return names;
  }
}

/** Reads what was recorded; what was not there then is not there now. */
export function replay({ texts, listings }: Recording): ConfigReader {
  return {
    readText: (path) => recorded(texts, path),
    listDirectory: (path) => recorded(listings, path),
  };
}

function recorded<T>(known: ReadonlyMap<string, T>, path: string): T {
  const value = known.get(path);
  if (value !== undefined) return value;
  throw new Deno.errors.NotFound(path);
}
