/** Entry of the thread that compares passwords with slow hashes. */

import { matchesSlowly } from "./slow_hash.ts";
import type { Comparison, FromVerifier } from "./verifier.ts";

/** What a thread has that the program's own has not. */
interface ThreadScope {
  postMessage(message: FromVerifier): void;
  onmessage: ((event: MessageEvent<Comparison>) => void) | null;
}

const scope = globalThis as unknown as ThreadScope;

scope.onmessage = async ({ data: { password, stored } }) => {
  let matches = false;
  try {
    matches = await matchesSlowly(password, stored);
  } catch {
    // No hash after all, such as one of bcrypt that costs more than there is.
  }
  scope.postMessage(matches);
};

scope.postMessage("ready");
