import { assertEquals, assertRejects } from "@std/assert";
import {
  Verifier,
  type VerifierEvents,
  type Wish,
} from "../../../src/features/auth_basic/verifier.ts";
import { HttpError } from "../../../src/http/errors.ts";

/** A verifier with threads that answer when they are told to. */
function started() {
  const asked: string[] = [];
  const threads: VerifierEvents[] = [];
  let ended = 0;
  const verifier = new Verifier((events) => {
    threads.push(events);
    return {
      post: ({ password }) => void asked.push(password),
      terminate: () => void ended++,
    };
  });
  return {
    verifier,
    asked,
    threads,
    get ended() {
      return ended;
    },
  };
}

function wish(client: string, password: string): Wish {
  return { key: `${client} ${password}`, client, password, stored: "x" };
}

const signal = new AbortController().signal;

async function statusOf(promise: Promise<unknown>): Promise<number> {
  return (await assertRejects(() => promise, HttpError)).status;
}

Deno.test("Verifier lets clients take turns, one comparison at a time", async () => {
  const { verifier, asked, threads } = started();
  const results = [
    wish("a", "a1"),
    wish("a", "a2"),
    wish("a", "a3"),
    wish("b", "b1"),
    wish("c", "c1"),
  ].map((each) => verifier.matches(each, signal));
  for (let i = 0; i < 5; i++) {
    assertEquals(asked.length, i + 1);
    threads[0]!.heard(i % 2 === 0);
  }
  assertEquals(asked, ["a1", "a2", "b1", "c1", "a3"]);
  assertEquals(await Promise.all(results), [true, false, true, true, false]);
  assertEquals(threads.length, 1);
});

Deno.test("Verifier compares once what is the same", async () => {
  const { verifier, asked, threads } = started();
  const first = verifier.matches(wish("a", "p"), signal);
  const second = verifier.matches(wish("a", "p"), signal);
  threads[0]!.heard(true);
  assertEquals(await Promise.all([first, second]), [true, true]);
  const third = verifier.matches(wish("a", "p"), signal);
  threads[0]!.heard(false);
  assertEquals(await third, false);
  assertEquals(asked, ["p", "p"]);
});

Deno.test("Verifier forgets what nobody waits for", async () => {
  const { verifier, asked, threads } = started();
  const [left, stays] = [new AbortController(), new AbortController()];
  const running = verifier.matches(wish("a", "1"), left.signal);
  const alone = verifier.matches(wish("a", "2"), left.signal);
  const both = [left, stays].map(({ signal }) =>
    verifier.matches(wish("a", "3"), signal)
  );
  left.abort();
  const late = verifier.matches(wish("a", "4"), left.signal);
  for (const gone of [running, alone, both[0]!, late]) {
    assertEquals(await statusOf(gone), 444);
  }
  threads[0]!.heard(true);
  threads[0]!.heard(true);
  assertEquals(await both[1], true);
  assertEquals(asked, ["1", "3"]);
});

Deno.test("Verifier refuses more than wait for one client, and for all", async () => {
  const { verifier, threads } = started();
  const waiting: Promise<boolean>[] = [];
  const ask = (client: string, i: number) =>
    verifier.matches(wish(client, String(i)), signal);
  // The first one runs.
  for (let i = 0; i <= 64; i++) waiting.push(ask("a", i));
  assertEquals(await statusOf(ask("a", 65)), 503);
  for (let i = 65; i < 256; i++) waiting.push(ask(`b${i}`, i));
  assertEquals(await statusOf(ask("c", 0)), 503);
  threads[0]!.heard(true);
  waiting.push(ask("c", 0));
  for (let i = 0; i < 256; i++) threads[0]!.heard(true);
  assertEquals((await Promise.all(waiting)).length, 257);
});

Deno.test("Verifier starts another thread when one fails or was ended", async () => {
  const test = started();
  const { verifier, threads } = test;
  const ready = verifier.start();
  threads[0]!.ready();
  await ready;
  await verifier.start();
  assertEquals(threads.length, 1);
  const lost = verifier.matches(wish("a", "1"), signal);
  threads[0]!.failed("broken");
  assertEquals(await statusOf(lost), 500);
  const next = verifier.matches(wish("a", "1"), signal);
  threads[1]!.heard(true);
  assertEquals(await next, true);
  const open = verifier.matches(wish("a", "2"), signal);
  verifier.close();
  assertEquals(await statusOf(open), 500);
  const never = verifier.start();
  threads[2]!.failed("unreadable");
  await assertRejects(() => never, Error, "has failed: unreadable");
  assertEquals([threads.length, test.ended], [3, 3]);
});

Deno.test("Verifier's own thread compares, and outlives what is no hash", async () => {
  const verifier = new Verifier();
  await verifier.start();
  const stored = "$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0";
  const broken = `$2y$99$${"a".repeat(53)}`;
  const answers = [["secret", stored], ["Secret", stored], ["x", broken]]
    .map(([password = "", stored = ""]) =>
      verifier.matches(
        { key: password, client: "a", password, stored },
        signal,
      )
    );
  assertEquals(await Promise.all(answers), [true, false, false]);
  verifier.close();
});
