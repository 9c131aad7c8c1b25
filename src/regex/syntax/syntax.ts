/** What a pattern is made of, once it has been read. */

import type { CharSet } from "./char_set.ts";

/** How much a quantifier takes: as much as it can and gives back, or not. */
export type Greed = "greedy" | "lazy" | "possessive";

/** A simple assertion: a place in the text, without any text of its own. */
export type Assertion =
  /** `\A`, and `^` unless `(?m)` is in force. */
  | "start"
  /** `\z`. */
  | "end"
  /** `\Z`, and `$` unless `(?m)` is in force: also before a last newline. */
  | "endOrNewline"
  /** `^` with `(?m)`; not behind a newline that ends the text. */
  | "lineStart"
  /** `$` with `(?m)`. */
  | "lineEnd"
  /** `\b`. */
  | "wordBoundary"
  /** `\B`. */
  | "noWordBoundary";

/** `(?=...)`, `(?!...)`, `(?<=...)` and `(?<!...)`. */
export interface Look {
  readonly kind: "look";
  readonly behind: boolean;
  readonly negative: boolean;
  /** What is looked for; for a look behind, each with its length in bytes. */
  readonly branches: readonly {
    readonly node: Node;
    readonly length: number;
  }[];
}

/** What decides between the two parts of `(?(...)...|...)`. */
export type Condition =
  /** Whether one of the groups with these numbers has taken part. */
  | { readonly kind: "groups"; readonly groups: readonly number[] }
  | Look;

/** A part of a pattern. */
export type Node =
  /** One byte of a set. */
  | { readonly kind: "set"; readonly set: CharSet }
  /** One after the other; none matches the empty text. */
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  /** The first that fits. */
  | { readonly kind: "alternatives"; readonly items: readonly Node[] }
  /** A group that remembers what it took; `number` counts from 1. */
  | { readonly kind: "group"; readonly number: number; readonly body: Node }
  | {
    readonly kind: "repeat";
    readonly body: Node;
    readonly min: number;
    /** `Infinity` if there is no limit. */
    readonly max: number;
    readonly greed: Greed;
  }
  /** `(?>...)`: the first way that fits, and no other one is tried later. */
  | { readonly kind: "atomic"; readonly body: Node }
  | Look
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  /** What the first of these groups that is set took, once more. */
  | {
    readonly kind: "reference";
    readonly groups: readonly number[];
    readonly ignoreCase: boolean;
  }
  | {
    readonly kind: "conditional";
    readonly condition: Condition;
    readonly yes: Node;
    readonly no: Node;
  }
  /** `(*FAIL)`: never fits. */
  | { readonly kind: "fail" };

/** A pattern that has been read. */
export interface Syntax {
  /** The whole of it. */
  readonly node: Node;
  /** How many groups it has. */
  readonly groupCount: number;
  /** The names of groups, in their order, and the numbers that have each. */
  readonly names: ReadonlyMap<string, readonly number[]>;
}

/** Fits anywhere, and takes nothing. */
export const EMPTY: Node = { kind: "sequence", items: [] };

/** The parts that a node is directly made of. */
export function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case "sequence":
    case "alternatives":
      return node.items;
    case "group":
    case "repeat":
    case "atomic":
      return [node.body];
    case "look":
      return node.branches.map((branch) => branch.node);
    case "conditional": {
      const { condition, yes, no } = node;
      return condition.kind === "look" ? [condition, yes, no] : [yes, no];
    }
    case "set":
    case "assertion":
    case "reference":
    case "fail":
      return [];
  }
}

/** Whether `test` holds for a node or for any part of it. */
export function someNode(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || partsOf(node).some((part) => someNode(part, test));
}
