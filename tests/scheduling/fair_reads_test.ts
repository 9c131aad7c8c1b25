import { assert, assertEquals } from "@std/assert";
import {
  CROWD_READS,
  FairReads,
  READS_PER_TURN,
} from "../../src/scheduling/fair_reads.ts";
import { FakeRuntime } from "./fake_runtime.ts";

/** Turns whose probe answers when the test says so. */
async function manualTurns() {
  const turns = new FairReads();
  const probe = { asked: 0, closed: false };
  let answered = () => {};
  let lost = () => {};
  await turns.open((events) => {
    answered = () => events.answered();
    lost = () => events.lost();
    return Promise.resolve({
      ask: () => void probe.asked++,
      close: () => void (probe.closed = true),
    });
  });
  return {
    turns,
    probe,
    lost,
    /** A round that has brought so many reads, and an answer or none. */
    async round(reads: number, isAnswered = false) {
      for (let i = 0; i < reads; i++) turns.received();
      if (isAnswered) answered();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

/** Waits for a turn `count` times; tells whose has come. */
function waiters(turns: FairReads, count: number): number[] {
  const begun: number[] = [];
  for (let i = 0; i < count; i++) turns.wait().then(() => begun.push(i));
  return begun;
}

Deno.test("FairReads has no turns while rounds bring few reads", async () => {
  const { turns, probe, round } = await manualTurns();
  await round(CROWD_READS - 1);
  assertEquals(turns.crowded, false);
  await round(CROWD_READS - 1);
  assertEquals(turns.crowded, false);
  assertEquals(probe.asked, 0);
});

Deno.test("FairReads is crowded from a round with many reads on", async () => {
  const { turns, round } = await manualTurns();
  await round(CROWD_READS);
  assertEquals(turns.crowded, true);
});

Deno.test("FairReads goes on in order when a round brought few reads", async () => {
  const { turns, probe, round } = await manualTurns();
  await round(128);
  const begun = waiters(turns, 3);
  assertEquals(probe.asked, 1);
  await round(128, true);
  assertEquals(begun, []);
  assertEquals(probe.asked, 2);
  await round(20);
  assertEquals(begun, [], "a round without a look at the sockets says nothing");
  await round(20, true);
  assertEquals(begun, [0, 1, 2]);
  assertEquals(turns.crowded, false);
});

Deno.test("FairReads lets some go on at a time and asks before the next", async () => {
  const { turns, probe, round } = await manualTurns();
  await round(128);
  const begun = waiters(turns, READS_PER_TURN + 1);
  await round(0, true);
  assertEquals(begun.length, READS_PER_TURN);
  assertEquals(turns.crowded, true);
  assertEquals(probe.asked, 2);
  await round(READS_PER_TURN, true);
  assertEquals(begun.length, READS_PER_TURN + 1);
  assertEquals(turns.crowded, false);
  assertEquals(probe.asked, 2);
});

Deno.test("FairReads lets everybody go on when its probe is lost", async () => {
  const { turns, lost, round } = await manualTurns();
  await round(128);
  const begun = waiters(turns, 3 * READS_PER_TURN);
  lost();
  await round(0);
  assertEquals(begun.length, 3 * READS_PER_TURN);
  await round(128);
  assertEquals(turns.crowded, false);
});

Deno.test("FairReads gives up a probe that comes after its end", async () => {
  const turns = new FairReads();
  turns.close();
  let closed = false;
  await turns.open(() =>
    Promise.resolve({ ask() {}, close: () => void (closed = true) })
  );
  assertEquals(closed, true);
  for (let i = 0; i < 128; i++) turns.received();
  await Promise.resolve();
  assertEquals(turns.crowded, false);
});

/** How often each of `count` busy clients is answered in some rounds. */
async function answersOf(
  count: number,
  { withTurns }: { withTurns: boolean },
): Promise<number[]> {
  const runtime = new FakeRuntime();
  const turns = new FairReads();
  if (withTurns) await turns.open((events) => runtime.openProbe(events));
  const answers = new Array<number>(count).fill(0);
  for (let i = 0; i < count; i++) {
    (async () => {
      for (;;) {
        if (turns.crowded) await turns.wait();
        await runtime.read();
        turns.received();
        answers[i]!++;
      }
    })();
  }
  for (let round = 0; round < 400; round++) await runtime.round();
  return answers;
}

Deno.test("FairReads serves a thousand busy clients alike, which the runtime does not", async () => {
  const without = await answersOf(1000, { withTurns: false });
  assert(Math.min(...without) < Math.max(...without) / 100);
  const answers = await answersOf(1000, { withTurns: true });
  const [least, most] = [Math.min(...answers), Math.max(...answers)];
  assert(least > 0 && most - least <= 2, `from ${least} to ${most}`);
});

Deno.test("FairReads ends pauses when the sockets have been looked at", async () => {
  const { turns, probe, round } = await manualTurns();
  const done: string[] = [];
  assertEquals(turns.afterLook(() => done.push("a")), true);
  assertEquals(turns.afterLook(() => done.push("b")), true);
  assertEquals(probe.asked, 1);
  await round(5);
  assertEquals(done, [], "a round without a look");
  await round(5, true);
  assertEquals(done, ["a", "b"]);
  assertEquals(turns.crowded, false);
  turns.afterLook(() => {
    done.push("c");
    turns.afterLook(() => done.push("d"));
  });
  assertEquals(probe.asked, 2);
  await round(0, true);
  assertEquals(done, ["a", "b", "c"]);
  assertEquals(probe.asked, 3);
  await round(0, true);
  assertEquals(done, ["a", "b", "c", "d"]);
});

Deno.test("FairReads leaves nobody in a pause when it loses its probe", async () => {
  for (const end of ["close", "lost"] as const) {
    const { turns, lost } = await manualTurns();
    const done: string[] = [];
    assertEquals(turns.afterLook(() => done.push("a")), true);
    if (end === "close") turns.close();
    else lost();
    assertEquals(done, ["a"]);
    assertEquals(turns.afterLook(() => done.push("b")), false);
  }
  assertEquals(new FairReads().afterLook(() => {}), false);
});
