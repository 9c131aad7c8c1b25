import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { ByteSource } from "../../../src/http/byte_source.ts";
import type { BodySource, FilePart } from "../../../src/http/response.ts";
import { PacedSource } from "../../../src/features/limits/limit_rate.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  read,
  request,
  requestText,
  serverOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["limit_rate;", "invalid number of arguments"],
  ["limit_rate fast;", '"limit_rate" directive invalid value'],
  ["limit_rate -1;", '"limit_rate" directive invalid value'],
  ["limit_rate_after 1x;", '"limit_rate_after" directive invalid value'],
  ["limit_rate $nosuch;", "unknown"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`limit_rate refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

/** All that a source gives, and when, in ms from the beginning. */
async function drain(
  source: BodySource,
): Promise<{ bytes: number[]; pieces: [at: number, length: number][] }> {
  const start = performance.now();
  const bytes: number[] = [];
  const pieces: [number, number][] = [];
  for (let piece; (piece = await source.pull()) !== undefined;) {
    bytes.push(...piece);
    pieces.push([performance.now() - start, piece.length]);
  }
  source.close();
  return { bytes, pieces };
}

function numbers(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i % 251);
}

/** A clock that stands until something was pulled: no busy machine moves it. */
function clockFromFirstPull(): () => number {
  const start = performance.now();
  let readings = 0;
  return () => readings++ < 2 ? start : performance.now();
}

Deno.test("PacedSource gives the first second's worth without any timer", async () => {
  const source = new PacedSource(new ByteSource(numbers(1500)), {
    rate: 1000,
    after: 0,
  });
  // A timer of no length comes after all that needs none, however busy it is.
  const first = await Promise.race([
    source.pull(),
    new Promise<"timer">((resolve) => setTimeout(() => resolve("timer"), 0)),
  ]);
  source.close();
  assert(first !== "timer" && first !== undefined && first.length >= 1000);
});

/** A body that lends itself as a file would. */
class LendingSource extends ByteSource {
  readonly parts: FilePart[] = [];
  offset = 0;

  lend(limit: number): FilePart {
    const length = Math.min(limit, this.length - this.offset);
    const part = { file: 7, offset: this.offset, length };
    this.parts.push(part);
    return part;
  }

  taken(count: number): void {
    this.offset += count;
  }
}

Deno.test("PacedSource lends of a file what is due, and counts what was taken of it", async () => {
  let now = 0;
  const inner = new LendingSource(numbers(10_000));
  const source = new PacedSource(inner, {
    rate: 1000,
    after: 500,
    now: () => now,
  });
  assertEquals(await source.lend!(9999), { file: 7, offset: 0, length: 1500 });
  source.taken!(200); // The socket was full.
  assertEquals(await source.lend!(9799), {
    file: 7,
    offset: 200,
    length: 1300,
  });
  source.taken!(1300);
  let isLent = false;
  const lending = source.lend!(8499);
  Promise.resolve(lending).then(() => isLent = true);
  await Promise.resolve();
  assertEquals(isLent, false);
  now = 1000;
  assertEquals(await lending, { file: 7, offset: 1500, length: 1000 });
  source.taken!(1000);
  const late = source.lend!(7499);
  now = 2000;
  source.close();
  await assertRejects(async () => await late, Error, "closed");
  assertEquals(inner.parts.length, 3);
});

Deno.test("PacedSource lends nothing of what is no file", () => {
  const source = new PacedSource(new ByteSource(numbers(10)), {
    rate: 1,
    after: 0,
  });
  assertEquals([source.lend, source.taken], [undefined, undefined]);
});

Deno.test("PacedSource gives the first second's worth at once and then an even flow", async () => {
  const body = numbers(1500);
  const source = new PacedSource(new ByteSource(body), {
    rate: 1000,
    after: 0,
    now: clockFromFirstPull(),
  });
  assertEquals(source.length, 1500);
  const { bytes, pieces } = await drain(source);
  assertEquals(bytes, [...body]);
  assertEquals(pieces[0]![1], 1000);
  let given = 0;
  for (const [at, length] of pieces) {
    given += length;
    // A timer may fire a millisecond early.
    assert(given <= 1000 + (at + 5), `${given} after ${at} ms`);
  }
  assert(pieces.length >= 4, "the rest comes in small pieces");
  const [end] = pieces.at(-1)!;
  assert(end >= 490 && end < 2000, `${end} ms`);
});

Deno.test("PacedSource lets the first bytes pass", async () => {
  const source = new PacedSource(new ByteSource(numbers(2200)), {
    rate: 1000,
    after: 1000,
    now: clockFromFirstPull(),
  });
  const { pieces } = await drain(source);
  assertEquals(pieces[0]![1], 2000);
  assert(pieces.at(-1)![0] >= 190);
});

Deno.test("PacedSource passes on how much it wants", async () => {
  const limits: (number | undefined)[] = [];
  let now = 0;
  const source = new PacedSource({
    length: undefined,
    pull(limit) {
      limits.push(limit);
      return new Uint8Array(limit!);
    },
    close() {},
  }, { rate: 800, after: 100, now: () => now });
  assertEquals((await source.pull())!.length, 900);
  now = 500;
  assertEquals((await source.pull())!.length, 400);
  now = 1000;
  assertEquals((await source.pull(10))!.length, 10);
  assertEquals(limits, [900, 400, 10]);
});

Deno.test("PacedSource cuts pieces that are larger than it wants", async () => {
  const given = [numbers(250), numbers(70)];
  let now = 0;
  let pulls = 0;
  const source = new PacedSource({
    length: undefined,
    pull: () => given[pulls++],
    close() {},
  }, { rate: 100, after: 0, now: () => now });
  const pieces: number[][] = [];
  for (let piece; (piece = await source.pull()) !== undefined;) {
    pieces.push([...piece]);
    now += 1000;
  }
  assertEquals(pieces.map((piece) => piece.length), [100, 100, 50, 70]);
  assertEquals(pieces.flat(), [...numbers(250), ...numbers(70)]);
});

Deno.test("PacedSource gives what a slow reader has not taken", async () => {
  let now = 0;
  const source = new PacedSource(new ByteSource(numbers(10_000)), {
    rate: 100,
    after: 0,
    now: () => now,
  });
  assertEquals((await source.pull())!.length, 100);
  now = 10_000;
  assertEquals((await source.pull())!.length, 1000);
});

Deno.test("PacedSource sends a byte per second at least", async () => {
  const source = new PacedSource(new ByteSource(numbers(2)), {
    rate: 1,
    after: 0,
  });
  const { pieces } = await drain(source);
  assertEquals(pieces.map(([, length]) => length), [1, 1]);
  assert(pieces[1]![0] >= 950);
});

Deno.test("PacedSource ends its wait when it is closed", async () => {
  let closed = 0;
  let now = 0;
  const source = new PacedSource({
    length: undefined,
    pull: (limit) => new Uint8Array(limit!),
    close: () => void closed++,
  }, { rate: 1, after: 0, now: () => now });
  await source.pull();
  const waiting = source.pull();
  now = 1e9;
  source.close();
  await waiting;
  assertEquals(closed, 1);
});

/** How long an answer takes, in ms. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

Deno.test("limit_rate limits small, large, ranged and chunked answers", async () => {
  const small = numbers(30_000);
  const large = new Uint8Array(3 * 1024 * 1024).fill(7);
  await using server = serverOf(
    `location /20k/ { limit_rate 20k; }
     location /2m/ { limit_rate 2m; }
     location /after/ { limit_rate 1k; limit_rate_after 100k; }
     location /arg/ { limit_rate $arg_r; }
     location /zero/ { limit_rate 0; }
     location /trailer/ { limit_rate 20k; add_trailer X done; }`,
    {
      "20k/a.bin": small,
      "2m/a.bin": large,
      "after/a.bin": small,
      "arg/a.bin": small,
      "zero/a.bin": small,
      "trailer/a.bin": small,
    },
  );
  const fast = 350;
  const half = 30_000 / 20_480 * 1000 - 1000;
  const rows: [path: string, length: number, min: number, fields?: string][] = [
    ["/20k/a.bin", 30_000, half],
    ["/20k/a.bin", 20_000, 0, "Range: bytes=0-19999\r\n"],
    ["/20k/a.bin", 29_000, half - 60, "Range: bytes=1000-\r\n"],
    ["/2m/a.bin", large.length, 500],
    ["/after/a.bin", 30_000, 0],
    ["/arg/a.bin?r=20k", 30_000, half],
    ["/arg/a.bin?r=nonsense", 30_000, 0],
    ["/arg/a.bin", 30_000, 0],
    ["/zero/a.bin", 30_000, 0],
  ];
  for (const [path, length, min, fields = ""] of rows) {
    const ms = await timed(async () => {
      const response = await request(server, path, { fields });
      assertEquals(response.body.length, length);
      assertEquals(response.field("content-length"), String(length));
    });
    assert(ms >= min * 0.95, `${path} ${fields}: ${ms} < ${min}`);
    if (min === 0) assert(ms < fast, `${path} ${fields}: ${ms} ms`);
  }
  const ms = await timed(async () => {
    using client = await RawClient.connect(server.port);
    await client.send(requestText("/trailer/a.bin"));
    const text = new TextDecoder("latin1").decode(await client.rest());
    assert(text.endsWith("\r\n0\r\nX: done\r\n\r\n"));
  });
  assert(ms >= half * 0.95, `${ms} ms`);
});

Deno.test("set $limit_rate: the rate of one request", async () => {
  await using server = serverOf(
    `location / {
      add_header X-Rate $limit_rate;
      if ($arg_r) { set $limit_rate $arg_r; }
    }
    location /limited/ { limit_rate 1k; set $limit_rate 0; alias www/; }`,
    { "a.bin": new Uint8Array(1400) },
  );
  /** How long an answer takes, in ms, and what it says of its rate. */
  async function timed(target: string): Promise<[number, string | undefined]> {
    const start = performance.now();
    const response = await request(server, target);
    const rate = response.fields.find(([name]) => name === "x-rate")?.[1];
    assertEquals(response.body.length, 1400);
    return [performance.now() - start, rate];
  }
  const [slow, rate] = await timed("/a.bin?r=1k");
  assert(slow > 200, `${slow} ms`);
  assertEquals(rate, "1024");
  assertEquals((await timed("/a.bin"))[1], "0");
  assertEquals((await timed("/a.bin?r=x"))[1], "0");
  // A second's worth at 1k is less than the file.
  const [fast] = await timed("/limited/a.bin");
  assert(fast < 350, `${fast} ms`);
});
