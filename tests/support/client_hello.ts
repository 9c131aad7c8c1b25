/** The first bytes of a TLS client, made by hand (RFC 8446 §4.1.2). */

/** What a client says. */
export interface HelloParts {
  /** The version that every client names: TLS 1.2 by default. */
  readonly version?: number;
  /** The server's name. */
  readonly name?: string;
  /** Protocols of ALPN. */
  readonly protocols?: readonly string[];
  /** The extension with versions. */
  readonly versions?: readonly number[];
  /** Cipher suites, if not the usual ones. */
  readonly suites?: readonly number[];
  /** Groups for the key exchange. */
  readonly groups?: readonly number[];
  /** Signatures that can be checked. */
  readonly signatures?: readonly number[];
  /** Bytes of the session's number. */
  readonly session?: number;
  /** Whether there are extensions at all. */
  readonly extensions?: boolean;
}

type Bytes = readonly number[];

/** A number in `size` bytes. */
function number(value: number, size: number): Bytes {
  return Array.from(
    { length: size },
    (_, i) => Math.floor(value / 256 ** (size - 1 - i)) % 256,
  );
}

/** Bytes with their length before them, in `size` bytes. */
function vector(size: number, bytes: Bytes): Bytes {
  return [...number(bytes.length, size), ...bytes];
}

const text = (value: string): Bytes => [...new TextEncoder().encode(value)];

const pairs = (values: readonly number[]): Bytes =>
  values.flatMap((each) => number(each, 2));

/** One of TLS 1.3, and one of TLS 1.2. */
export const USUAL_SUITES: readonly number[] = [0x1301, 0xc02f];

function extension(type: number, data: Bytes): Bytes {
  return [...number(type, 2), ...vector(2, data)];
}

/** A record with the hello of a client. */
export function helloRecord(
  {
    version = 0x0303,
    name,
    protocols,
    versions,
    suites = USUAL_SUITES,
    groups,
    signatures,
    session = 0,
    extensions = true,
  }: HelloParts,
): Uint8Array<ArrayBuffer> {
  const more = [
    // GREASE, which means nothing.
    ...extension(0x0a0a, []),
    ...(name === undefined
      ? []
      : extension(0, vector(2, [0, ...vector(2, text(name))]))),
    ...(protocols === undefined ? [] : extension(
      16,
      vector(2, protocols.flatMap((each) => vector(1, text(each)))),
    )),
    ...(groups === undefined ? [] : extension(10, vector(2, pairs(groups)))),
    ...(signatures === undefined
      ? []
      : extension(13, vector(2, pairs(signatures)))),
    ...(versions === undefined
      ? []
      : extension(43, vector(1, versions.flatMap((each) => number(each, 2))))),
  ];
  const hello = [
    ...number(version, 2),
    ...new Array<number>(32).fill(7),
    ...vector(1, new Array<number>(session).fill(9)),
    ...vector(2, pairs(suites)),
    ...vector(1, [0]),
    ...(extensions ? vector(2, more) : []),
  ];
  return Uint8Array.from([22, 3, 1, ...vector(2, [1, ...vector(3, hello)])]);
}
