/** What every read and every connection costs beside its bytes. */

import { ReadTurns } from "../../src/net/read_turns.ts";
import { Roster, type Seated } from "../../src/net/roster.ts";

/** How many connections there are at any time. */
const CONNECTIONS = 64;

const turns = new ReadTurns();

Deno.bench(`ReadTurns: a round of ${CONNECTIONS} reads`, async () => {
  for (let i = 0; i < CONNECTIONS; i++) turns.received();
  await Promise.resolve();
});

class Member implements Seated {
  seat = -1;
}

const roster = new Roster<Member>();
const members = Array.from({ length: CONNECTIONS }, () => new Member());
for (const member of members) roster.add(member);
let next = 0;

Deno.bench("Roster: one leaves, one comes", () => {
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
