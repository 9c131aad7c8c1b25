/**
 * The blocks of PEM files (RFC 7468). People's files have more in them than
 * the runtime's library puts up with: a byte order mark, text between blocks,
 * a key beside the certificate, certificates under OpenSSL's older names. So
 * what is wanted is taken out and written anew.
 */

/** A block: its label, and what is between its lines. */
interface Block {
  readonly label: string;
  readonly text: string;
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END \1-----/g;

/** What is base64 is in lines of this length. */
const LINE = /.{1,64}/g;

/** OpenSSL's name for a certificate with its own notes behind it. */
const TRUSTED = "TRUSTED CERTIFICATE";

const CERTIFICATE_LABELS = ["CERTIFICATE", "X509 CERTIFICATE", TRUSTED];

/** The tag of a sequence in DER (X.690 §8.9). */
const SEQUENCE = 0x30;

function blocksOf(text: string): Block[] {
  return Array.from(
    text.matchAll(BLOCK),
    ([, label = "", inside = ""]) => ({ label, text: inside }),
  );
}

/** What a key of a file is. */
type PemKey =
  | { readonly kind: "key"; readonly pem: string }
  /** It needs a password. */
  | { readonly kind: "encrypted" }
  | { readonly kind: "none" };

/** The certificates in `text`, in their order; `undefined` if there is none. */
export function certificatesIn(text: string): string | undefined {
  const blocks = blocksOf(text)
    .filter(({ label }) => CERTIFICATE_LABELS.includes(label))
    .map(({ label, text }) =>
      pemOf("CERTIFICATE", label === TRUSTED ? withoutNotes(text) : text)
    );
  return blocks.length === 0 ? undefined : blocks.join("");
}

/** The certificates of what {@linkcode certificatesIn} gives, one by one. */
export function separately(text: string): string[] {
  return blocksOf(text).map(({ label, text }) => pemOf(label, text));
}

/**
 * What is in the first block of `pem`, as bytes.
 *
 * @throws {SyntaxError} when it is no base64
 */
export function derOf(pem: string): Uint8Array {
  return Uint8Array.fromBase64(blocksOf(pem)[0]?.text ?? "");
}

/** The lists of revoked certificates in `text`, in DER. */
export function revocationsIn(text: string): Uint8Array[] {
  return blocksOf(text).filter(({ label }) => label === "X509 CRL")
    .map(({ text }) => Uint8Array.fromBase64(text));
}

/** The block with the first private key in `text`, as it stands there. */
export function encryptedKeyIn(text: string): string {
  const { label, text: inside } = keyBlock(text) ?? { label: "", text: "" };
  const lines = inside.replaceAll("\r", "").trim();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function keyBlock(text: string): Block | undefined {
  return blocksOf(text).find(({ label }) => label.endsWith("PRIVATE KEY"));
}

/** The first private key in `text`. */
export function privateKeyIn(text: string): PemKey {
  const block = keyBlock(text);
  if (block === undefined) {
    const isLocked = text.includes("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    return { kind: isLocked ? "encrypted" : "none" };
  }
  const isEncrypted = block.label.startsWith("ENCRYPTED") ||
    /^Proc-Type:.*ENCRYPTED/m.test(block.text);
  return isEncrypted
    ? { kind: "encrypted" }
    : { kind: "key", pem: pemOf(block.label, block.text) };
}

function pemOf(label: string, base64: string): string {
  const lines = base64.replaceAll(/\s+/g, "").match(LINE) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""]
    .join("\n");
}

/** The first DER value of a block, which may have others behind it. */
function withoutNotes(base64: string): string {
  try {
    const der = atob(base64);
    if (der.charCodeAt(0) !== SEQUENCE) return base64;
    const length = der.charCodeAt(1);
    // A long length says how many bytes it has.
    const size = length < 0x80 ? 0 : length & 0x7f;
    let count = size === 0 ? length : 0;
    for (let i = 0; i < size; i++) count = count * 256 + der.charCodeAt(2 + i);
    return btoa(der.slice(0, 2 + size + count));
  } catch {
    return base64; // The runtime says what is wrong with it.
  }
}
