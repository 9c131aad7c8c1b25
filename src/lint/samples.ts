/** Texts that a regular expression matches, for asking who is for them. */

import { byteString } from "../http/byte_string.ts";
import { HttpError } from "../http/errors.ts";
import type { Pattern } from "../regex/pattern.ts";
import { parsePattern } from "../regex/syntax/parser.ts";
import type { Node } from "../regex/syntax/syntax.ts";

/** How many are tried: each takes another way where there are several. */
const VARIANTS = 24;

/** The longest that is made, in characters. */
const MAX_LENGTH = 512;

/** What stands for a byte of a set, if it is among it. */
const PREFERRED = "q7zkabcdefghijlmnoprstuvwxy0123456-_./";

/**
 * Some texts that `pattern` matches, each once; none if they are hard to find.
 * `complete` makes of each those that are asked about.
 */
export function samplesOf(
  pattern: Pattern,
  complete: (text: string) => readonly string[] = (text) => [text],
): string[] {
  const { node } = parsePattern(
    byteString(pattern.source),
    pattern.ignoreCase,
  );
  const found = new Set<string>();
  for (let variant = 0; variant < VARIANTS; variant++) {
    const made = sample(node, variant);
    if (made === undefined || made.length > MAX_LENGTH) continue;
    for (const text of complete(made)) {
      if (matches(pattern, text)) found.add(text);
    }
  }
  return [...found];
}

/** Whether it does; one that takes too long does not. */
function matches(pattern: Pattern, text: string): boolean {
  try {
    return pattern.test(text);
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
}

/** Paths in which a text that an expression matches stands. */
export function pathsWith(text: string): readonly string[] {
  const path = text.startsWith("/") ? text : `/q7${text}`;
  return [path, `${path}q7`, `${path}/q7.html`];
}

/** A text for `node`; `undefined` where only a search would find one. */
function sample(node: Node, variant: number): string | undefined {
  switch (node.kind) {
    case "set": {
      const fitting = [...PREFERRED].map((char) => char.charCodeAt(0))
        .filter((byte) => node.set[byte] === 1);
      const byte = fitting[variant % Math.max(1, fitting.length)] ??
        node.set.indexOf(1);
      return byte < 0x20 || byte > 0x7e ? undefined : String.fromCharCode(byte);
    }
    case "sequence": {
      const parts = node.items.map((item, i) => sample(item, variant + i));
      return parts.includes(undefined) ? undefined : parts.join("");
    }
    case "alternatives":
      return sample(node.items[variant % node.items.length]!, variant);
    case "group":
    case "atomic":
      return sample(node.body, variant);
    case "repeat": {
      const { min, max, body } = node;
      const count = Math.min(max, Math.max(min, variant % 3 === 2 ? 0 : 1));
      let text = "";
      for (let i = 0; i < count; i++) {
        const part = sample(body, variant + i);
        if (part === undefined || text.length > MAX_LENGTH) return undefined;
        text += part;
      }
      return text;
    }
    case "assertion":
    case "look":
      return "";
    case "reference":
    case "conditional":
    case "fail":
      return undefined;
  }
}
