/**
 * The handshake by which an authority is shown whose a name is (TLS-ALPN-01,
 * RFC 8737). Its certificate has an extension that is critical, so that nobody
 * takes it for another, and nobody does: the runtime refuses to show it. Hence
 * the server's side of TLS 1.3 (RFC 8446), as much of it as this takes: no data
 * follows, and the key is made for this alone.
 */

import { Buffer } from "node:buffer";
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { type ClientHello, keyExchangeOf } from "./client_hello.ts";
import {
  expand,
  hashOf,
  hmac,
  joined,
  KeySchedule,
  RecordProtection,
} from "./proof_schedule.ts";
import type { KeyPair } from "./tls_choice.ts";

/** Types of records and of messages (§5.1, §4). */
const ALERT = 21;
const HANDSHAKE = 22;
const ENCRYPTED = 23;
const SERVER_HELLO = 2;
const ENCRYPTED_EXTENSIONS = 8;
const CERTIFICATE = 11;
const CERTIFICATE_VERIFY = 15;
const FINISHED = 20;

/** Types of extensions. */
const APPLICATION_PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;
const KEY_SHARE = 51;

const TLS12 = [3, 3] as const;
const TLS13 = [3, 4] as const;
const TLS13_VERSION = 0x0304;

/** TLS_AES_128_GCM_SHA256, which every client has (§9.1). */
const SUITE = 0x1301;

/** ecdsa_secp256r1_sha256, of which the key is. */
const SIGNATURE = 0x0403;

/** What some boxes in between want to see (§D.4). */
const CHANGE_CIPHER_SPEC = Uint8Array.of(20, ...TLS12, 0, 1, 1);

/** What a client sends after its hello. */
const RECORD_TYPES: readonly number[] = [
  CHANGE_CIPHER_SPEC[0]!,
  ALERT,
  ENCRYPTED,
];

/** The alert that says that nothing more comes. */
const CLOSE_NOTIFY = Uint8Array.of(1, 0);

/** What is signed begins with this (§4.4.3). */
const SIGNED_HEAD = new TextEncoder().encode(
  `${" ".repeat(64)}TLS 1.3, server CertificateVerify\0`,
);

const RECORD_HEAD_BYTES = 5;
const HASH_BYTES = 32;

/** The longest record, in bytes (§5.2). */
const MAX_RECORD_BYTES = RECORD_HEAD_BYTES + 16 * 1024 + 256;

/** The groups that keys are exchanged by, and how public keys are written. */
const GROUPS: ReadonlyMap<number, {
  readonly make: () => { publicKey: KeyObject; privateKey: KeyObject };
  /** What comes before a public key in DER (RFC 8410, RFC 5480). */
  readonly head: string;
  readonly bytes: number;
}> = new Map([
  [0x001d, {
    make: () => generateKeyPairSync("x25519"),
    head: "302a300506032b656e032100",
    bytes: 32,
  }],
  [0x0017, {
    make: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    head: "3059301306072a8648ce3d020106082a8648ce3d030107034200",
    bytes: 65,
  }],
]);

/** `bytes` behind their length, which is said in `size` bytes. */
function vector(size: number, bytes: Uint8Array): Uint8Array {
  const head = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    head[i] = bytes.length >> (8 * (size - 1 - i));
  }
  return joined(head, bytes);
}

function message(type: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(type), vector(3, content));
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return joined(Uint8Array.of(type >> 8, type & 255), vector(2, content));
}

function has(list: Uint8Array, value: number): boolean {
  for (let at = 0; at + 1 < list.length; at += 2) {
    if (list[at]! * 256 + list[at + 1]! === value) return true;
  }
  return false;
}

/** The server's side, without input and output. */
export class ProofHandshake {
  /** What is to be sent, taken by {@linkcode take}. */
  #output: Uint8Array[] = [];
  #input: Uint8Array = new Uint8Array(0);
  readonly #client: RecordProtection;
  readonly #expected: Uint8Array;
  readonly #server: RecordProtection;
  /** Whether the client has seen the certificate, and said so. */
  isDone = false;
  /** Why it comes to nothing. */
  fault: string | undefined;

  private constructor(
    output: readonly Uint8Array[],
    client: RecordProtection,
    expected: Uint8Array,
    server: RecordProtection,
  ) {
    this.#output = [...output];
    this.#client = client;
    this.#expected = expected;
    this.#server = server;
  }

  /**
   * Answers the hello in `bytes` with `pair`, whose key is of P-256;
   * `undefined` if the client does not speak as much as this takes.
   */
  static answer(
    bytes: Uint8Array,
    hello: ClientHello,
    { cert, key, proof = "" }: KeyPair,
  ): ProofHandshake | undefined {
    const { message: clientHello, session, shares } = keyExchangeOf(bytes);
    const [group, share] =
      [...shares].find(([id, share]) =>
        GROUPS.get(id)?.bytes === share.length
      ) ?? [];
    const canSpeak = hello.version >= TLS13_VERSION &&
      has(hello.suites, SUITE) && has(hello.signatures, SIGNATURE);
    if (!canSpeak || group === undefined || share === undefined) {
      return undefined;
    }
    const exchange = exchanged(group, share);
    if (exchange === undefined) return undefined;
    const serverHello = message(
      SERVER_HELLO,
      joined(
        Uint8Array.of(...TLS12),
        randomBytes(32),
        vector(1, session),
        Uint8Array.of(SUITE >> 8, SUITE & 255, 0),
        vector(
          2,
          joined(
            extension(SUPPORTED_VERSIONS, Uint8Array.of(...TLS13)),
            extension(
              KEY_SHARE,
              joined(Uint8Array.of(0, group), vector(2, exchange.own)),
            ),
          ),
        ),
      ),
    );
    const schedule = new KeySchedule(exchange.shared);
    const transcript = [clientHello, serverHello];
    const clientSecret = schedule.handshakeSecret("c", hashOf(transcript));
    const serverSecret = schedule.handshakeSecret("s", hashOf(transcript));
    const add = (type: number, content: Uint8Array) =>
      transcript.push(message(type, content));
    const name = new TextEncoder().encode(proof);
    add(
      ENCRYPTED_EXTENSIONS,
      vector(2, extension(APPLICATION_PROTOCOLS, vector(2, vector(1, name)))),
    );
    const entry = joined(vector(3, derOf(cert)), vector(2, new Uint8Array(0)));
    add(CERTIFICATE, joined(Uint8Array.of(0), vector(3, entry)));
    const signed = joined(SIGNED_HEAD, hashOf(transcript));
    const signature = sign("sha256", signed, createPrivateKey(key));
    add(
      CERTIFICATE_VERIFY,
      joined(
        Uint8Array.of(SIGNATURE >> 8, SIGNATURE & 255),
        vector(2, signature),
      ),
    );
    add(FINISHED, finished(serverSecret, transcript));
    const flight = new RecordProtection(serverSecret)
      .seal(HANDSHAKE, joined(...transcript.slice(2)));
    return new ProofHandshake(
      [
        joined(
          Uint8Array.of(HANDSHAKE, ...TLS12),
          vector(2, serverHello),
        ),
        CHANGE_CIPHER_SPEC,
        flight,
      ],
      new RecordProtection(clientSecret),
      message(FINISHED, finished(clientSecret, transcript)),
      new RecordProtection(schedule.serverSecret(hashOf(transcript))),
    );
  }

  /** What is to be sent now. */
  take(): Uint8Array | undefined {
    const output = this.#output.splice(0);
    return output.length === 0 ? undefined : joined(...output);
  }

  /** Takes what the client has sent. */
  receive(bytes: Uint8Array): void {
    this.#input = joined(this.#input, bytes);
    while (!this.isDone && this.fault === undefined) {
      const head = this.#input;
      if (head.length < RECORD_HEAD_BYTES) return;
      if (!RECORD_TYPES.includes(head[0]!)) {
        this.fault = "the client sends what does not belong here";
        return;
      }
      const length = RECORD_HEAD_BYTES + head[3]! * 256 + head[4]!;
      if (length > MAX_RECORD_BYTES) {
        this.fault = "a record is too long";
        return;
      }
      if (head.length < length) return;
      this.#input = head.subarray(length);
      this.#record(head.subarray(0, length));
    }
  }

  #record(record: Uint8Array): void {
    const type = record[0]!;
    // It is there for boxes in between (§D.4).
    if (type === CHANGE_CIPHER_SPEC[0]) return;
    if (type === ALERT) {
      const alert = record[RECORD_HEAD_BYTES + 1] ?? "";
      this.fault = `the client refuses, by alert ${alert}`;
      return;
    }
    const opened = this.#client.open(record);
    if (opened === undefined) {
      this.fault = "a record cannot be decrypted";
    } else if (opened.type === ALERT) {
      this.fault = `the client refuses, by alert ${opened.content[1] ?? ""}`;
    } else if (
      opened.type !== HANDSHAKE ||
      !Buffer.from(this.#expected).equals(opened.content)
    ) {
      this.fault = "the client has seen another handshake";
    } else {
      this.isDone = true;
      this.#output.push(this.#server.seal(ALERT, CLOSE_NOTIFY));
    }
  }
}

/** Exchanges keys; `undefined` if the client's is none. */
function exchanged(
  group: number,
  share: Uint8Array,
): { readonly own: Uint8Array; readonly shared: Uint8Array } | undefined {
  const { make, head, bytes } = GROUPS.get(group)!;
  try {
    const { publicKey, privateKey } = make();
    const theirs = createPublicKey({
      key: Buffer.concat([Buffer.from(head, "hex"), share]),
      format: "der",
      type: "spki",
    });
    const shared = diffieHellman({ privateKey, publicKey: theirs });
    const own = publicKey.export({ format: "der", type: "spki" });
    return { own: own.subarray(own.length - bytes), shared };
  } catch {
    return undefined; // No point of the curve.
  }
}

/** That all of the handshake has been seen (§4.4.4). */
function finished(
  secret: Uint8Array,
  transcript: readonly Uint8Array[],
): Uint8Array {
  const key = expand(secret, "finished", new Uint8Array(0), HASH_BYTES);
  return hmac(key, hashOf(transcript));
}

/** The bytes of a certificate in PEM. */
function derOf(pem: string): Uint8Array {
  return Uint8Array.fromBase64(pem.replaceAll(/-----[^-]+-----/g, ""));
}
