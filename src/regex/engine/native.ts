/**
 * Patterns as regular expressions of JavaScript, which V8 compiles: for those
 * whose meaning is the same, on texts without a newline.
 */

import { type CharSet, sizeOf } from "../syntax/char_set.ts";
import { beginsWithAnything, isAnchored } from "./first_bytes.ts";
import { minLength } from "./lengths.ts";
import { type Node, someNode, type Syntax } from "../syntax/syntax.ts";

/**
 * The pattern for V8, for texts that have one character for each byte and no
 * newline; `undefined` if V8 cannot do the same.
 */
export function nativeRegex(syntax: Syntax): RegExp | undefined {
  const source = nativeSource(syntax);
  if (source === undefined) return undefined;
  try {
    const regex = new RegExp(source);
    // V8 compiles at the first use, and may find it too large then.
    regex.test("");
    return regex;
  } catch {
    return undefined;
  }
}

/**
 * The pattern as JavaScript has it, for texts that have one character for
 * each byte and no newline; `undefined` if JavaScript cannot say the same.
 */
function nativeSource({ node }: Syntax): string | undefined {
  const source = new Emitter().source(node);
  if (source === undefined || source.startsWith("^")) return source;
  // V8 tries every start, also where only the first can do.
  return isAnchored(node) || beginsWithAnything(node)
    ? `^(?:${source})`
    : source;
}

/** Thrown within this file where there is no equal in JavaScript. */
const NO_EQUAL = Symbol();

class Emitter {
  #groups = 0;

  source(node: Node): string | undefined {
    try {
      return this.#emit(node);
    } catch (error) {
      if (error === NO_EQUAL) return undefined;
      throw error;
    }
  }

  #emit(node: Node): string {
    switch (node.kind) {
      case "set":
        return setSource(node.set);
      case "sequence":
        return node.items.map((item) =>
          item.kind === "alternatives"
            ? `(?:${this.#emit(item)})`
            : this.#emit(item)
        ).join("");
      case "alternatives":
        return node.items.map((item) => this.#emit(item)).join("|");
      case "group":
        // The groups of `(?|...)` share their numbers; here none can.
        if (node.number !== ++this.#groups) throw NO_EQUAL;
        return `(${this.#emit(node.body)})`;
      case "repeat":
        return this.#repeat(node);
      case "look":
        return this.#look(node);
      case "assertion":
        switch (node.assertion) {
          case "start":
          case "lineStart":
            return "^";
          case "end":
          case "endOrNewline":
          case "lineEnd":
            return "$";
          case "wordBoundary":
            return "\\b";
          case "noWordBoundary":
            return "\\B";
        }
        break;
      case "atomic":
      case "reference":
      case "conditional":
      case "fail":
    }
    throw NO_EQUAL;
  }

  #repeat(
    { body, min, max, greed }: Extract<Node, { readonly kind: "repeat" }>,
  ): string {
    if (greed === "possessive") throw NO_EQUAL;
    const isLazy = greed === "lazy";
    const source = this.#emit(body);
    // JavaScript takes back an iteration that takes nothing.
    if (body.kind === "look" && min > 0) return source;
    if (minLength(body) === 0) {
      if (min !== 0 || max !== 1) throw NO_EQUAL;
      return isLazy ? `(?:|${source})` : `(?:${source}|)`;
    }
    // And it forgets at each iteration what the groups in it took.
    if (max > 1 && !alwaysSetsGroups(body)) throw NO_EQUAL;
    const isAtom = body.kind === "set" || body.kind === "group";
    const atom = isAtom ? source : `(?:${source})`;
    return atom + quantifier(min, max) + (isLazy ? "?" : "");
  }

  #look(
    { behind, negative, branches }: Extract<Node, { readonly kind: "look" }>,
  ): string {
    const nodes = branches.map(({ node }) => node);
    if (nodes.some((node) => someNode(node, isGroup))) throw NO_EQUAL;
    const source = nodes.map((node) => this.#emit(node)).join("|");
    return `(?${behind ? "<" : ""}${negative ? "!" : "="}${source})`;
  }
}

function isGroup({ kind }: Node): boolean {
  return kind === "group";
}

/** Whether every group in a part has taken part whenever the part matches. */
function alwaysSetsGroups(node: Node): boolean {
  switch (node.kind) {
    case "group":
      return alwaysSetsGroups(node.body);
    case "sequence":
      return node.items.every(alwaysSetsGroups);
    case "repeat":
      return node.min > 0 && alwaysSetsGroups(node.body) ||
        !someNode(node.body, isGroup);
    default:
      return !someNode(node, isGroup);
  }
}

function quantifier(min: number, max: number): string {
  if (max === 1) return min === 0 ? "?" : "{1}";
  if (max !== Infinity) return `{${min},${max}}`;
  return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
}

const SET_SOURCES = new WeakMap<CharSet, string>();

/** A set as a class, or as a character where it is one. */
function setSource(set: CharSet): string {
  let source = SET_SOURCES.get(set);
  if (source === undefined) {
    source = classSource(set);
    SET_SOURCES.set(set, source);
  }
  return source;
}

function classSource(set: CharSet): string {
  const size = sizeOf(set);
  if (size === 256) return "[^]";
  if (size === 1) return escaped(set.indexOf(1));
  const isMost = size > 128;
  let inside = "";
  for (let byte = 0; byte < 256; byte++) {
    if ((set[byte] === 1) === isMost) continue;
    const first = byte;
    while (byte < 255 && (set[byte + 1] === 1) !== isMost) byte++;
    inside += escaped(first);
    if (byte > first) inside += (byte > first + 1 ? "-" : "") + escaped(byte);
  }
  return `[${isMost ? "^" : ""}${inside}]`;
}

function escaped(byte: number): string {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9]/.test(char)
    ? char
    : `\\x${byte.toString(16).padStart(2, "0")}`;
}
