/** Groups: everything that begins with a parenthesis. */

import type { Cursor } from "./cursor.ts";
import { type Flags, readFlags } from "./flags.ts";
import type { GroupRegister } from "./groups.ts";
import { lookBehindBranches } from "../engine/lengths.ts";
import { oneOf } from "./nodes.ts";
import { PatternError, unsupported } from "../pattern_error.ts";
import {
  type Condition,
  EMPTY,
  type Look,
  type Node,
  someNode,
} from "./syntax.ts";

/** Groups that look around, by what stands behind `(?` or `(*`. */
const LOOKS: ReadonlyMap<string, Pick<Look, "behind" | "negative">> = new Map([
  ["=", { behind: false, negative: false }],
  ["!", { behind: false, negative: true }],
  ["<=", { behind: true, negative: false }],
  ["<!", { behind: true, negative: true }],
  ["pla:", { behind: false, negative: false }],
  ["positive_lookahead:", { behind: false, negative: false }],
  ["nla:", { behind: false, negative: true }],
  ["negative_lookahead:", { behind: false, negative: true }],
  ["plb:", { behind: true, negative: false }],
  ["positive_lookbehind:", { behind: true, negative: false }],
  ["nlb:", { behind: true, negative: true }],
  ["negative_lookbehind:", { behind: true, negative: true }],
]);

const LOOK_OPENING =
  /\(\?(<?[=!])|\(\*([pn]l[ab]:|(?:posi|nega)tive_look(?:ahead|behind):)/y;

/** What reads the pattern that groups are part of. */
export interface PatternReader {
  /** The pattern. */
  readonly cursor: Cursor;
  readonly groups: GroupRegister;
  /** The flags in force. */
  flags: Flags;
  /**
   * Reads alternatives up to the end or a closing parenthesis; before each,
   * `beforeEach` is called.
   */
  alternatives(beforeEach?: () => void): Node[];
}

/**
 * Reads the group that begins here; `undefined` if it only sets flags.
 *
 * @throws {PatternError} when it is wrong, or not supported
 */
export function readGroup(reader: PatternReader): Node | undefined {
  return new GroupReader(reader).read();
}

class GroupReader {
  readonly #reader: PatternReader;
  readonly #start: number;

  constructor(reader: PatternReader) {
    this.#reader = reader;
    this.#start = reader.cursor.position;
  }

  /** The group that begins here; `undefined` if it only sets flags. */
  read(): Node | undefined {
    const { cursor } = this.#reader;
    const look = this.#look();
    if (look !== undefined) return look;
    cursor.position++;
    if (cursor.take("*")) return this.#verb();
    if (!cursor.take("?")) {
      return this.#reader.flags.noCapture ? this.#rest() : this.#capture();
    }
    if (cursor.take(":")) return this.#rest();
    if (cursor.take(">")) return { kind: "atomic", body: this.#rest() };
    if (cursor.take("|")) return this.#branchReset();
    if (cursor.take("(")) return this.#conditional();
    const name = cursor.match(/P?<([^>)]*)>|'([^')]*)'/y);
    if (name !== undefined) {
      return this.#capture(name[1] ?? name[2] ?? "");
    }
    const reference = cursor.match(/P=([A-Za-z_]\w*)\)/y)?.[1];
    if (reference !== undefined) {
      return this.#reader.groups.reference(
        reference,
        this.#reader.flags.ignoreCase,
      );
    }
    this.#refuseOthers();
    this.#reader.flags = readFlags(cursor, this.#reader.flags);
    if (cursor.take(")")) return undefined;
    if (cursor.take(":")) return this.#rest();
    throw new PatternError(
      `"${cursor.since(this.#start)}${cursor.peek()}" begins no group`,
      'write "\\(" for a parenthesis',
    );
  }

  /** What PCRE has and we have not. */
  #refuseOthers(): void {
    const { cursor } = this.#reader;
    const call = cursor.match(/(?:R|P>|&|[+-]?\d)[^)]*\)?/y);
    if (call !== undefined) {
      throw unsupported(
        "recursion",
        cursor.since(this.#start),
        "write the group's pattern once more",
      );
    }
    if (cursor.match(/C[^)]*\)?/y) !== undefined) {
      throw unsupported(
        "the callout",
        cursor.since(this.#start),
        "leave it out",
      );
    }
    if (cursor.match(/<?\*/y) !== undefined) {
      throw unsupported(
        "the group",
        cursor.since(this.#start),
        'write "(?=" or "(?<="',
      );
    }
  }

  /** The rest of a group and its closing parenthesis. */
  #rest(): Node {
    return oneOf(this.#parts());
  }

  /** As {@linkcode #rest}, for groups whose parts are looked at. */
  #parts(beforeEach?: () => void): Node[] {
    const { cursor } = this.#reader;
    const parts = this.#reader.alternatives(beforeEach);
    if (cursor.take(")")) return parts;
    throw new PatternError(
      `"${
        cursor.text.slice(this.#start, this.#start + 20)
      }" has no closing ")"`,
      'write "\\(" for a parenthesis',
    );
  }

  #capture(name?: string): Node {
    const number = this.#reader.groups.open(
      name,
      this.#reader.flags.duplicateNames,
    );
    return { kind: "group", number, body: this.#rest() };
  }

  /** `(?|...)`: the groups of each part have the same numbers. */
  #branchReset(): Node {
    const first = this.#reader.groups.count;
    let most = first;
    const node = oneOf(this.#parts(() => {
      most = Math.max(most, this.#reader.groups.count);
      this.#reader.groups.restartAt(first);
    }));
    this.#reader.groups.restartAt(Math.max(most, this.#reader.groups.count));
    return node;
  }

  /** A group that looks around, if there is one here. */
  #look(): Look | undefined {
    const { cursor } = this.#reader;
    const [, sign, name] = cursor.match(LOOK_OPENING) ?? [];
    const kind = LOOKS.get(sign ?? name ?? "");
    if (kind === undefined) return undefined;
    const parts = this.#parts();
    const branches = kind.behind
      ? lookBehindBranches(parts, cursor.since(this.#start))
      : parts.map((node) => ({ node, length: 0 }));
    return { kind: "look", ...kind, branches };
  }

  /** What stands behind `(*`. */
  #verb(): Node {
    const { cursor } = this.#reader;
    if (cursor.match(/(?:FAIL|F)\)/y) !== undefined) return { kind: "fail" };
    if (cursor.match(/atomic:/y) !== undefined) {
      return { kind: "atomic", body: this.#rest() };
    }
    cursor.match(/[^)]*\)?/y);
    throw unsupported(
      "the verb",
      cursor.since(this.#start),
      'write "\\(" for a parenthesis',
    );
  }

  /** `(?(...)yes|no)`, read up to the condition. */
  #conditional(): Node {
    const { cursor } = this.#reader;
    const condition = this.#condition();
    const parts = this.#parts();
    const [yes = EMPTY, no = EMPTY] = parts;
    if (parts.length > 2) {
      throw new PatternError(
        `"${cursor.since(this.#start)}" has more than two parts`,
      );
    }
    return { kind: "conditional", condition, yes, no };
  }

  #condition(): Condition {
    const { cursor } = this.#reader;
    cursor.position--;
    const look = this.#look();
    if (look !== undefined) {
      if (look.negative && someNode(look, ({ kind }) => kind === "group")) {
        throw unsupported(
          "a group within a negative condition",
          cursor.since(this.#start),
          'write "(?:" for the group',
        );
      }
      return look;
    }
    const match = cursor.match(
      /\((?:([+-]?\d+)|<(\w+)>|'(\w+)'|([A-Za-z_]\w*))\)/y,
    );
    const [, number, angled, quoted, plain] = match ?? [];
    const name = number ?? angled ?? quoted ?? plain;
    const isOther = plain !== undefined && /^(?:R\d*|DEFINE)$/.test(plain);
    if (name === undefined || isOther) {
      cursor.match(/[^)]*\)?/y);
      throw unsupported(
        "the condition",
        cursor.since(this.#start),
        "conditions are a group's number or name, or a look around",
      );
    }
    const isAbsolute = number !== undefined && /^\d/.test(number);
    return this.#reader.groups.condition(isAbsolute ? Number(name) : name);
  }
}
