/**
 * Which scopes say what is in force. Of thousands of scopes most say little
 * themselves: what has been compiled for one of them is right for all that are
 * told the same by the same scope around them.
 */

import type { Scope } from "./scope.ts";

/** The scopes that settings come from, by groups of directives. */
export class Origins {
  readonly #count: number;
  readonly #groupsOf: (name: string) => readonly number[];
  readonly #known = new Map<Scope, readonly Scope[]>();

  /**
   * For `count` groups of directives; `groupsOf` says in which of them the
   * directive of a name is.
   */
  constructor(count: number, groupsOf: (name: string) => readonly number[]) {
    this.#count = count;
    this.#groupsOf = groupsOf;
  }

  /**
   * By group, the scope from here outwards that is the first with a directive
   * of the group; the outermost one if there is none.
   */
  of(scope: Scope): readonly Scope[] {
    const known = this.#known.get(scope);
    if (known !== undefined) return known;
    const { parent } = scope;
    const around = parent === undefined
      ? new Array<Scope>(this.#count).fill(scope)
      : this.of(parent);
    const found = this.#nearer(scope, around);
    // Nobody asks again about those that nothing is in.
    if (scope.children.length > 0) this.#known.set(scope, found);
    return found;
  }

  #nearer(scope: Scope, around: readonly Scope[]): readonly Scope[] {
    let found: Scope[] | undefined;
    for (const name of scope.ownNames()) {
      for (const group of this.#groupsOf(name)) {
        (found ??= around.slice())[group] = scope;
      }
    }
    return found ?? around;
  }
}
