/**
 * Compiles a pattern for the machine, in the way that PCRE does it, so that
 * quantifiers around what can be empty end where they end there.
 */

import { ANY_BYTE, BYTES, type CharSet } from "../syntax/char_set.ts";
import { firstBytes, isAnchored } from "./first_bytes.ts";
import { minLength } from "./lengths.ts";
import { PatternError } from "../pattern_error.ts";
import { ASSERTIONS, Op, type Program } from "./program.ts";
import {
  type Condition,
  type Look,
  type Node,
  someNode,
  type Syntax,
} from "../syntax/syntax.ts";

/** Longest program, in numbers; PCRE2 has a limit of 64 KiB. */
const MAX_CODE = 65_536;

/** Loops around a choice that what was remembered may depend on. */
const MAX_LOOPS = 3;

/**
 * Compiles a pattern.
 *
 * @throws {PatternError} when its counted repetitions make it too large
 */
export function compile(syntax: Syntax): Program {
  return new Compiler(syntax).compile();
}

type Repeat = Extract<Node, { readonly kind: "repeat" }>;
type Conditional = Extract<Node, { readonly kind: "conditional" }>;

class Compiler {
  readonly #syntax: Syntax;
  readonly #code: number[] = [];
  readonly #sets: CharSet[] = [];
  /** Where each set is among them. */
  readonly #offsets = new Map<CharSet, number>();
  readonly #guards = new Map<Node, number>();
  readonly #loops: (readonly number[])[] = [[]];
  /** Whether what fails at a position fails there always. */
  readonly #canRemember: boolean;
  #registers: number;
  #memoSlots = 0;
  /** The loops around that end when they take nothing, as an index. */
  #around = 0;

  constructor(syntax: Syntax) {
    this.#syntax = syntax;
    this.#registers = 2 * (syntax.groupCount + 1);
    this.#canRemember = !someNode(
      syntax.node,
      (node) =>
        node.kind === "reference" ||
        (node.kind === "conditional" && node.condition.kind === "groups"),
    );
  }

  compile(): Program {
    const { node, groupCount } = this.#syntax;
    this.#emit(Op.Failed);
    this.#node(node);
    this.#emit(Op.Match);
    const sets = new Uint8Array(this.#sets.length * BYTES);
    this.#sets.forEach((set, index) => sets.set(set, index * BYTES));
    return {
      code: Int32Array.from(this.#code),
      sets,
      registers: this.#registers,
      groupCount,
      memoSlots: this.#memoSlots,
      loops: this.#loops,
      first: minLength(node) > 0 ? firstBytes(node, ANY_BYTE) : undefined,
      anchored: isAnchored(node),
    };
  }

  #emit(...words: readonly number[]): number {
    const start = this.#code.length;
    if (start + words.length > MAX_CODE) {
      throw new PatternError(
        "it is too large with all its repetitions written out",
        'write "*" or "+" for large numbers in braces',
      );
    }
    this.#code.push(...words);
    return start;
  }

  /** Makes the operand at `index` the place where the code goes on. */
  #land(index: number): void {
    this.#code[index] = this.#code.length;
  }

  #register(count = 1): number {
    const register = this.#registers;
    this.#registers += count;
    return register;
  }

  #set(set: CharSet): number {
    const known = this.#offsets.get(set);
    if (known !== undefined) return known;
    const offset = this.#sets.length * BYTES;
    this.#sets.push(set);
    this.#offsets.set(set, offset);
    return offset;
  }

  /** The set of the bytes that a part can begin with, or -1. */
  #guard(node: Node): number {
    const known = this.#guards.get(node);
    if (known !== undefined) return known;
    const guard = minLength(node) > 0
      ? this.#set(firstBytes(node, ANY_BYTE))
      : -1;
    this.#guards.set(node, guard);
    return guard;
  }

  /** A number for what can be remembered; -1 if it is not. */
  #choice(): number {
    const loops = this.#loops[this.#around]!.length;
    if (!this.#canRemember || loops > MAX_LOOPS) return -1;
    const choice = this.#memoSlots;
    this.#memoSlots += 1 << loops;
    return choice;
  }

  /**
   * A choice whose two targets are still to be set.
   *
   * @returns the index of the first; the second is behind it
   */
  #split(first?: Node): number {
    const guard = first === undefined ? -1 : this.#guard(first);
    return this.#emit(Op.Split, 0, 0, this.#choice(), guard, this.#around) + 1;
  }

  #node(node: Node): void {
    switch (node.kind) {
      case "set":
        this.#emit(Op.Set, this.#set(node.set));
        return;
      case "sequence":
        node.items.forEach((item) => this.#node(item));
        return;
      case "alternatives":
        return this.#alternatives(node.items);
      case "group": {
        const register = this.#register();
        this.#emit(Op.Save, register);
        this.#node(node.body);
        this.#emit(Op.Close, node.number, register);
        return;
      }
      case "repeat":
        return node.greed === "possessive"
          ? this.#atomic({ ...node, greed: "greedy" })
          : this.#repeat(node);
      case "atomic":
        return this.#atomic(node.body);
      case "look":
        return this.#look(node);
      case "assertion":
        this.#emit(Op.Assertion, ASSERTIONS.indexOf(node.assertion));
        return;
      case "reference": {
        const { groups, ignoreCase } = node;
        this.#emit(
          Op.Reference,
          ignoreCase ? 1 : 0,
          groups.length,
          ...groups,
        );
        return;
      }
      case "conditional":
        return this.#conditional(node);
      case "fail":
        this.#emit(Op.Fail);
        return;
    }
  }

  #alternatives(items: readonly Node[]): void {
    this.#anyOf(items, (item) => this.#node(item), (item) => item);
  }

  /** Tries one after the other; `begin` is what an item begins with. */
  #anyOf<T>(
    items: readonly T[],
    emit: (item: T) => void,
    begin?: (item: T) => Node,
  ): void {
    const exits: number[] = [];
    items.forEach((item, index) => {
      if (index === items.length - 1) return emit(item);
      const split = this.#split(begin?.(item));
      this.#land(split);
      emit(item);
      exits.push(this.#emit(Op.Jump, 0) + 1);
      this.#land(split + 1);
    });
    exits.forEach((exit) => this.#land(exit));
  }

  #repeat({ body, min, max, greed }: Repeat): void {
    const isLazy = greed === "lazy";
    if (max !== Infinity) {
      for (let count = 0; count < min; count++) this.#node(body);
      const exits: number[] = [];
      for (let count = min; count < max; count++) {
        exits.push(this.#optional(body, isLazy));
      }
      exits.forEach((exit) => this.#land(exit));
      return;
    }
    for (let count = 1; count < min; count++) this.#node(body);
    const exit = min === 0 ? this.#optional(body, isLazy, true) : undefined;
    if (exit === undefined) this.#loop(body, isLazy);
    else this.#land(exit);
  }

  /**
   * The body or nothing.
   *
   * @returns the operand that says where it goes on with nothing
   */
  #optional(body: Node, isLazy: boolean, loops = false): number {
    const split = this.#split(isLazy ? undefined : body);
    this.#land(isLazy ? split + 1 : split);
    if (loops) this.#loop(body, isLazy);
    else this.#node(body);
    return isLazy ? split : split + 1;
  }

  /** The body once or more often; it ends when an iteration takes nothing. */
  #loop(body: Node, isLazy: boolean): void {
    const start = this.#code.length;
    const around = this.#around;
    const isEmptied = minLength(body) === 0;
    let check: number | undefined;
    if (isEmptied) {
      const register = this.#register();
      this.#around = this.#loops.push([...this.#loops[around]!, register]) - 1;
      this.#emit(Op.Save, register);
      this.#node(body);
      check = this.#emit(Op.IfEmpty, register, 0) + 2;
      this.#around = around;
    } else this.#node(body);
    const split = this.#split(isLazy ? undefined : body);
    this.#code[isLazy ? split + 1 : split] = start;
    this.#land(isLazy ? split : split + 1);
    if (check !== undefined) this.#land(check);
  }

  /** What follows is remembered if it fails, and has no loops around. */
  #inside(emit: () => void): void {
    const around = this.#around;
    this.#emit(Op.Note, this.#choice(), around);
    this.#around = 0;
    emit();
    this.#around = around;
  }

  #atomic(body: Node): void {
    const register = this.#register(2);
    this.#inside(() => {
      this.#emit(Op.Enter, register);
      this.#node(body);
      this.#emit(Op.Commit, register);
    });
  }

  #look(look: Look): void {
    const register = this.#register(2);
    this.#inside(() => {
      this.#emit(Op.Enter, register);
      if (!look.negative) {
        this.#branches(look);
        this.#emit(Op.Return, register);
        return;
      }
      const after = this.#emit(Op.Try, 0) + 1;
      this.#branches(look);
      this.#emit(Op.Commit, register);
      this.#emit(Op.Fail);
      this.#land(after);
    });
  }

  #branches({ behind, branches }: Look): void {
    if (!behind) return this.#alternatives(branches.map(({ node }) => node));
    this.#anyOf(branches, ({ node, length }) => {
      this.#emit(Op.Back, length);
      this.#node(node);
    });
  }

  #conditional({ condition, yes, no }: Conditional): void {
    const [first, second, otherwise] = condition.kind === "look" &&
        condition.negative
      ? [no, yes, this.#condition({ ...condition, negative: false })]
      : [yes, no, this.#condition(condition)];
    this.#node(first);
    const exit = this.#emit(Op.Jump, 0) + 1;
    this.#land(otherwise);
    this.#node(second);
    this.#land(exit);
  }

  /**
   * Goes on if a condition holds.
   *
   * @returns the operand that says where it goes on if not
   */
  #condition(condition: Condition): number {
    if (condition.kind === "groups") {
      const { groups } = condition;
      return this.#emit(Op.IfUnset, 0, groups.length, ...groups) + 1;
    }
    const register = this.#register(2);
    const around = this.#around;
    this.#around = 0;
    this.#emit(Op.Enter, register);
    const otherwise = this.#emit(Op.Try, 0) + 1;
    this.#branches(condition);
    this.#emit(Op.Return, register);
    this.#around = around;
    return otherwise;
  }
}
