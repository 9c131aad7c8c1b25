/** The groups of a pattern: their numbers, their names, and who names them. */

import type { GroupName } from "./escapes.ts";
import { PatternError } from "../pattern_error.ts";
import type { Condition, Node } from "./syntax.ts";

/** Longest name of a group (PCRE2's `MAX_NAME_SIZE`). */
const MAX_NAME = 32;

/** A use of groups that may be defined later in the pattern. */
interface Use {
  /** As it was written, for errors. */
  readonly written: GroupName;
  /** The numbers it stands for; those of a name are filled in at the end. */
  readonly numbers: number[];
}

/** Keeps the groups while a pattern is read. */
export class GroupRegister {
  readonly #names = new Map<string, number[]>();
  readonly #uses: Use[] = [];
  #count = 0;
  #highest = 0;

  /** How many groups there are up to here. */
  get count(): number {
    return this.#count;
  }

  /** The numbers that have each name. */
  get names(): ReadonlyMap<string, readonly number[]> {
    return this.#names;
  }

  /**
   * Opens a group.
   *
   * @returns its number
   * @throws {PatternError} when its name is wrong or taken
   */
  open(name: string | undefined, allowDuplicates: boolean): number {
    const number = ++this.#count;
    this.#highest = Math.max(this.#highest, number);
    if (name === undefined) return number;
    if (!/^[A-Za-z_]\w*$/.test(name) || name.length > MAX_NAME) {
      throw new PatternError(
        `"${name}" is no name for a group`,
        `expected up to ${MAX_NAME} letters, digits and "_", no digit first`,
      );
    }
    const numbers = this.#names.get(name) ?? [];
    if (numbers.includes(number)) return number;
    if (numbers.length > 0 && !allowDuplicates) {
      throw new PatternError(`two groups have the name "${name}"`);
    }
    for (const [other, taken] of this.#names) {
      if (taken.includes(number)) {
        throw new PatternError(
          `"${other}" and "${name}" are names of the same group`,
        );
      }
    }
    this.#names.set(name, [...numbers, number]);
    return number;
  }

  /** Gives the next group the number behind `count`: for `(?|...)`. */
  restartAt(count: number): void {
    this.#count = count;
  }

  /**
   * A back reference.
   *
   * @throws {PatternError} when it counts back beyond the first group
   */
  reference(group: GroupName, ignoreCase: boolean): Node {
    return { kind: "reference", groups: this.#use(group), ignoreCase };
  }

  /**
   * Whether a group has taken part.
   *
   * @throws {PatternError} when it counts back beyond the first group
   */
  condition(group: GroupName): Condition {
    return { kind: "groups", groups: this.#use(group) };
  }

  /**
   * Fills in what was used before it was defined, at the end of the pattern.
   *
   * @throws {PatternError} when a group that is used is not there
   */
  finish(): void {
    for (const { written, numbers } of this.#uses) {
      if (typeof written === "string") {
        numbers.push(...this.#names.get(written) ?? []);
      }
      const [number] = numbers;
      if (number === undefined || number < 1 || number > this.#highest) {
        throw new PatternError(`there is no group "${written}"`);
      }
    }
  }

  #use(group: GroupName): number[] {
    const relative = typeof group === "string" &&
      /^([+-])(\d+)$/.exec(group);
    if (!relative) {
      const numbers = typeof group === "number" ? [group] : [];
      this.#uses.push({ written: group, numbers });
      return numbers;
    }
    const distance = Number(relative[2]);
    const number = relative[1] === "+"
      ? this.#count + distance
      : this.#count - distance + 1;
    if (distance === 0 || number < 1) {
      throw new PatternError(`there is no group "${group}"`);
    }
    return this.#use(number);
  }
}
