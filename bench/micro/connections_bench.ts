/** What every read and every connection costs beside its bytes. */

import { FairReads } from "../../src/scheduling/fair_reads.ts";
import { DenseSet, type Indexed } from "../../src/bytes/dense_set.ts";

/** How many connections there are at any time. */
const CONNECTIONS = 64;

const turns = new FairReads();

Deno.bench(`FairReads: a round of ${CONNECTIONS} reads`, async () => {
  for (let i = 0; i < CONNECTIONS; i++) turns.received();
  await Promise.resolve();
});

class Member implements Indexed {
  index = -1;
}

const roster = new DenseSet<Member>();
const members = Array.from({ length: CONNECTIONS }, () => new Member());
for (const member of members) roster.add(member);
let next = 0;

Deno.bench("DenseSet: one leaves, one comes", () => {
  roster.delete(members[next]!);
  roster.add(members[next] = new Member());
  next = (next + 1) % CONNECTIONS;
});

const set = new Set<Member>(members);

Deno.bench("Set, for comparison: one leaves, one comes", () => {
  set.delete(members[next]!);
  set.add(members[next] = new Member());
  next = (next + 1) % CONNECTIONS;
});
