/** Private keys, and what is signed with them (RFC 7515, RFC 7518, RFC 7638). */

import { createPrivateKey, type KeyObject } from "node:crypto";
import type { KeyKind } from "../key_kind.ts";

/** How WebCrypto makes and uses keys of a kind. */
interface Method {
  /** What it is called in a JWS. */
  readonly alg: string;
  readonly key: RsaHashedKeyGenParams | EcKeyGenParams;
  readonly sign: AlgorithmIdentifier | EcdsaParams;
}

function rsa(modulusLength: number): Method {
  return {
    alg: "RS256",
    key: {
      name: "RSASSA-PKCS1-v1_5",
      modulusLength,
      publicExponent: Uint8Array.of(1, 0, 1),
      hash: "SHA-256",
    },
    sign: { name: "RSASSA-PKCS1-v1_5" },
  };
}

function ecdsa(bits: number, hash: string): Method {
  return {
    alg: `ES${hash.slice(-3)}`,
    key: { name: "ECDSA", namedCurve: `P-${bits}` },
    sign: { name: "ECDSA", hash },
  };
}

const METHODS: Readonly<Record<KeyKind, Method>> = {
  "ecdsa:256": ecdsa(256, "SHA-256"),
  "ecdsa:384": ecdsa(384, "SHA-384"),
  "ecdsa:521": ecdsa(521, "SHA-512"),
  "rsa:2048": rsa(2048),
  "rsa:3072": rsa(3072),
  "rsa:4096": rsa(4096),
};

const UTF8 = new TextEncoder();

/** Bytes, or a text in UTF-8, in base64url (RFC 4648 §5). */
export function base64Url(data: Uint8Array | string): string {
  const bytes = typeof data === "string" ? UTF8.encode(data) : data;
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A private key that can sign. */
export class SigningKey {
  /** In PEM (PKCS #8). */
  readonly pem: string;
  /** Both halves. */
  readonly pair: CryptoKeyPair;
  /** How WebCrypto signs with it. */
  readonly method: Pick<Method, "alg" | "sign">;
  /** Its public half (RFC 7517), members in the order of RFC 7638. */
  readonly jwk: Readonly<Record<string, string>>;

  private constructor(
    pem: string,
    pair: CryptoKeyPair,
    method: Method,
    jwk: Readonly<Record<string, string>>,
  ) {
    this.pem = pem;
    this.pair = pair;
    this.method = method;
    this.jwk = jwk;
  }

  /** Makes one. */
  static async generate(kind: KeyKind): Promise<SigningKey> {
    const method = METHODS[kind];
    const pair = await crypto.subtle.generateKey(
      method.key,
      true,
      ["sign", "verify"],
    ) as CryptoKeyPair;
    const der = new Uint8Array(
      await crypto.subtle.exportKey("pkcs8", pair.privateKey),
    );
    const lines = der.toBase64().match(/.{1,64}/g) ?? [];
    const pem = [
      "-----BEGIN PRIVATE KEY-----",
      ...lines,
      "-----END PRIVATE KEY-----",
      "",
    ].join("\n");
    const jwk = publicPart(
      await crypto.subtle.exportKey("jwk", pair.publicKey),
    );
    return new SigningKey(pem, pair, method, jwk);
  }

  /**
   * The one in `pem`: PKCS #8, PKCS #1 or SEC 1.
   *
   * @throws {Error} when it is none, or of no kind that can be used
   */
  static async read(pem: string): Promise<SigningKey> {
    const key = createPrivateKey(pem);
    const jwk = key.export({ format: "jwk" }) as JsonWebKey;
    const method = methodOf(key, jwk);
    const own = publicPart(jwk);
    // What else an exported key says of its use is not heard.
    const { kty: _kty, ...numbers } = jwk;
    const [privateKey, publicKey] = await Promise.all([
      importKey({ ...numbers, kty: jwk.kty! }, method, "sign"),
      importKey(own, method, "verify"),
    ]);
    return new SigningKey(pem, { privateKey, publicKey }, method, own);
  }

  /** Signs; as a JWS has it, which is not as X.509 has it. */
  async sign(text: string): Promise<Uint8Array> {
    const { privateKey } = this.pair;
    const bytes = UTF8.encode(text);
    return new Uint8Array(
      await crypto.subtle.sign(this.method.sign, privateKey, bytes),
    );
  }

  /** What it is known by (RFC 7638), in base64url. */
  async thumbprint(): Promise<string> {
    const bytes = UTF8.encode(JSON.stringify(this.jwk));
    const hash = await crypto.subtle.digest("SHA-256", bytes);
    return base64Url(new Uint8Array(hash));
  }
}

function importKey(
  jwk: JsonWebKey,
  { key }: Method,
  use: "sign" | "verify",
): Promise<CryptoKey> {
  return crypto.subtle.importKey("jwk", jwk, key, true, [use]);
}

/** The required members of a public key, in their order (RFC 7638 §3.2). */
function publicPart(jwk: JsonWebKey): Record<string, string> {
  return jwk.kty === "RSA"
    ? { e: jwk.e!, kty: "RSA", n: jwk.n! }
    : { crv: jwk.crv!, kty: "EC", x: jwk.x!, y: jwk.y! };
}

/** @throws {Error} when keys like this one cannot be used */
function methodOf(key: KeyObject, { kty, crv, n }: JsonWebKey): Method {
  const kind = kty === "RSA" ? "rsa:2048" : `ecdsa:${crv?.slice(2)}`;
  if (kty === "RSA" && n !== undefined && n.length >= 340) {
    return METHODS[kind as KeyKind];
  }
  if (kty === "EC" && Object.hasOwn(METHODS, kind)) {
    return METHODS[kind as KeyKind];
  }
  throw new Error(
    `keys of ${key.asymmetricKeyType} like this one are not used: expected ` +
      "RSA of 2048 bits or more, or ECDSA on P-256, P-384 or P-521",
  );
}

/** Signs with a shared key (RFC 8555 §7.3.4), which is in base64url. */
export async function signShared(text: string, key: string): Promise<string> {
  const bytes = Uint8Array.fromBase64(key.trim().replace(/=+$/, ""), {
    alphabet: "base64url",
  });
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey(
    "raw",
    bytes,
    algorithm,
    false,
    [
      "sign",
    ],
  );
  const signature = await crypto.subtle.sign(
    "HMAC",
    imported,
    UTF8.encode(text),
  );
  return base64Url(new Uint8Array(signature));
}
