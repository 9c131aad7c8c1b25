/** PCRE2 itself, as nginx uses it: `libpcre2-8`, by Deno's FFI. */

import { bytesOf } from "../../src/http/byte_string.ts";

const SYMBOLS = {
  pcre2_compile_8: {
    parameters: ["buffer", "usize", "u32", "buffer", "buffer", "pointer"],
    result: "pointer",
  },
  pcre2_match_data_create_from_pattern_8: {
    parameters: ["pointer", "pointer"],
    result: "pointer",
  },
  pcre2_match_8: {
    parameters: [
      "pointer",
      "buffer",
      "usize",
      "usize",
      "u32",
      "pointer",
      "pointer",
    ],
    result: "i32",
  },
  pcre2_get_ovector_pointer_8: { parameters: ["pointer"], result: "pointer" },
  pcre2_get_ovector_count_8: { parameters: ["pointer"], result: "u32" },
  pcre2_code_free_8: { parameters: ["pointer"], result: "void" },
  pcre2_match_data_free_8: { parameters: ["pointer"], result: "void" },
} as const;

/** `PCRE2_CASELESS`. */
const CASELESS = 8;

/** `PCRE2_ERROR_NOMATCH`. */
const NO_MATCH = -1;

/** `PCRE2_UNSET`. */
const UNSET = 0xffff_ffff_ffff_ffffn;

/** What a match took, and each group; `undefined` without part in it. */
export type Taken = readonly (string | undefined)[];

/** A pattern that PCRE has compiled. */
export interface CompiledPattern {
  /** What it takes of a text; `null` for nothing, a number for an error. */
  exec(bytes: string): Taken | null | number;
  /** Gives its memory back. */
  free(): void;
}

/** The library. Bytes are strings of one character for each. */
export class Pcre {
  readonly #symbols: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

  /**
   * Opens the library.
   *
   * @throws {Error} when it is not there
   */
  constructor(path = "libpcre2-8.so.0") {
    this.#symbols = Deno.dlopen(path, SYMBOLS).symbols;
  }

  /** Compiles a pattern; `undefined` if it is none. */
  compile(pattern: string, ignoreCase: boolean): CompiledPattern | undefined {
    const symbols = this.#symbols;
    const code = symbols.pcre2_compile_8(
      memoryOf(pattern),
      BigInt(pattern.length),
      ignoreCase ? CASELESS : 0,
      new Uint8Array(4),
      new Uint8Array(8),
      null,
    );
    if (code === null) return undefined;
    const data = symbols.pcre2_match_data_create_from_pattern_8(code, null);
    return {
      exec: (bytes) => this.#exec(code, data, bytes),
      free() {
        symbols.pcre2_match_data_free_8(data);
        symbols.pcre2_code_free_8(code);
      },
    };
  }

  #exec(
    code: Deno.PointerValue,
    data: Deno.PointerValue,
    bytes: string,
  ): Taken | null | number {
    const symbols = this.#symbols;
    const groups = symbols.pcre2_match_8(
      code,
      memoryOf(bytes),
      BigInt(bytes.length),
      0n,
      0,
      data,
      null,
    );
    if (groups === NO_MATCH) return null;
    if (groups < 0) return groups;
    const count = symbols.pcre2_get_ovector_count_8(data);
    const pointer = symbols.pcre2_get_ovector_pointer_8(data)!;
    const ends = new BigUint64Array(
      Deno.UnsafePointerView.getArrayBuffer(pointer, count * 16),
    );
    return Array.from({ length: count }, (_, group) => {
      const start = ends[2 * group]!;
      return group >= groups || start === UNSET
        ? undefined
        : bytes.slice(Number(start), Number(ends[2 * group + 1]!));
    });
  }
}

/** Memory for FFI, which may not be empty. */
function memoryOf(bytes: string): Uint8Array<ArrayBuffer> {
  return bytes === "" ? new Uint8Array(1) : bytesOf(bytes);
}
