/** What the entries of file caches hold, counted, and how much they may. */

import { stringBytes } from "../../bytes/memory_budget.ts";
import type { FileEntry } from "./file_entry.ts";

/**
 * What a file's entry takes beside its name and its bytes, with the responses
 * that are made of it (measured: 2.8 KB with one location).
 */
const FILE_ENTRY_BYTES = 3 * 1024;

/** What is remembered of the content of a file that is held open. */
const SAMPLE_BYTES = 9 * 1024;

/** What an entry takes that is no file, with its error. */
const OTHER_ENTRY_BYTES = 1024;

/** What a path of usual length takes. */
const USUAL_NAME_BYTES = 128;

/** Numbers of what is held. */
export interface FileHoldings {
  readonly entries: number;
  /** Bytes of names and of what is known of them. */
  readonly names: number;
  /** Bytes of files in memory, with the room for a head before each. */
  readonly bodies: number;
  /** Files that are held open. */
  readonly handles: number;
}

/** What can run short. */
export type FileResource = keyof FileHoldings;

/** Nothing. */
const NO_HOLDINGS: FileHoldings = {
  entries: 0,
  names: 0,
  bodies: 0,
  handles: 0,
};

const RESOURCES = Object.keys(NO_HOLDINGS) as readonly FileResource[];

/** How much so many entries may take, for names of usual length. */
export function nameBytesFor(entries: number): number {
  return entries * (FILE_ENTRY_BYTES + USUAL_NAME_BYTES);
}

/** What one entry holds, under the name `key`. */
export function holdingsOf(entry: FileEntry, key: string): FileHoldings {
  const base = entry.kind === "file" ? FILE_ENTRY_BYTES : OTHER_ENTRY_BYTES;
  const handles = entry.open ? 1 : 0;
  return {
    entries: 1,
    names: base + stringBytes(key) + handles * SAMPLE_BYTES,
    bodies: entry.body?.buffer.byteLength ?? 0,
    handles,
  };
}

/** Sums of holdings. */
export class FileTally implements FileHoldings {
  entries = 0;
  names = 0;
  bodies = 0;
  handles = 0;

  /** Counts something in. */
  add(held: FileHoldings): void {
    for (const resource of RESOURCES) this[resource] += held[resource];
  }

  /** Counts it out. */
  remove(held: FileHoldings): void {
    for (const resource of RESOURCES) this[resource] -= held[resource];
  }

  /** What there is more of than `limits` allow. */
  lack(limits: FileHoldings): FileResource | undefined {
    return RESOURCES.find((resource) => this[resource] > limits[resource]);
  }
}

/** A cache that others share limits with. */
interface StockMember {
  /** What it holds. */
  readonly held: FileHoldings;
  /** Drops an entry that holds `resource`, but not `newest`. */
  evict(resource: FileResource, newest: FileEntry): boolean;
}

/**
 * What several caches hold together. However many ways of looking files up a
 * configuration has, their memory has one limit; who holds most gives first.
 */
export class FileStock {
  /** What all of them hold. */
  readonly held: FileTally = new FileTally();
  readonly #members: StockMember[] = [];
  #limits: FileHoldings = NO_HOLDINGS;

  /** How much they may hold. */
  get limits(): FileHoldings {
    return this.#limits;
  }

  /** A cache joins that may hold so much: the largest of all limits counts. */
  join(member: StockMember, limits: FileHoldings): void {
    this.#members.push(member);
    this.#limits = {
      entries: Math.max(this.#limits.entries, limits.entries),
      names: Math.max(this.#limits.names, limits.names),
      bodies: Math.max(this.#limits.bodies, limits.bodies),
      handles: Math.max(this.#limits.handles, limits.handles),
    };
  }

  /** Drops entries of members until the limits hold; `newest` stays. */
  makeRoom(newest: FileEntry): void {
    for (;;) {
      const lack = this.held.lack(this.#limits);
      if (lack === undefined) return;
      const most = this.#members.reduce((one, other) =>
        other.held[lack] > one.held[lack] ? other : one
      );
      if (!most.evict(lack, newest)) return;
    }
  }
}
