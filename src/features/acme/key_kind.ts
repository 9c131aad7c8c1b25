/** The kinds of private keys that are made for certificates and accounts. */

/** Kinds of keys as nginx writes them, without what may be left out. */
export const KEY_KINDS = [
  "ecdsa:256",
  "ecdsa:384",
  "ecdsa:521",
  "rsa:2048",
  "rsa:3072",
  "rsa:4096",
] as const;

/** One of {@linkcode KEY_KINDS}. */
export type KeyKind = typeof KEY_KINDS[number];

/** What is meant where the size is left out. */
const SHORT: Readonly<Record<string, KeyKind>> = {
  ecdsa: "ecdsa:256",
  rsa: "rsa:2048",
};

/** The kind that `text` names; `undefined` if it names none. */
export function keyKindOf(text: string): KeyKind | undefined {
  return KEY_KINDS.find((kind) => kind === text) ??
    (Object.hasOwn(SHORT, text) ? SHORT[text] : undefined);
}

/** Whether `text` was meant to name a kind. */
export function isLikeKeyKind(text: string): boolean {
  return /^(?:ecdsa|rsa|ed25519|ed448)(?::|$)/.test(text);
}
