import { assertEquals, assertThrows } from "@std/assert";
import { ElfError, elfLength } from "../../../tools/compile/elf.ts";

/** What an ELF file is made of. */
interface Parts {
  readonly magic?: number;
  readonly class?: number;
  readonly data?: number;
  readonly offset?: bigint;
  readonly entryBytes?: number;
  readonly entries?: number;
  readonly size?: number;
}

/** A file that looks like ELF as far as its header goes. */
function elf(parts: Parts = {}): Uint8Array {
  const file = new Uint8Array(parts.size ?? 1000);
  const header = new Uint8Array(64);
  const view = new DataView(header.buffer);
  view.setUint32(0, parts.magic ?? 0x7f454c46);
  view.setUint8(4, parts.class ?? 2);
  view.setUint8(5, parts.data ?? 1);
  view.setBigUint64(0x28, parts.offset ?? 300n, true);
  view.setUint16(0x3a, parts.entryBytes ?? 64, true);
  view.setUint16(0x3c, parts.entries ?? 5, true);
  file.set(header.subarray(0, file.length));
  return file;
}

/** Files and where they end. */
const LENGTHS: readonly (readonly [parts: Parts, length: number])[] = [
  [{}, 620],
  [{ size: 620 }, 620],
  [{ size: 5000 }, 620],
  [{ offset: 64n, entries: 1 }, 128],
  [{ offset: 1n, entryBytes: 1, entries: 1 }, 2],
  [{ size: 100_000, offset: 0n + 99_000n, entries: 10 }, 99_640],
];

Deno.test("elfLength() is the end of the section header table", () => {
  for (const [parts, length] of LENGTHS) {
    assertEquals(elfLength(elf(parts)), length);
    const inside = new Uint8Array(2000);
    inside.set(elf({ ...parts, size: 1000 }), 7);
    if ((parts.size ?? 0) <= 1000) {
      assertEquals(elfLength(inside.subarray(7, 1007)), length, "a view");
    }
  }
});

/** Files that are none, and what is said of them. */
const REFUSED: readonly (readonly [parts: Parts, message: string])[] = [
  [{ size: 0 }, "not an ELF file"],
  [{ size: 63 }, "not an ELF file"],
  [{ magic: 0x4d5a9000 }, "not an ELF file"],
  [{ class: 1 }, "not a 64-bit little-endian ELF file"],
  [{ data: 2 }, "not a 64-bit little-endian ELF file"],
  [{ offset: 0n }, "no section header table"],
  [{ entries: 0 }, "no section header table"],
  [{ size: 619 }, "the section header table is cut"],
  [{ offset: 2n ** 63n }, "the section header table is cut"],
];

Deno.test("elfLength() refuses what it cannot cut", () => {
  for (const [parts, message] of REFUSED) {
    assertThrows(() => elfLength(elf(parts)), ElfError, message);
  }
});

Deno.test({
  name: "elfLength() is at most the length of a real executable",
  ignore: Deno.build.os !== "linux",
  fn() {
    const file = Deno.readFileSync("/bin/sh");
    const length = elfLength(file);
    assertEquals(length > 1000 && length <= file.length, true);
  },
});
