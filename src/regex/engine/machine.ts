/**
 * Runs the program of a pattern over a text, as PCRE does it: the ways are
 * tried one after the other, and the first that fits is the match.
 *
 * What PCRE takes exponential time for is linear here as long as there are no
 * back references: once it has taken long, the machine remembers what failed
 * where. Whatever still takes long is given up, as PCRE gives up at its match
 * limit.
 */

import { type CharSet, otherCase } from "../syntax/char_set.ts";
import { isAt } from "../syntax/assertions.ts";
import { ASSERTIONS, ENTRY, FAILED, Op, type Program } from "./program.ts";

/**
 * Most operations for one text, about 10 ms (nginx has PCRE2's match limit of
 * 10,000,000 ways).
 */
const MAX_OPERATIONS = 500_000;

/** After so many operations the machine begins to remember what failed. */
const REMEMBER_AFTER = 2_000;

/** Most bits to remember in: 4 MiB. */
const MAX_MEMO_BITS = 1 << 25;

/** Most numbers that open ways, or undos, may take: 12 MiB. */
const MAX_STACK = 3 << 20;

/** Arrays with more numbers are not kept for the next text: 256 KiB. */
const MAX_KEPT = 1 << 16;

/** Numbers for each open way. */
const WAY = 3;

/** Numbers for each undo. */
const UNDO = 2;

/** What comes out of a run. */
type Outcome =
  /**
   * It matches: where the match and each group begin and end, -1 for groups
   * without part in it. Valid until the next run.
   */
  | Int32Array
  /** The text does not match. */
  | "none"
  /** It took too long and was given up. */
  | "limit";

/** The machine while it is not in use. */
let idle: Machine | undefined;

/**
 * Runs `program` over a text that has one character for each byte. What
 * failed is remembered after so many operations.
 */
export function run(
  program: Program,
  text: string,
  rememberAfter: number = REMEMBER_AFTER,
): Outcome {
  const machine = idle ?? new Machine();
  idle = undefined;
  const outcome = machine.run(program, text, rememberAfter);
  machine.shrink();
  idle = machine;
  return outcome;
}

class Machine {
  /** The open ways: where in the code, where in the text, how many undos. */
  #stack = new Int32Array(MAX_KEPT >> 4);
  /** Registers that were overwritten, and what they held. */
  #undo = new Int32Array(MAX_KEPT >> 4);
  #registers = new Int32Array(64);
  #memo = new Int32Array(MAX_KEPT >> 4);

  /** Gives up memory that few texts need. */
  shrink(): void {
    if (this.#stack.length > MAX_KEPT) this.#stack = new Int32Array(MAX_KEPT);
    if (this.#undo.length > MAX_KEPT) this.#undo = new Int32Array(MAX_KEPT);
    if (this.#memo.length > MAX_KEPT) this.#memo = new Int32Array(MAX_KEPT);
  }

  run(program: Program, source: string, rememberAfter: number): Outcome {
    const text = bytes(source);
    const { code, sets, loops, first, memoSlots } = program;
    const { length } = text;
    const lastStart = program.anchored ? 0 : length;
    const rowLength = length + 1;
    const canRemember = memoSlots > 0 && memoSlots * rowLength <= MAX_MEMO_BITS;
    if (this.#registers.length < program.registers) {
      this.#registers = new Int32Array(program.registers);
    }
    const registers = this.#registers;
    let stack = this.#stack;
    let undo = this.#undo;
    /** What failed: a bit for each choice and position. */
    let memo: Int32Array | undefined;
    let operations = 0;
    /** The ends of the open ways and of the undos. */
    let ways = 0;
    let undos = 0;
    let pc = 0;
    let at = 0;

    for (let start = -1, fails = true;;) {
      if (fails) {
        if (ways > 0) {
          // Back to the last open way.
          ways -= WAY;
          pc = stack[ways]!;
          at = stack[ways + 1]!;
          const end = stack[ways + 2]!;
          if (undos > end) undos = restore(registers, undo, undos, end);
        } else {
          // On to the next place where a match may begin.
          start = nextStart(text, start + 1, first);
          if (start > lastStart) return "none";
          registers.fill(-1, 0, program.registers);
          registers[0] = start;
          pc = ENTRY;
          at = start;
          undos = 0;
        }
        fails = false;
      }
      if (++operations > MAX_OPERATIONS) return "limit";
      if (ways + 2 * WAY > stack.length) {
        if (stack.length >= MAX_STACK) return "limit";
        stack = this.#stack = grown(stack);
      }
      if (undos + 2 * UNDO > undo.length) {
        if (undo.length >= MAX_STACK) return "limit";
        undo = this.#undo = grown(undo);
      }
      if (canRemember && memo === undefined && operations > rememberAfter) {
        memo = this.#emptyMemo(memoSlots * rowLength);
      }
      switch (code[pc]) {
        case Op.Set:
          if (
            at < length && sets[code[pc + 1]! + text[at]!] === 1
          ) {
            at++;
            pc += 2;
          } else fails = true;
          break;
        case Op.Split: {
          const choice = code[pc + 3]!;
          const guard = code[pc + 4]!;
          if (
            guard >= 0 &&
            (at === length || sets[guard + text[at]!] !== 1)
          ) {
            pc = code[pc + 2]!;
            break;
          }
          if (memo !== undefined && choice >= 0) {
            const bit = (choice +
                  loopBits(loops[code[pc + 5]!]!, registers, at)) *
                rowLength + at;
            if ((memo[bit >> 5]! & (1 << (bit & 31))) !== 0) {
              fails = true;
              break;
            }
            stack[ways] = FAILED;
            stack[ways + 1] = bit;
            stack[ways + 2] = undos;
            ways += WAY;
          }
          stack[ways] = code[pc + 2]!;
          stack[ways + 1] = at;
          stack[ways + 2] = undos;
          ways += WAY;
          pc = code[pc + 1]!;
          break;
        }
        case Op.Jump:
          pc = code[pc + 1]!;
          break;
        case Op.Save:
          undos = keep(undo, undos, registers, code[pc + 1]!);
          registers[code[pc + 1]!] = at;
          pc += 2;
          break;
        case Op.Close: {
          const group = code[pc + 1]!;
          undos = keep(undo, undos, registers, 2 * group);
          undos = keep(undo, undos, registers, 2 * group + 1);
          registers[2 * group] = registers[code[pc + 2]!]!;
          registers[2 * group + 1] = at;
          pc += 3;
          break;
        }
        case Op.IfEmpty:
          pc = registers[code[pc + 1]!] === at ? code[pc + 2]! : pc + 3;
          break;
        case Op.Assertion:
          if (isAt(ASSERTIONS[code[pc + 1]!]!, text, at)) pc += 2;
          else fails = true;
          break;
        case Op.Reference: {
          const count = code[pc + 2]!;
          const group = setGroup(registers, code, pc + 3, count);
          const taken = group === undefined
            ? -1
            : repeats(text, registers, group, at, code[pc + 1] === 1);
          if (taken < 0) fails = true;
          else {
            // A long one is not free.
            operations += taken >> 3;
            at += taken;
            pc += 3 + count;
          }
          break;
        }
        case Op.Enter:
          undos = keep(undo, undos, registers, code[pc + 1]!);
          undos = keep(undo, undos, registers, code[pc + 1]! + 1);
          registers[code[pc + 1]!] = ways;
          registers[code[pc + 1]! + 1] = at;
          pc += 2;
          break;
        case Op.Commit:
          ways = registers[code[pc + 1]!]!;
          pc += 2;
          break;
        case Op.Return:
          ways = registers[code[pc + 1]!]!;
          at = registers[code[pc + 1]! + 1]!;
          pc += 2;
          break;
        case Op.Try:
          stack[ways] = code[pc + 1]!;
          stack[ways + 1] = at;
          stack[ways + 2] = undos;
          ways += WAY;
          pc += 2;
          break;
        case Op.Back:
          at -= code[pc + 1]!;
          if (at < 0) fails = true;
          else pc += 2;
          break;
        case Op.IfUnset: {
          const count = code[pc + 2]!;
          const group = setGroup(registers, code, pc + 3, count);
          pc = group === undefined ? code[pc + 1]! : pc + 3 + count;
          break;
        }
        case Op.Note: {
          const choice = code[pc + 1]!;
          if (memo !== undefined && choice >= 0) {
            const bit = (choice +
                  loopBits(loops[code[pc + 2]!]!, registers, at)) *
                rowLength + at;
            if ((memo[bit >> 5]! & (1 << (bit & 31))) !== 0) {
              fails = true;
              break;
            }
            stack[ways] = FAILED;
            stack[ways + 1] = bit;
            stack[ways + 2] = undos;
            ways += WAY;
          }
          pc += 3;
          break;
        }
        case Op.Match:
          registers[1] = at;
          return registers.subarray(0, 2 * (program.groupCount + 1));
        case Op.Failed:
          // Where the text was is the bit of what has failed.
          memo![at >> 5]! |= 1 << (at & 31);
          fails = true;
          break;
        default:
          fails = true;
      }
    }
  }

  #emptyMemo(bits: number): Int32Array {
    const words = (bits + 31) >> 5;
    if (this.#memo.length < words) this.#memo = new Int32Array(words);
    else this.#memo.fill(0, 0, words);
    return this.#memo;
  }
}

/**
 * Keeps what a register holds, for the way back.
 *
 * @returns the new end of what is kept
 */
function keep(
  undo: Int32Array,
  undos: number,
  registers: Int32Array,
  register: number,
): number {
  undo[undos] = register;
  undo[undos + 1] = registers[register]!;
  return undos + UNDO;
}

/** A text as bytes, which are quicker to read than its characters. */
function bytes(source: string): Uint8Array {
  const { length } = source;
  const text = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    text[index] = source.charCodeAt(index);
  }
  return text;
}

/**
 * Gives registers back what they held when `end` was the end of the undos.
 *
 * @returns `end`
 */
function restore(
  registers: Int32Array,
  undo: Int32Array,
  undos: number,
  end: number,
): number {
  while (undos > end) {
    undos -= UNDO;
    registers[undo[undos]!] = undo[undos + 1]!;
  }
  return end;
}

/** The next place from `at` on where a match may begin, or behind the end. */
function nextStart(
  text: Uint8Array,
  at: number,
  first: CharSet | undefined,
): number {
  if (first === undefined) return at;
  while (at < text.length && first[text[at]!] !== 1) at++;
  return at < text.length ? at : at + 1;
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

/** Which of the loops around have taken something in this iteration. */
function loopBits(
  loops: readonly number[],
  registers: Int32Array,
  at: number,
): number {
  let bits = 0;
  for (let index = 0; index < loops.length; index++) {
    if (registers[loops[index]!] !== at) bits |= 1 << index;
  }
  return bits;
}

/** The first of some groups that has taken part. */
function setGroup(
  registers: Int32Array,
  code: Int32Array,
  index: number,
  count: number,
): number | undefined {
  for (const end = index + count; index < end; index++) {
    const group = code[index]!;
    if (registers[2 * group + 1]! >= 0) return group;
  }
  return undefined;
}

/** How long what a group took is, if it stands at `at` too; else -1. */
function repeats(
  text: Uint8Array,
  registers: Int32Array,
  group: number,
  at: number,
  ignoreCase: boolean,
): number {
  const start = registers[2 * group]!;
  const length = registers[2 * group + 1]! - start;
  if (at + length > text.length) return -1;
  for (let index = 0; index < length; index++) {
    const a = text[start + index]!;
    const b = text[at + index]!;
    if (a !== b && !(ignoreCase && otherCase(a) === b)) return -1;
  }
  return length;
}
