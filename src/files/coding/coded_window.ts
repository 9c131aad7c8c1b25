/** How large a window is needed to decode something: its first bytes say so. */

/** The window of a Brotli stream (RFC 7932 §9.1), in bytes. */
export function brotliWindowOf(start: Uint8Array): number {
  const [first = 0] = start;
  if ((first & 1) === 0) return 2 ** 16;
  const high = (first >> 1) & 7;
  if (high !== 0) return 2 ** (17 + high);
  const low = (first >> 4) & 7;
  return 2 ** (low === 0 ? 17 : 8 + low);
}

/** Behind the magic number of a Zstandard frame. */
const ZSTD_HEADER = 4;

/**
 * The window of a Zstandard frame (RFC 8878 §3.1.1.1), in bytes; `Infinity` if
 * it begins with something else.
 */
export function zstdWindowOf(start: Uint8Array): number {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  if (start.length < 18 || view.getUint32(0, true) !== 0xfd2fb528) {
    return Infinity;
  }
  const descriptor = view.getUint8(ZSTD_HEADER);
  const at = ZSTD_HEADER + 1;
  if ((descriptor & 0x20) === 0) {
    const window = view.getUint8(at);
    const base = 2 ** (10 + (window >> 3));
    return base + (base / 8) * (window & 7);
  }
  // A single segment: the window is as large as the content.
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const size = at + dictionaryBytes;
  switch (descriptor >> 6) {
    case 0:
      return view.getUint8(size);
    case 1:
      return view.getUint16(size, true) + 256;
    case 2:
      return view.getUint32(size, true);
    default:
      return Number(view.getBigUint64(size, true));
  }
}
