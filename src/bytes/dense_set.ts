/**
 * A set that many members join and leave every second. A `Set` or `Map` makes
 * a new table every so often, and the table it leaves behind, if it was old,
 * keeps its members of that moment until the next full garbage collection:
 * with short connections a third of all they allocate was promoted for that
 * reason (measured). Here members stand in one array and know their index.
 */

/** What can be in a {@linkcode DenseSet}. */
export interface Indexed {
  /** Its index; -1 while it has none. Only its set changes it. */
  index: number;
}

/** An unordered set in one array, whose members know their index. */
export class DenseSet<T extends Indexed> {
  readonly #members: T[] = [];

  /** How many members there are. */
  get size(): number {
    return this.#members.length;
  }

  /** Adds a member that has no index. */
  add(member: T): void {
    if (member.index !== -1) throw new Error("a member is in one set only");
    member.index = this.#members.length;
    this.#members.push(member);
  }

  /** Removes a member; one that has no index is not here any more. */
  delete(member: T): void {
    const { index } = member;
    if (index === -1) return;
    member.index = -1;
    const last = this.#members.pop()!;
    if (last === member) return;
    this.#members[index] = last;
    last.index = index;
  }

  /** The members at this moment, in no order. */
  toArray(): T[] {
    return [...this.#members];
  }

  /**
   * Calls `action` for every member. It may remove members and add some; those
   * added are not visited.
   */
  forEach(action: (member: T) => void): void {
    // Who takes the index of a member that has left has been visited.
    for (let index = this.#members.length - 1; index >= 0; index--) {
      const member = this.#members[index];
      if (member !== undefined) action(member);
    }
  }
}
