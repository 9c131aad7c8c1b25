/** Which of what is listened on was handed over to the program (`LISTEN_FDS`). */

import { log } from "../logging/logger.ts";
import { handedOverTo } from "../net/listener.ts";
import { unclaimed } from "../net/native/handed_over.ts";
import type { BoundAddress } from "../server/server.ts";
import { addressText } from "../server/setup/process_settings.ts";

/**
 * Whether some of `addresses` is listened on by a socket that was handed over.
 * Those that are for none of them are warned of. Without any of the system's
 * own nobody asks: those of the runtime cannot be made of what is handed over.
 */
export function takesSockets(addresses: readonly BoundAddress[]): boolean {
  const places = addresses.map(({ hostname, port, plan }) => ({
    hostname,
    port,
    path: plan.path,
    native: plan.native,
  }));
  if (places.every(({ native }) => native === undefined)) return false;
  for (const address of unclaimed(places)) {
    const where = "path" in address
      ? `unix:${address.path}`
      : addressText(address);
    log.warn(
      `the socket ${where} was handed over at the start (LISTEN_FDS), and no ` +
        '"listen" has its address: whoever comes there waits in vain',
    );
  }
  return places.some((place) => handedOverTo(place) !== undefined);
}
