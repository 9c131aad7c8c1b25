import { assertEquals, assertThrows } from "@std/assert";
import { Roster, type Seated } from "../../src/net/roster.ts";

class Member implements Seated {
  seat = -1;
}

/** A roster with `count` members. */
function rosterOf(count: number) {
  const roster = new Roster<Member>();
  const members = Array.from({ length: count }, () => new Member());
  for (const member of members) roster.add(member);
  return { roster, members };
}

Deno.test("Roster has those who came and did not leave", () => {
  for (let left = 0; left < 4; left++) {
    const { roster, members } = rosterOf(4);
    roster.delete(members[left]!);
    roster.delete(members[left]!);
    assertEquals(roster.size, 3);
    assertEquals(members[left]!.seat, -1);
    const rest = members.filter((_, index) => index !== left);
    assertEquals(new Set(roster.toArray()), new Set(rest));
    for (const member of rest) roster.delete(member);
    assertEquals(roster.toArray(), []);
  }
});

Deno.test("Roster takes back who has left, and nobody twice", () => {
  const { roster, members: [one, two] } = rosterOf(2);
  assertThrows(() => roster.add(one!), Error, "one roster only");
  roster.delete(one!);
  roster.add(one!);
  assertEquals(new Set(roster.toArray()), new Set([one, two]));
});

Deno.test("Roster.forEach visits all while members leave and come", () => {
  for (let leaving = 0; leaving < 5; leaving++) {
    const { roster, members } = rosterOf(5);
    const visited: Member[] = [];
    roster.forEach((member) => {
      visited.push(member);
      if (member !== members[leaving]) return;
      roster.delete(member);
      roster.add(new Member());
    });
    assertEquals(visited.length, 5);
    assertEquals(new Set(visited), new Set(members));
  }
});

Deno.test("Roster.forEach goes on when all members leave at once", () => {
  const { roster, members } = rosterOf(5);
  let visits = 0;
  roster.forEach(() => {
    visits++;
    for (const member of members) roster.delete(member);
  });
  assertEquals(visits, 1);
});
