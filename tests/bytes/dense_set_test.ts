import { assertEquals, assertThrows } from "@std/assert";
import { DenseSet, type Indexed } from "../../src/bytes/dense_set.ts";

class Member implements Indexed {
  index = -1;
}

/** A set with `count` members. */
function setOf(count: number) {
  const set = new DenseSet<Member>();
  const members = Array.from({ length: count }, () => new Member());
  for (const member of members) set.add(member);
  return { set, members };
}

Deno.test("DenseSet has those who came and did not leave", () => {
  for (let left = 0; left < 4; left++) {
    const { set, members } = setOf(4);
    set.delete(members[left]!);
    set.delete(members[left]!);
    assertEquals(set.size, 3);
    assertEquals(members[left]!.index, -1);
    const rest = members.filter((_, index) => index !== left);
    assertEquals(new Set(set.toArray()), new Set(rest));
    for (const member of rest) set.delete(member);
    assertEquals(set.toArray(), []);
  }
});

Deno.test("DenseSet takes back who has left, and nobody twice", () => {
  const { set, members: [one, two] } = setOf(2);
  assertThrows(() => set.add(one!), Error, "one set only");
  set.delete(one!);
  set.add(one!);
  assertEquals(new Set(set.toArray()), new Set([one, two]));
});

Deno.test("DenseSet.forEach visits all while members leave and come", () => {
  for (let leaving = 0; leaving < 5; leaving++) {
    const { set, members } = setOf(5);
    const visited: Member[] = [];
    set.forEach((member) => {
      visited.push(member);
      if (member !== members[leaving]) return;
      set.delete(member);
      set.add(new Member());
    });
    assertEquals(visited.length, 5);
    assertEquals(new Set(visited), new Set(members));
  }
});

Deno.test("DenseSet.forEach goes on when all members leave at once", () => {
  const { set, members } = setOf(5);
  let visits = 0;
  set.forEach(() => {
    visits++;
    for (const member of members) set.delete(member);
  });
  assertEquals(visits, 1);
});
