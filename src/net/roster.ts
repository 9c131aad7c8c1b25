/**
 * A set that many members join and leave every second. A `Set` or `Map` makes
 * a new table every so often, and the table it leaves behind, if it was old,
 * keeps its members of that moment until the next full garbage collection:
 * with short connections a third of all they allocate was promoted for that
 * reason (measured). Here members sit in one array and know their seats.
 */

/** What can sit in one {@linkcode Roster}. */
export interface Seated {
  /** Its seat; -1 while it has none. Only the roster changes it. */
  seat: number;
}

/** See the top of the file. */
export class Roster<T extends Seated> {
  readonly #seats: T[] = [];

  /** How many members there are. */
  get size(): number {
    return this.#seats.length;
  }

  /** Adds a member that has no seat. */
  add(member: T): void {
    if (member.seat !== -1) throw new Error("a member sits in one roster only");
    member.seat = this.#seats.length;
    this.#seats.push(member);
  }

  /** Removes a member; one that has no seat is not here any more. */
  delete(member: T): void {
    const { seat } = member;
    if (seat === -1) return;
    member.seat = -1;
    const last = this.#seats.pop()!;
    if (last === member) return;
    this.#seats[seat] = last;
    last.seat = seat;
  }

  /** The members at this moment, in no order. */
  toArray(): T[] {
    return [...this.#seats];
  }

  /**
   * Calls `action` for every member. It may remove members and add some; those
   * added are not visited.
   */
  forEach(action: (member: T) => void): void {
    // Who takes the seat of a member that has left has been visited.
    for (let seat = this.#seats.length - 1; seat >= 0; seat--) {
      const member = this.#seats[seat];
      if (member !== undefined) action(member);
    }
  }
}
