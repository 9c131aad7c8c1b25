/** Which of what is listened on was handed over to the program (`LISTEN_FDS`). */

import { handedOverTo } from "../net/listener.ts";
import { unclaimed } from "../net/native/handed_over.ts";
import type { BoundAddress } from "../server/server.ts";
import { addressText } from "../server/setup/process_settings.ts";

/** What was handed over. */
interface Handed {
  /** Whether some address is listened on by such a socket. */
  readonly isUsed: boolean;
  /** Where sockets are that nobody accepts from, as text. */
  readonly unused: readonly string[];
}

/**
 * What was handed over for `addresses`. Without any of the system's own nobody
 * asks: those of the runtime cannot be made of what is handed over.
 */
export function handedOver(addresses: readonly BoundAddress[]): Handed {
  const places = addresses.map(({ hostname, port, plan }) => ({
    hostname,
    port,
    path: plan.path,
    native: plan.native,
  }));
  if (places.every(({ native }) => native === undefined)) {
    return { isUsed: false, unused: [] };
  }
  return {
    isUsed: places.some((place) => handedOverTo(place) !== undefined),
    unused: unclaimed(places).map((address) =>
      "path" in address ? `unix:${address.path}` : addressText(address)
    ),
  };
}
