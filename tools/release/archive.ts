/**
 * Archives that depend on nothing but what is in them: names in order, one
 * time for all, no owner of this machine.
 */

import { gzipSync } from "node:zlib";
// @ts-types="@types/tar-stream"
import { pack } from "tar-stream";
import { zipSync } from "fflate";

/** A file of an archive. */
export interface Entry {
  /** Its path, with `/` between folders. */
  readonly path: string;
  /** What is in it. */
  readonly bytes: Uint8Array;
  /** Whether it can be run. */
  readonly executable?: boolean;
}

/** The permissions of a file. */
export function modeOf({ executable }: Entry): number {
  return executable === true ? 0o755 : 0o644;
}

/** In the order of their paths, which is that of their bytes. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) =>
    a.path === b.path ? 0 : a.path < b.path ? -1 : 1
  );
}

/** A `.tar.gz`, all of whose files were changed at `at`. */
export async function tarGz(
  entries: readonly Entry[],
  at: Date,
): Promise<Uint8Array> {
  const archive = pack();
  for (const entry of inOrder(entries)) {
    archive.entry({
      name: entry.path,
      mode: modeOf(entry),
      mtime: at,
      uid: 0,
      gid: 0,
      uname: "root",
      gname: "root",
    }, entry.bytes as Parameters<typeof archive.entry>[1] & Uint8Array);
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk);
  return gzipSync(await new Blob(chunks as BlobPart[]).bytes(), { level: 9 });
}

/** How a zip names Unix as the system that made it, and the mode of a file. */
const UNIX = 3;
const MODE_SHIFT = 16;

/** A `.zip`, all of whose files were changed at `at`. */
export function zip(entries: readonly Entry[], at: Date): Uint8Array {
  // A zip has times without a zone, and they are written as local ones.
  const mtime = new Date(at.getTime() + at.getTimezoneOffset() * 60_000);
  return zipSync(
    Object.fromEntries(
      inOrder(entries).map((entry) => [
        entry.path,
        [entry.bytes, {
          mtime,
          os: UNIX,
          attrs: modeOf(entry) << MODE_SHIFT,
          level: 9,
        }],
      ]),
    ),
  );
}
