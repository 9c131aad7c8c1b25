/**
 * Which coding a client gets. A few texts of `Accept-Encoding` make up nearly
 * all requests, so what was found for one is remembered.
 */

import { TextMemo } from "../../bytes/text_memo.ts";
import type { Coding } from "../../files/coding/codings.ts";
import { Field } from "../../http/fields.ts";
import {
  acceptsEncoding,
  chooseEncoding,
} from "../../http/semantics/negotiation.ts";
import type { Exchange } from "../../core/exchange.ts";

/** Most header texts that are remembered. */
const MAX_REMEMBERED = 256;

/** What was chosen: a coding, or none of those there are. */
type Choice = Coding | undefined;

/** Chooses codings, and remembers what it chose. */
export class CodingChooser {
  /** By the codings there are: those of a few combinations. */
  readonly #remembered = new Map<string, TextMemo<Choice | "none">>();

  /** The coding of `available`, the server's favourite first. */
  choose(exchange: Exchange, available: readonly Coding[]): Choice {
    const header = exchange.request.value(Field.AcceptEncoding);
    if (header === undefined || available.length === 0) return undefined;
    const key = available.length === 1 ? available[0]! : available.join();
    let choices = this.#remembered.get(key);
    if (choices === undefined) {
      choices = new TextMemo(MAX_REMEMBERED);
      this.#remembered.set(key, choices);
    }
    let choice = choices.known.get(header);
    if (choice === undefined) {
      const encoding = chooseEncoding(header, available);
      choice = encoding === "identity" || encoding === "not_acceptable"
        ? "none"
        : encoding;
      choices.set(header, choice);
    }
    return choice === "none" ? undefined : choice;
  }
}

/** Whether the client can decode `coding`. */
export function accepts(exchange: Exchange, coding: string): boolean {
  return acceptsEncoding(
    exchange.request.value(Field.AcceptEncoding),
    coding,
  );
}
