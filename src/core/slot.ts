/**
 * What modules remember of one request. A module makes its slots once, when it
 * is loaded; an exchange has no room for them until the first one is filled.
 */

/** Who has slots: an exchange. */
export interface SlotHolder {
  /** What is in them, by their numbers; only {@linkcode Slot} looks in. */
  slots: unknown[] | undefined;
}

let count = 0;

/** A place on every exchange for a value of one kind. */
export class Slot<T> {
  readonly #index = count++;

  /** What was put there; `undefined` if nothing was. */
  get({ slots }: Readonly<SlotHolder>): T | undefined {
    return slots?.[this.#index] as T | undefined;
  }

  /** Puts a value there. */
  set(holder: SlotHolder, value: T | undefined): void {
    (holder.slots ??= [])[this.#index] = value;
  }
}
