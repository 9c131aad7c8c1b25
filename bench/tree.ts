/**
 * The files that every server serves: made anew for each bench, the same on
 * every machine, each different from the others at every offset that matters,
 * so that a wrong file or a wrong range is noticed.
 */

/** How many small files the `many` workload asks for. */
export const MANY_FILES = 1000;

/** A file that is different in every bench: who has it serves this tree. */
export const TOKEN_FILE = "token.txt";

/** Sizes of the files of the `many` workload, in bytes. */
const MANY_BYTES = { least: 1024, most: 50 * 1024 };

/** Size of the file that slow clients read, in bytes. It is sparse. */
const HUGE_BYTES = 2 * 1024 ** 3;

/** The files of one size each, by name, in bytes. */
const SIZED_FILES: Readonly<Record<string, number>> = {
  "1k.html": 1024,
  "10k.html": 10 * 1024,
  "100k.html": 100 * 1024,
  "1m.bin": 1024 ** 2,
  "100m.bin": 100 * 1024 ** 2,
};

/** A small generator of numbers from 0 up to 1 that repeats itself exactly. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    // xorshift32 (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** The name of the `i`th small file. */
export function manyName(i: number): string {
  return `many/${String(i).padStart(4, "0")}.html`;
}

/** `size` bytes of printable text that no other seed gives. */
function textOf(size: number, seed: number): Uint8Array<ArrayBuffer> {
  const random = seededRandom(seed);
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    bytes[i] = i % 80 === 79 ? 0x0a : 0x61 + Math.floor(random() * 16);
  }
  return bytes;
}

/** Text of any size whose MiBs differ from each other. */
async function writeSized(path: string, size: number, seed: number) {
  const piece = textOf(Math.min(size, 1024 ** 2), seed);
  using file = await Deno.open(path, { create: true, write: true });
  for (let at = 0, i = 0; at < size; at += piece.length, i++) {
    if (i > 0) {
      new TextEncoder().encodeInto(`piece ${i} `, piece);
    }
    const part = piece.subarray(0, Math.min(piece.length, size - at));
    for (let done = 0; done < part.length;) {
      done += file.writeSync(part.subarray(done));
    }
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const packed = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

/** Writes the files into the folder `root`, which must be there. */
export async function writeTree(root: string): Promise<void> {
  let seed = 1;
  for (const [name, size] of Object.entries(SIZED_FILES)) {
    await writeSized(`${root}/${name}`, size, seed++);
  }
  await Deno.writeTextFile(`${root}/${TOKEN_FILE}`, crypto.randomUUID());
  await Deno.mkdir(`${root}/many`);
  const random = seededRandom(4);
  const { least, most } = MANY_BYTES;
  for (let i = 0; i < MANY_FILES; i++) {
    const size = least + Math.floor(random() * (most - least));
    await Deno.writeFile(`${root}/${manyName(i)}`, textOf(size, 1000 + i));
  }
  const style = textOf(40 * 1024, seed++);
  await Deno.writeFile(`${root}/style.css`, style);
  await Deno.writeFile(`${root}/style.css.gz`, await gzip(style));
  await Deno.writeTextFile(`${root}/huge.bin`, "");
  await Deno.truncate(`${root}/huge.bin`, HUGE_BYTES);
}
