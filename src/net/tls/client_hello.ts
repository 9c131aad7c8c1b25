/**
 * What a client says at the beginning of TLS (RFC 8446 §4.1.2), as far as it
 * decides whether there will be a connection. The runtime's engine looks at
 * the same bytes, but when it refuses them it closes without the alert that
 * tells the client why.
 */

/** What the client offers. */
export interface ClientHello {
  /** The highest version that there is: 0x0303 is TLS 1.2, 0x0304 TLS 1.3. */
  readonly version: number;
  /** The name of the server (SNI, RFC 6066 §3), empty if none is given. */
  readonly name: string;
  /** The protocols (ALPN, RFC 7301), `undefined` if none are offered. */
  readonly protocols: readonly string[] | undefined;
  /** Its cipher suites, two bytes each, as it prefers them. */
  readonly suites: Uint8Array;
  /** Its groups for the key exchange (RFC 8446 §4.2.7), likewise. */
  readonly groups: Uint8Array;
  /** The signatures it can check (RFC 8446 §4.2.3), likewise. */
  readonly signatures: Uint8Array;
}

/** Content type of a record and type of the message in it. */
const HANDSHAKE = 22;
/** The type of the message that a handshake begins with. */
export const CLIENT_HELLO = 1;

/** Types of extensions. */
const SERVER_NAME = 0;
const SUPPORTED_GROUPS = 10;
const SIGNATURE_ALGORITHMS = 13;
const APPLICATION_PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;

/** The versions that there are, the newest first; 0 is none. */
const TLS13 = 0x0304;
const TLS12 = 0x0303;

/** The type of a name that is a host's. */
const HOST_NAME = 0;

/** What an extension says that is not there. */
const NOTHING = new Uint8Array(0);

const RANDOM_BYTES = 32;
const BYTES = new TextDecoder("latin1");

/** Reads numbers and vectors; what is not there is an end. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Whether more was asked for than there is. */
  failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.failed || this.#at >= this.#bytes.length;
  }

  /** The next `count` bytes; none when there are fewer. */
  take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) this.failed = true;
    const taken = this.failed
      ? new Uint8Array(0)
      : this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** A number of `size` bytes. */
  number(size: number): number {
    const end = this.#at + size;
    if (end > this.#bytes.length) this.failed = true;
    let value = 0;
    for (let at = this.#at; at < end && !this.failed; at++) {
      value = value * 256 + this.#bytes[at]!;
    }
    this.#at = end;
    return value;
  }

  /** A vector whose length comes first, in `size` bytes. */
  vector(size: number): Reader {
    return new Reader(this.take(this.number(size)));
  }

  /** The rest. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  /** The rest as text, one character per byte. */
  text(): string {
    return BYTES.decode(this.rest());
  }
}

/** What is in the records of a handshake at the beginning of `bytes`. */
function handshakeOf(bytes: Uint8Array): Uint8Array {
  const records = new Reader(bytes);
  const fragments: Uint8Array[] = [];
  while (!records.isAtEnd && records.number(1) === HANDSHAKE) {
    records.take(2);
    const fragment = records.vector(2);
    if (!records.failed) fragments.push(fragment.rest());
  }
  return fragments.length === 1
    ? fragments[0]!
    : Uint8Array.from(fragments.flatMap((fragment) => [...fragment]));
}

/**
 * The hello in the records at the beginning of `bytes`; `undefined` when there
 * is none, or not all of it.
 */
export function parseClientHello(bytes: Uint8Array): ClientHello | undefined {
  const handshake = new Reader(handshakeOf(bytes));
  if (handshake.number(1) !== CLIENT_HELLO) return undefined;
  const hello = handshake.vector(3);
  // From TLS 1.3 on it is an extension that says so, and nothing else.
  let version = Math.min(hello.number(2), TLS12);
  hello.take(RANDOM_BYTES);
  hello.vector(1); // The session.
  const suites = hello.vector(2).rest();
  hello.vector(1); // The compression methods.
  let name = "";
  let protocols: string[] | undefined;
  let groups: Uint8Array = NOTHING;
  let signatures: Uint8Array = NOTHING;
  const extensions = hello.isAtEnd ? hello : hello.vector(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type === SERVER_NAME) name = hostName(data.vector(2)) ?? name;
    else if (type === APPLICATION_PROTOCOLS) {
      protocols = [];
      const list = data.vector(2);
      while (!list.isAtEnd) protocols.push(list.vector(1).text());
    } else if (type === SUPPORTED_GROUPS) groups = data.vector(2).rest();
    else if (type === SIGNATURE_ALGORITHMS) signatures = data.vector(2).rest();
    else if (type === SUPPORTED_VERSIONS) {
      const versions = data.vector(1);
      version = 0;
      while (!versions.isAtEnd) {
        version = Math.max(version, knownVersion(versions.number(2)));
      }
    }
  }
  if (handshake.failed || hello.failed || extensions.failed) {
    return undefined;
  }
  return { version, name, protocols, suites, groups, signatures };
}

/** What a hello says of the exchange of keys in TLS 1.3. */
export interface KeyExchange {
  /** The message itself, as both sides hash it. */
  readonly message: Uint8Array;
  /** What a server repeats (RFC 8446 §4.1.3). */
  readonly session: Uint8Array;
  /** The client's public keys, by group (§4.2.8). */
  readonly shares: ReadonlyMap<number, Uint8Array>;
}

/** What a hello that {@linkcode parseClientHello} has read says of keys. */
export function keyExchangeOf(bytes: Uint8Array): KeyExchange {
  const message = handshakeOf(bytes);
  const handshake = new Reader(message);
  handshake.take(1);
  const hello = handshake.vector(3);
  hello.take(2 + RANDOM_BYTES);
  const session = hello.vector(1).rest();
  hello.vector(2);
  hello.vector(1);
  const shares = new Map<number, Uint8Array>();
  const extensions = hello.vector(2);
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const data = extensions.vector(2);
    if (type !== KEY_SHARE) continue;
    const list = data.vector(2);
    while (!list.isAtEnd) shares.set(list.number(2), list.vector(2).rest());
  }
  return { message, session, shares };
}

function hostName(names: Reader): string | undefined {
  while (!names.isAtEnd) {
    const type = names.number(1);
    const name = names.vector(2).text();
    if (type === HOST_NAME) return name;
  }
  return undefined;
}

/** A version, but none that is to come, or keeps servers tolerant (RFC 8701). */
function knownVersion(version: number): number {
  return version >> 8 === 3 && version <= TLS13 ? version : 0;
}
