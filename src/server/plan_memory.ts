/** What clients can make a plan hold in memory. */

import { type MemoryUse, sumOfUses } from "../bytes/memory_budget.ts";
import { inputBytes } from "../http/http1/request_reader.ts";
import type { Plan } from "./setup/plan.ts";

/** What the addresses of a plan remember of values of `Host`. */
export function knownHosts(plan: Plan | undefined): MemoryUse {
  const groups = (plan?.listeners ?? []).flatMap(({ group, groups, ipv4 }) => [
    group,
    ipv4,
    ...groups.values(),
  ]);
  return sumOfUses([...new Set(groups)].flatMap((group) => group?.known ?? []));
}

/** How much input all connections of a plan may have waiting, in bytes. */
export function mostInput({ maxConnections, servers }: Plan): number {
  const most = servers.map(({ limits }) => inputBytes(limits));
  return maxConnections * Math.max(0, ...most);
}
