/**
 * The ports that workers share. With `SO_REUSEPORT` a second webserv of the
 * same user could bind them too, and would take half of the connections by
 * mistake. So a new address is first bound without it, which the system only
 * allows when nobody has it. This is also where port 0 becomes a number.
 */

import { Listener } from "../../net/listener.ts";
import type { Plan } from "../plan.ts";
import { listenerKey } from "../listeners.ts";

/**
 * The ports of `plan` by `listenerKey`. Those in `bound` are the program's
 * already.
 *
 * @throws {BindError} when a new address is in use, not there or not allowed
 */
export function sharedPorts(
  plan: Pick<Plan, "listeners">,
  bound: ReadonlyMap<string, number>,
): Map<string, number> {
  const ports = new Map<string, number>();
  const probes: Listener[] = [];
  try {
    plan.listeners.forEach((listener, index) => {
      const key = listenerKey(listener, index);
      const known = bound.get(key);
      if (known !== undefined) return ports.set(key, known);
      const { hostname, port } = listener;
      const probe = new Listener({ hostname, port, backlog: 1 });
      // Held until all have a port, so that no two get the same one.
      probes.push(probe);
      ports.set(key, probe.port);
    });
  } finally {
    for (const probe of probes) probe.close();
  }
  return ports;
}
