/**
 * Files that tell on every line of which version they are, so that a body made
 * of two versions, or with something missing or twice, is seen as such.
 */

import { Buffer } from "node:buffer";

/** The length of one line, in bytes: every file is so many lines. */
export const LINE_BYTES = 64;

/** How many contents are kept: making a large one takes 10 ms. */
const KEPT_CONTENTS = 64;

const ENCODER = new TextEncoder();

const kept = new Map<string, Uint8Array<ArrayBuffer>>();

function line(name: string, version: number, index: number): string {
  return `${name} v${version} #${index} `.padEnd(LINE_BYTES - 1, ".") + "\n";
}

/**
 * The first `bytes` of a version of the file `name`. Longer contents of the
 * same version begin with the shorter ones.
 */
export function contentOf(
  name: string,
  version: number,
  bytes: number,
): Uint8Array<ArrayBuffer> {
  const key = `${name} ${version}`;
  let content = kept.get(key);
  if (content === undefined || content.length < bytes) {
    const lines = Math.ceil(bytes / LINE_BYTES);
    let text = "";
    for (let i = 0; i < lines; i++) text += line(name, version, i);
    content = ENCODER.encode(text);
  }
  kept.delete(key);
  kept.set(key, content);
  if (kept.size > KEPT_CONTENTS) kept.delete(kept.keys().next().value!);
  return content.subarray(0, bytes);
}

/**
 * The version that `body` is of, which begins at byte `start` of the file
 * `name`; `undefined` if it is not wholly of one.
 */
export function versionOf(
  name: string,
  body: Uint8Array,
  start = 0,
): number | undefined {
  const first = new TextDecoder().decode(body.subarray(0, LINE_BYTES));
  const [, word, version] = /^(\S+) v(\d+) #\d+ /.exec(first) ?? [];
  if (word !== name) return undefined;
  const whole = contentOf(name, Number(version), start + body.length);
  return sameBytes(whole.subarray(start), body) ? Number(version) : undefined;
}

/** Whether two arrays hold the same. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.length)
    .equals(Buffer.from(b.buffer, b.byteOffset, b.length));
}
