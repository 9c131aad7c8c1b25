/**
 * Where an ELF executable ends. `deno compile` appends a program to its base
 * executable; linkers put the section header table last, so what is behind the
 * table is the program and what is before its end is the base.
 *
 * The layout is that of the ELF-64 header ("System V ABI", chapter 4).
 */

/** Size of an ELF-64 header, in bytes. */
const HEADER_BYTES = 64;

/** Offset of `e_ident[EI_CLASS]`; 2 is 64-bit. */
const CLASS_AT = 4;

/** Offset of `e_ident[EI_DATA]`; 1 is little-endian. */
const DATA_AT = 5;

/** Offset of `e_shoff`, where the section header table begins. */
const TABLE_OFFSET_AT = 0x28;

/** Offset of `e_shentsize`, the size of an entry of it. */
const ENTRY_SIZE_AT = 0x3a;

/** Offset of `e_shnum`, the number of entries. */
const ENTRY_COUNT_AT = 0x3c;

/** `\x7fELF`. */
const MAGIC = 0x7f454c46;

/** A file that is no ELF executable of the kind that is expected. */
export class ElfError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ElfError";
}

/**
 * The length of the executable at the beginning of `file`, in bytes.
 *
 * @throws {ElfError} when it is not a 64-bit little-endian ELF file, or when
 * its section header table is missing or cut
 */
export function elfLength(file: Uint8Array): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < HEADER_BYTES || view.getUint32(0) !== MAGIC) {
    throw new ElfError("not an ELF file");
  }
  if (file[CLASS_AT] !== 2 || file[DATA_AT] !== 1) {
    throw new ElfError("not a 64-bit little-endian ELF file");
  }
  const offset = view.getBigUint64(TABLE_OFFSET_AT, true);
  const entryBytes = view.getUint16(ENTRY_SIZE_AT, true);
  const entries = view.getUint16(ENTRY_COUNT_AT, true);
  if (offset === 0n || entries === 0) {
    throw new ElfError("no section header table");
  }
  const end = offset + BigInt(entryBytes * entries);
  if (end > BigInt(file.length)) {
    throw new ElfError("the section header table is cut");
  }
  return Number(end);
}
