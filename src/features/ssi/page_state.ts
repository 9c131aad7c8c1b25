/** What SSI remembers of a request, and of each page in it. */

import type { Exchange } from "../../core/exchange.ts";
import { Slot } from "../../core/slot.ts";
import { TimeSlices } from "../../scheduling/time_slices.ts";
import { type Encoding, SsiError } from "./texts.ts";

/** What the variables and blocks of one request take at most, in bytes. */
const MAX_HELD_BYTES = 1024 * 1024;

/** What all pages of a client's request have in common. */
class SharedState {
  /** Variables that `set` has set, by their names in lower case. */
  readonly variables = new Map<string, string>();
  /** Blocks for `stub`, by their names. */
  readonly blocks = new Map<string, Uint8Array>();
  /** What the last pattern took. */
  captures: readonly string[] = [];
  /** Lets others come between, where much is included. */
  readonly slices = new TimeSlices();
  #held = 0;

  /**
   * Makes room for so many bytes more, or fewer.
   *
   * @throws {SsiError} when the pages of a request hold too much
   */
  hold(bytes: number): void {
    if (this.#held + bytes > MAX_HELD_BYTES) {
      throw new SsiError("SSI variables and blocks take too much memory");
    }
    this.#held += bytes;
  }

  /** Sets a variable. */
  set(name: string, value: string): void {
    const before = this.variables.get(name);
    const held = before === undefined ? -name.length : before.length;
    this.hold(value.length - held);
    this.variables.set(name, value);
  }
}

const shared = new Slot<SharedState>();

/** What is known of all pages of the request that `exchange` is a part of. */
export function sharedState(exchange: Exchange): SharedState {
  const holder = exchange.main ?? exchange;
  let state = shared.get(holder);
  if (state === undefined) shared.set(holder, state = new SharedState());
  return state;
}

/** How a page writes, until `config` or `echo` says otherwise. */
export class PageSettings {
  /** How times are written (`strftime()`). */
  timeFormat = "%A, %d-%b-%Y %H:%M:%S %Z";
  /** What stands in the place of a command that cannot be done. */
  errorMessage = "[an error occurred while processing the directive]";
  /** How `echo` writes values. */
  encoding: Encoding = "entity";
}

/** Those of the page that an exchange is for, while it is made. */
export const pageSettings = new Slot<PageSettings>();
