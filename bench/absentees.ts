/** Who cannot take part in a workload, and why: it is said in the report. */

import { descriptorLimit } from "./processes.ts";
import { newSite, type Workplace } from "./run.ts";
import {
  type InstalledServer,
  refusal,
  SERVER_CORE,
} from "./started_server.ts";
import type { Workload } from "./workloads.ts";

/** Descriptors that a server needs for itself, generously. */
const OWN_DESCRIPTORS = 100;

/** A server that is left out of a comparison. */
export interface Absentee {
  /** Its name. */
  readonly server: string;
  /** Why it is left out. */
  readonly reason: string;
}

/** The servers that cannot do `workload` here. */
export async function findAbsentees(
  workload: Workload,
  servers: readonly InstalledServer[],
  place: Workplace,
): Promise<Absentee[]> {
  const limit = await descriptorLimit(SERVER_CORE);
  const absentees: Absentee[] = [];
  for (const server of servers) {
    const reason = tooManyConnections(workload, server, limit) ??
      await lackedFeature(workload, server, place);
    if (reason !== undefined) {
      absentees.push({ server: server.spec.name, reason });
    }
  }
  return absentees;
}

function tooManyConnections(
  { connections, idle = 0 }: Workload,
  { spec }: InstalledServer,
  limit: number,
): string | undefined {
  const needed = (connections + idle) * (spec.descriptorsPerConnection ?? 1) +
    OWN_DESCRIPTORS;
  return needed <= limit
    ? undefined
    : `it needs ${needed} file descriptors, and ${limit} are allowed here`;
}

async function lackedFeature(
  { needs }: Workload,
  server: InstalledServer,
  place: Workplace,
): Promise<string | undefined> {
  if (needs === undefined) return undefined;
  const known = server.spec.lacks?.[needs];
  if (known !== undefined) return known;
  const site = await newSite(place, { accessLog: false, needs });
  return await refusal(server, site);
}
