/** Parts of a pattern that short notations stand for. */

import {
  bothCases,
  bytesOf,
  oneByte,
  VERTICAL_SPACE,
  WORD,
} from "./char_set.ts";
import type { Node } from "./syntax.ts";

/** One byte, or either case of a letter. */
export function byteNode(byte: number, ignoreCase: boolean): Node {
  const set = oneByte(byte);
  return { kind: "set", set: ignoreCase ? bothCases(set) : set };
}

/** Items one after the other. */
export function sequenceOf(items: readonly Node[]): Node {
  return single(items) ?? { kind: "sequence", items };
}

/** The first item that fits. */
export function oneOf(items: readonly Node[]): Node {
  return single(items) ?? { kind: "alternatives", items };
}

function single(items: readonly Node[]): Node | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** Where a word begins or ends; a quantifier is about the second part. */
export const WORD_EDGES: ReadonlyMap<string, readonly Node[]> = new Map([
  ["[[:<:]]", wordEdge(false)],
  ["[[:>:]]", wordEdge(true)],
]);

function wordEdge(behind: boolean): readonly Node[] {
  const node: Node = { kind: "set", set: WORD };
  const branches = [{ node, length: behind ? 1 : 0 }];
  return [
    { kind: "assertion", assertion: "wordBoundary" },
    { kind: "look", behind, negative: false, branches },
  ];
}

/** `\R`: the two bytes of CRLF are never taken apart. */
export function lineEnd(isPlain: boolean): Node {
  const set = isPlain ? bytesOf("\r\n") : VERTICAL_SPACE;
  return {
    kind: "atomic",
    body: {
      kind: "alternatives",
      items: [
        {
          kind: "sequence",
          items: [
            { kind: "set", set: bytesOf("\r") },
            { kind: "set", set: bytesOf("\n") },
          ],
        },
        { kind: "set", set },
      ],
    },
  };
}
