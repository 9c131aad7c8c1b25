/**
 * Which coding a client gets. A few texts of `Accept-Encoding` make up nearly
 * all requests, so what was found for one is remembered.
 */

import type { Coding } from "../files/codings.ts";
import { Field } from "../http/fields.ts";
import { acceptsEncoding, chooseEncoding } from "../http/negotiation.ts";
import type { Exchange } from "./exchange.ts";

/** Most header texts that are remembered; then it begins anew. */
const MAX_REMEMBERED = 256;

/** What was chosen: a coding, or none of those there are. */
export type Choice = Coding | undefined;

/** See the top of the file. */
export class CodingChooser {
  readonly #remembered = new Map<string, Map<string, Choice>>();
  #count = 0;

  /** The coding of `available`, the server's favourite first. */
  choose(exchange: Exchange, available: readonly Coding[]): Choice {
    const header = exchange.request.value(Field.AcceptEncoding);
    if (header === undefined || available.length === 0) return undefined;
    const key = available.length === 1 ? available[0]! : available.join();
    let choices = this.#remembered.get(key);
    if (choices === undefined) {
      this.#remembered.set(key, choices = new Map<string, Choice>());
    }
    if (choices.has(header)) return choices.get(header);
    const encoding = chooseEncoding(header, available);
    const choice = encoding === "identity" || encoding === "not_acceptable"
      ? undefined
      : encoding;
    if (++this.#count > MAX_REMEMBERED) {
      this.#remembered.clear();
      this.#count = 0;
    } else {
      choices.set(header, choice);
    }
    return choice;
  }
}

/** Whether the client can decode `coding`. */
export function accepts(exchange: Exchange, coding: string): boolean {
  return acceptsEncoding(
    exchange.request.value(Field.AcceptEncoding),
    coding,
  );
}
