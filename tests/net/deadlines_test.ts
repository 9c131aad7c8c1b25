import { assert, assertEquals } from "@std/assert";
import { DeadlineSweep, type Timed } from "../../src/net/deadlines.ts";
import { pause } from "./connection_support.ts";

class Member implements Timed {
  deadlineAt = Infinity;
  index = -1;
  expired = 0;
  expire(): void {
    this.expired++;
    this.deadlineAt = Infinity;
  }
}

Deno.test("DeadlineSweep expires those whose deadline has passed", async () => {
  const sweep = new DeadlineSweep<Member>(5);
  const [due, later, never] = [new Member(), new Member(), new Member()];
  for (const member of [due, later, never]) sweep.add(member);
  due.deadlineAt = performance.now() + 1;
  later.deadlineAt = performance.now() + 60_000;
  await pause(60);
  assertEquals([due.expired, later.expired, never.expired], [1, 0, 0]);
  for (const member of [due, later, never]) sweep.delete(member);
});

Deno.test("DeadlineSweep.time() takes a time that is known, and never goes back", () => {
  const sweep = new DeadlineSweep<Member>(5);
  const began = sweep.time();
  assertEquals(sweep.time(began + 5), began + 5);
  assertEquals(sweep.time(began + 3), began + 5);
  assertEquals(sweep.now, began + 5);
  assert(sweep.date !== "");
});

Deno.test("DeadlineSweep tells how many it found", async () => {
  const told: [number, number][] = [];
  const sweep = new DeadlineSweep<Member>(
    5,
    (expired, members) => void told.push([expired, members]),
  );
  const members = Array.from({ length: 4 }, () => new Member());
  for (const member of members) sweep.add(member);
  await pause(30);
  assertEquals(told, []);
  for (const member of members.slice(1)) member.deadlineAt = 0;
  await pause(40);
  assertEquals(told, [[3, 4]]);
  for (const member of members) sweep.delete(member);
});

Deno.test("DeadlineSweep lets members leave while it sweeps", async () => {
  const sweep = new DeadlineSweep<Member>(5);
  const members = Array.from({ length: 5 }, () => new Member());
  for (const member of members) {
    member.deadlineAt = 0;
    member.expire = () => {
      member.expired++;
      sweep.delete(member);
    };
    sweep.add(member);
  }
  await pause(40);
  assertEquals(members.map(({ expired }) => expired), [1, 1, 1, 1, 1]);
  assertEquals(sweep.size, 0);
});

Deno.test("DeadlineSweep has a timer only while it has members", async () => {
  // The test runner's sanitizer fails this test if a timer is left.
  const sweep = new DeadlineSweep<Member>(5);
  const member = new Member();
  for (let i = 0; i < 3; i++) {
    sweep.add(member);
    sweep.delete(member);
    sweep.delete(member);
  }
  sweep.add(member);
  member.deadlineAt = 0;
  await pause(40);
  assertEquals(member.expired, 1);
  sweep.delete(member);
  member.deadlineAt = 0;
  await pause(20);
  assertEquals(member.expired, 1);
});

Deno.test("DeadlineSweep shows its members", () => {
  const sweep = new DeadlineSweep<Member>();
  const members = [new Member(), new Member(), new Member()];
  members.forEach((member) => sweep.add(member));
  const shown = new Set<Member>();
  sweep.forEach((member) => shown.add(member));
  assertEquals(shown, new Set(members));
  assertEquals(sweep.size, 3);
  members.forEach((member) => sweep.delete(member));
});

Deno.test("DeadlineSweep lets input be read after a stall", async () => {
  const sweep = new DeadlineSweep<Member>(100);
  const member = new Member();
  sweep.add(member);
  member.deadlineAt = performance.now() + 10;
  const until = performance.now() + 500;
  while (performance.now() < until);
  // The timer is overdue now: it fires before this one, and expires nobody.
  await pause(1);
  assertEquals(member.expired, 0);
  while (member.expired === 0) await pause(10);
  sweep.delete(member);
});

Deno.test("DeadlineSweep has deadlines even if it is always late", async () => {
  const sweep = new DeadlineSweep<Member>(10);
  const member = new Member();
  sweep.add(member);
  member.deadlineAt = performance.now() + 10;
  for (let stalls = 0; member.expired === 0; stalls++) {
    assert(stalls < 10, "it never expires");
    const until = performance.now() + 60;
    while (performance.now() < until);
    await pause(1);
  }
  sweep.delete(member);
});

Deno.test("DeadlineSweep runs on to its next look, if told so, and then rests", async () => {
  const { setInterval: original } = globalThis;
  let timers = 0;
  globalThis.setInterval = ((...args: Parameters<typeof original>) => {
    timers++;
    return original(...args);
  }) as typeof original;
  try {
    const sweep = new DeadlineSweep<Member>(20);
    sweep.runOn();
    const comeAndGo = () => {
      const member = new Member();
      sweep.add(member);
      sweep.delete(member);
    };
    for (let i = 0; i < 100; i++) comeAndGo();
    assertEquals(timers, 1);
    // A timer that went on would be one that is left at the end of the test.
    await pause(50);
    comeAndGo();
    assertEquals(timers, 2);
    sweep.stop();
    comeAndGo();
    assertEquals(timers, 3);
  } finally {
    globalThis.setInterval = original;
  }
});

Deno.test("DeadlineSweep.date follows the clock in both directions", async () => {
  const sweep = new DeadlineSweep(5);
  const { now } = Date;
  try {
    for (const second of [49, 50, 50, 48]) {
      Date.now = () => Date.UTC(1994, 10, 6, 8, 49, second, 999);
      // It is not asked for more often than is precise enough.
      await new Promise((resolve) => setTimeout(resolve, 15));
      sweep.time();
      assertEquals(sweep.date, `Sun, 06 Nov 1994 08:49:${second} GMT`);
    }
  } finally {
    Date.now = now;
  }
});
