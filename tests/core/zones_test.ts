import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import { SharedZone, Zones } from "../../src/core/zones.ts";

const PLACE = { file: "x.conf", line: 7 };

const request = (kind: string, bytes: number) => ({
  kind,
  bytes,
  place: PLACE,
});

Deno.test("a zone is found by its name, and holds zeros at first", () => {
  const zones = new Zones();
  const zone = zones.open("one", request("req", 64));
  assertEquals([...zone.bytes], Array(64).fill(0));
  assertEquals(zones.open("one", request("req", 64)), zone);
  assertEquals(zones.get("one", "req", PLACE), zone);
});

Deno.test("conflicts are told in nginx's words", () => {
  const zones = new Zones();
  zones.open("one", request("req", 64));
  const rows: [() => unknown, string][] = [
    [
      () => zones.open("one", request("req", 65)),
      'the size 65 of shared memory zone "one" conflicts with already ' +
      "declared size 64 in x.conf:7",
    ],
    [
      () => zones.open("one", request("conn", 64)),
      'the shared memory zone "one" is already declared for a different use ' +
      "in x.conf:7",
    ],
    [
      () => zones.get("one", "conn", PLACE),
      'the shared memory zone "one" is already declared for a different use ' +
      "in x.conf:7",
    ],
    [
      () => zones.get("two", "req", PLACE),
      'zero size shared memory zone "two" in x.conf:7',
    ],
    [
      () => zones.open("vast", request("req", 2 ** 60)),
      `there is no memory for the ${2 ** 60} bytes of zone "vast"`,
    ],
  ];
  for (const [act, message] of rows) assertThrows(act, ConfigError, message);
});

Deno.test("what is the same in the next configuration keeps its state", () => {
  const before = new Zones();
  before.open("one", request("req", 64)).bytes[0] = 1;
  before.open("gone", request("req", 64));
  const rows: [kind: string, bytes: number, kept: number][] = [
    ["req", 64, 1],
    ["req", 128, 0],
    ["conn", 64, 0],
  ];
  for (const [kind, bytes, kept] of rows) {
    const after = new Zones(before.memory);
    assertEquals(after.open("one", request(kind, bytes)).bytes[0], kept);
    assertEquals([...after.memory.keys()], ["one"]);
  }
});

Deno.test("a worker has no zone that the supervisor has not", () => {
  const supervisor = new Zones();
  const zone = supervisor.open("one", request("req", 64));
  const worker = new Zones(supervisor.memory, 1);
  worker.open("one", request("req", 64)).bytes[0] = 7;
  assertEquals(zone.bytes[0], 7);
  assertThrows(
    () => worker.open("two", request("req", 64)),
    TypeError,
    'zone "two" is none of the supervisor\'s',
  );
});

Deno.test("a lock is given back, and not taken twice", () => {
  const zone = new SharedZone(new SharedArrayBuffer(32), 0);
  assertThrows(
    () =>
      zone.locked(() => {
        throw new Error("within");
      }),
    Error,
    "within",
  );
  assertThrows(
    () => zone.locked(() => zone.locked(() => {})),
    TypeError,
    "the zone is locked twice",
  );
  assertEquals(zone.locked(() => "free"), "free");
});

Deno.test("the lock of a thread that has died is taken over", () => {
  const memory = new SharedArrayBuffer(32);
  const dead = new SharedZone(memory, 1);
  const living = new SharedZone(memory, 2);
  dead.locked(() => {
    const before = performance.now();
    assertEquals(living.locked(() => "taken over"), "taken over");
    assertEquals(performance.now() - before > 1000, true);
  });
  assertEquals(living.locked(() => "free"), "free");
});

Deno.test("threads that count in one zone lose nothing", async () => {
  const memory = new SharedArrayBuffer(32);
  const zone = new SharedZone(memory, 0);
  const worker = new Worker(
    new URL("./zone_worker.ts", import.meta.url),
    { type: "module" },
  );
  const done = new Promise((resolve) => worker.onmessage = resolve);
  const times = 20_000;
  worker.postMessage({ memory, times });
  const count = () => {
    const counts = new Uint32Array(memory, 16, 1);
    zone.locked(() => counts[0]!++);
  };
  // It begins when the other one does, so that they meet.
  while (zone.bytes[0] === 0) await new Promise((go) => setTimeout(go, 1));
  for (let i = 0; i < times; i++) count();
  await done;
  worker.terminate();
  assertEquals(new Uint32Array(memory, 16, 1)[0], 2 * times);
});
