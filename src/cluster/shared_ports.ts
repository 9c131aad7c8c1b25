/**
 * The ports that workers share. With `SO_REUSEPORT` a second webserv of the
 * same user could bind them too, and would take half of the connections by
 * mistake. So a new address is first bound without it, which the system only
 * allows when nobody has it. This is also where port 0 becomes a number.
 *
 * An address that has clients in common with one the program has already, such
 * as `::` beside `0.0.0.0`, cannot be bound so, and need not be: others could
 * not have bound it either. It is not tried at all, because a socket that is
 * closed again would lose the clients that came to it. What was handed over to
 * the program is its own already.
 */

import { handedOverTo, Listener } from "../net/listener.ts";
import type { Plan } from "../server/setup/plan.ts";
import { bindFault } from "../server/bind_fault.ts";
import { addressCovers } from "../server/client_addresses.ts";
import {
  hostnameOfKey,
  listenerKey,
  retained,
  takesIpv4,
} from "../server/listeners.ts";

/**
 * The ports of `plan` by `listenerKey`, with those that stay beside it. Those
 * in `bound` are the program's already.
 *
 * @throws {ConfigError} when a new address is in use, not there or not allowed
 */
export function sharedPorts(
  plan: Pick<Plan, "listeners">,
  bound: ReadonlyMap<string, number>,
): Map<string, number> {
  const ports = new Map<string, number>();
  const probes: Listener[] = [];
  const own = Map.groupBy(bound, ([, port]) => port);
  try {
    plan.listeners.forEach((listener, index) => {
      const key = listenerKey(listener, index);
      const { hostname, port, path } = listener;
      if (path !== undefined) return;
      const isOwn = (own.get(port) ?? []).some(([other]) =>
        addressCovers(hostname, hostnameOfKey(other)) ||
        addressCovers(hostnameOfKey(other), hostname)
      );
      const isBound = isOwn || handedOverTo(listener) !== undefined;
      const known = bound.get(key) ?? (isBound ? port : undefined);
      if (known !== undefined) return ports.set(key, known);
      try {
        const probe = new Listener({
          hostname,
          port,
          backlog: 1,
          takesIpv4: takesIpv4(listener),
          // Only one of the system leaves IPv4 to another.
          native: listener.native,
        });
        // Held until all have a port, so that no two get the same one.
        probes.push(probe);
        ports.set(key, probe.port);
      } catch (error) {
        throw bindFault(error, listener);
      }
    });
  } finally {
    for (const probe of probes) probe.close();
  }
  for (const [key, { port }] of retained(plan.listeners, bound)) {
    ports.set(key, port);
  }
  return ports;
}
