/** Addresses and ranges of addresses: `192.0.2.0/24`, `2001:db8::/32`. */

/** An address as bytes: 4 of IPv4, 16 of IPv6. */
export type AddressBytes = readonly number[];

const IPV4_BYTES = 4;
const IPV6_GROUPS = 8;

const DIGIT_ZERO = 0x30;
const DOT = 0x2e;

/** Decimal numbers from 0 to 255, without zeros in front. */
const OCTET = /^(?:0|[1-9]\d{0,2})$/;

const GROUP = /^[0-9a-f]{1,4}$/i;

/** The bytes of an address as text; `undefined` if it is none. */
export function parseAddress(text: string): AddressBytes | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Four decimal numbers without zeros in front, read in one go. */
function parseIpv4(text: string): AddressBytes | undefined {
  const bytes: number[] = [];
  let byte = -1;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - DIGIT_ZERO;
    if (digit === DOT - DIGIT_ZERO) {
      if (byte < 0) return undefined;
      bytes.push(byte);
      byte = -1;
    } else if (digit < 0 || digit > 9 || byte === 0) return undefined;
    else byte = byte < 0 ? digit : byte * 10 + digit;
    if (byte > 0xff) return undefined;
  }
  if (byte < 0 || bytes.length !== IPV4_BYTES - 1) return undefined;
  bytes.push(byte);
  return bytes;
}

/** RFC 4291 §2.2. */
function parseIpv6(text: string): AddressBytes | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [front, back] = halves.map((half, index) =>
    groupsOf(half, index === halves.length - 1)
  );
  if (front === undefined) return undefined;
  if (halves.length === 1) {
    return front.length === IPV6_GROUPS ? bytesOf(front) : undefined;
  }
  if (back === undefined) return undefined;
  const zeros = IPV6_GROUPS - front.length - back.length;
  if (zeros < 1) return undefined;
  return bytesOf([...front, ...new Array<number>(zeros).fill(0), ...back]);
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const ipv4 = parseIpv4(part);
      if (ipv4 === undefined) return undefined;
      groups.push(ipv4[0]! << 8 | ipv4[1]!, ipv4[2]! << 8 | ipv4[3]!);
    } else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function bytesOf(groups: readonly number[]): AddressBytes {
  return groups.flatMap((group) => [group >> 8, group & 0xff]);
}

/** What an IPv4-mapped address begins with (RFC 4291 §2.5.5.2). */
const MAPPED_PREFIX: AddressBytes = [
  ...new Array<number>(10).fill(0),
  255,
  255,
];

/** The IPv4 address that an IPv4-mapped one stands for, if it is one. */
export function mappedIpv4(address: AddressBytes): AddressBytes | undefined {
  if (address.length === IPV4_BYTES) return undefined;
  return MAPPED_PREFIX.every((byte, index) => address[index] === byte)
    ? address.slice(MAPPED_PREFIX.length)
    : undefined;
}

/**
 * An address as text: of IPv6 the form of RFC 5952, with the dots of IPv4 in
 * an IPv4-mapped one.
 */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === IPV4_BYTES) return bytes.join(".");
  const ipv4 = mappedIpv4([...bytes]);
  if (ipv4 !== undefined) return `::ffff:${ipv4.join(".")}`;
  const groups = Array.from(
    { length: IPV6_GROUPS },
    (_, i) => (bytes[2 * i]! << 8 | bytes[2 * i + 1]!).toString(16),
  );
  // The URL parser knows the shortest form.
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** The addresses that begin with the same bits. */
export class NetworkRange {
  /** The masked bytes that its addresses begin with. */
  readonly #network: AddressBytes;
  readonly #masks: AddressBytes;
  /** Whether the address it was written with has bits behind its length. */
  readonly hasMeaninglessBits: boolean;

  private constructor(bytes: AddressBytes, bits: number) {
    const masks = masksOf(bytes.length, bits);
    const network = bytes.slice();
    let differs = 0;
    for (let i = 0; i < network.length; i++) {
      network[i]! &= masks[i]!;
      differs |= network[i]! ^ bytes[i]!;
    }
    this.#masks = masks;
    this.#network = network;
    this.hasMeaninglessBits = differs !== 0;
  }

  /** The range of `address` or `address/bits`; `undefined` if it is none. */
  static parse(text: string): NetworkRange | undefined {
    const slash = text.indexOf("/");
    const bytes = parseAddress(slash === -1 ? text : text.slice(0, slash));
    if (bytes === undefined) return undefined;
    if (slash === -1) return new NetworkRange(bytes, bytes.length * 8);
    const length = text.slice(slash + 1);
    const bits = OCTET.test(length) ? Number(length) : NaN;
    return bits <= bytes.length * 8 ? new NetworkRange(bytes, bits) : undefined;
  }

  /** Its first address. */
  get first(): AddressBytes {
    return this.#network;
  }

  /** Its last address. */
  get last(): AddressBytes {
    const last = this.#network.slice();
    for (let i = 0; i < last.length; i++) last[i]! |= ~this.#masks[i]! & 0xff;
    return last;
  }

  /** How many bytes its addresses have: 4 or 16. */
  get addressLength(): number {
    return this.#masks.length;
  }

  /** Whether an address is in it. */
  contains(address: AddressBytes): boolean {
    const masks = this.#masks;
    if (address.length !== masks.length) return false;
    for (let i = 0; i < masks.length; i++) {
      if ((address[i]! & masks[i]!) !== this.#network[i]) return false;
    }
    return true;
  }
}

/** The masks that there are; a block may have 100,000 networks. */
const MASKS = new Map<number, AddressBytes>();

/** What keeps the first `bits` bits of an address of `length` bytes. */
function masksOf(length: number, bits: number): AddressBytes {
  const key = length << 8 | bits;
  let masks = MASKS.get(key);
  if (masks === undefined) {
    masks = Array.from({ length }, (_, index) => maskAt(bits, index));
    MASKS.set(key, masks);
  }
  return masks;
}

/** The mask of the byte at `index` for a length of `bits`. */
function maskAt(bits: number, index: number): number {
  const own = Math.max(0, Math.min(8, bits - index * 8));
  return 0xff << (8 - own) & 0xff;
}
