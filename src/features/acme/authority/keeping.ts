/** What is kept of an authority and its certificates, beside those themselves. */

import { failureReason } from "../../../os_error.ts";
import type { State } from "../state_folder.ts";
import { LocalFailure } from "./failure.ts";

/**
 * Replaces the file `name` of `state` as a whole.
 *
 * @throws {LocalFailure} when it cannot be written
 */
export function keep(state: State, name: string, text: string): void {
  try {
    state.write(name, text);
  } catch (cause) {
    throw new LocalFailure(
      `${state.pathOf(name)} cannot be written: ${failureReason(cause)}`,
      { cause },
    );
  }
}
