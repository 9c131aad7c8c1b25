/** Which bytes a match can begin with. */

import {
  ANY_BYTE,
  type CharSet,
  includes,
  NO_BYTE,
  NOT_NEWLINE,
  union,
} from "../syntax/char_set.ts";
import type { Node } from "../syntax/syntax.ts";

/**
 * The bytes that may come first where `node` stands and `then` may come
 * behind it: all that can, and perhaps some that cannot.
 */
export function firstBytes(node: Node, then: CharSet): CharSet {
  switch (node.kind) {
    case "set":
      return node.set;
    case "assertion":
    case "look":
      return then;
    case "reference":
      return ANY_BYTE;
    case "fail":
      return NO_BYTE;
    case "group":
    case "atomic":
      return firstBytes(node.body, then);
    case "repeat": {
      const { body, min, max } = node;
      if (max === 0) return then;
      const first = firstBytes(body, then);
      return min === 0 ? union(first, then) : first;
    }
    case "sequence":
      return node.items.reduceRight(
        (rest, item) => firstBytes(item, rest),
        then,
      );
    case "alternatives":
      return union(...node.items.map((item) => firstBytes(item, then)));
    case "conditional":
      return union(firstBytes(node.yes, then), firstBytes(node.no, then));
  }
}

/** Whether a match can only begin at the start of the text. */
export function isAnchored(node: Node): boolean {
  switch (node.kind) {
    case "assertion":
      return node.assertion === "start";
    case "group":
    case "atomic":
      return isAnchored(node.body);
    case "repeat":
      return node.min > 0 && isAnchored(node.body);
    case "sequence":
      return node.items.some(isAnchored);
    case "alternatives":
      return node.items.every(isAnchored);
    case "conditional":
      return isAnchored(node.yes) && isAnchored(node.no);
    case "set":
    case "look":
    case "reference":
    case "fail":
      return false;
  }
}

/**
 * Whether the pattern begins with any number of any bytes but newlines: in a
 * text without newline, if it does not match from the start on, it does not
 * match from anywhere.
 */
export function beginsWithAnything(node: Node): boolean {
  switch (node.kind) {
    case "group":
      return beginsWithAnything(node.body);
    case "sequence": {
      const [first] = node.items;
      return first !== undefined && beginsWithAnything(first);
    }
    case "alternatives":
      return node.items.every(beginsWithAnything);
    case "repeat":
      return node.max === Infinity && node.greed !== "possessive" &&
        node.body.kind === "set" && includes(node.body.set, NOT_NEWLINE);
    default:
      return false;
  }
}
