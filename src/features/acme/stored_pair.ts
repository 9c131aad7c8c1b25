/** A certificate with its key, as it is stored, and what it says of itself. */

import { factsIn, isKeyOf } from "../../certificates/reading.ts";
import { certificatesIn, privateKeyIn } from "../tls/pem.ts";
import type { Pair } from "./board.ts";
import { CERTIFICATE_SUFFIX, type State } from "./state_folder.ts";
import type { Wanted } from "./wanted.ts";

/** What a certificate says; times in ms since 1970. */
export interface Facts {
  readonly notBefore: number;
  readonly notAfter: number;
  /** The names and addresses it is for, in lower case. */
  readonly names: readonly string[];
}

/** A certificate that can be served. */
export interface StoredPair {
  readonly pair: Pair;
  readonly facts: Facts;
}

/** What the first certificate of `pem` says. @throws {Error} if it is none */
export function factsOf(pem: string): Facts {
  const { notBefore, notAfter, names } = factsIn(pem);
  return {
    notBefore,
    notAfter,
    names: names.map(({ value }) => value.toLowerCase()),
  };
}

/** The text of a file as a pair, or why it is none. */
function parsePair(text: string): StoredPair | string {
  const cert = certificatesIn(text);
  const key = privateKeyIn(text);
  if (cert === undefined) return "it has no certificate";
  if (key.kind !== "key") return "it has no private key";
  try {
    if (!isKeyOf(cert, key.pem)) return "the key is not the certificate's";
    return { pair: { cert, key: key.pem }, facts: factsOf(cert) };
  } catch (error) {
    return `it is broken: ${(error as Error).message}`;
  }
}

/** A pair as the text of a file. */
export function pairText({ cert, key }: Pair): string {
  return `${key.trimEnd()}\n${cert.trimEnd()}\n`;
}

/** The certificate that was stored for `wanted`; `tell` hears of a bad one. */
export function storedFor(
  { fileName }: Wanted,
  folder: State,
  tell: (message: string) => void = () => {},
): StoredPair | undefined {
  const name = `${fileName}${CERTIFICATE_SUFFIX}`;
  const text = folder.read(name);
  if (text === undefined) return undefined;
  const found = parsePair(text);
  if (typeof found !== "string") return found;
  tell(
    `"${folder.pathOf(name)}" cannot be used (${found}): another certificate ` +
      "is asked for",
  );
  return undefined;
}

/** The certificates of a folder, for who has none of its own yet. */
export class StandIns {
  readonly #folder: State;
  readonly #now: number;
  #all: StoredPair[] | undefined;

  /** Those that are good at `now`, in ms; the folder is read when needed. */
  constructor(folder: State, now: number) {
    this.#folder = folder;
    this.#now = now;
  }

  /**
   * The one that is good for most of what is wanted, and may be served until
   * there is the right one.
   */
  for({ identifiers }: Wanted): StoredPair | undefined {
    let best: StoredPair | undefined;
    let most = 0;
    for (const each of this.#all ??= this.#read()) {
      const count = identifiers
        .filter(({ value }) => each.facts.names.includes(value)).length;
      if (count > most) [best, most] = [each, count];
    }
    return best;
  }

  #read(): StoredPair[] {
    return this.#folder.certificates().flatMap((name) => {
      const found = parsePair(this.#folder.read(name) ?? "");
      const isGood = typeof found !== "string" &&
        found.facts.notAfter > this.#now;
      return isGood ? [found] : [];
    });
  }
}
