import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  makeSelfSigned,
  type SubjectName,
} from "../../../src/certificates/making.ts";
import { readFacts } from "../../../src/certificates/reading.ts";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { renewCertificate } from "../../../src/cli/folder/certificate.ts";
import {
  checkSelfMade,
  judgeKept,
  ownNames,
  provideSelfMade,
  selfMadeFile,
} from "../../../src/cli/folder/self_made.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

const DAY_MS = 86_400_000;

function namesOf(words: string): SubjectName[] {
  return words.split(" ").map((value) => ({
    type: /^[\d.]+$|:/.test(value) ? "ip" as const : "dns" as const,
    value,
  }));
}

async function pairFor(words: string, days = 397): Promise<string> {
  const names = namesOf(words);
  const { cert, key } = await makeSelfSigned({ commonName: "a", names, days });
  return cert + key;
}

Deno.test("judgeKept() keeps what covers the machine and has a month left", async () => {
  const pair = await pairFor("localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7");
  const rows: [
    wanted: string,
    days: number,
    isGood: boolean,
    names: string,
  ][] = [
    ["localhost", 0, true, "localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7"],
    [
      "LAPTOP 10.0.0.7",
      366,
      true,
      "LAPTOP 10.0.0.7 localhost 127.0.0.1 2001:db8::1",
    ],
    [
      "2001:db8:0:0::1",
      0,
      true,
      "2001:db8:0:0::1 localhost laptop 127.0.0.1 10.0.0.7",
    ],
    [
      "localhost",
      368,
      false,
      "localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7",
    ],
    [
      "localhost",
      500,
      false,
      "localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7",
    ],
    [
      "10.0.0.8",
      0,
      false,
      "10.0.0.8 localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7",
    ],
    [
      "10.0.0",
      0,
      false,
      "10.0.0 localhost laptop 127.0.0.1 2001:db8::1 10.0.0.7",
    ],
  ];
  for (const [wanted, days, isGood, names] of rows) {
    const now = Date.now() + days * DAY_MS;
    const judged = judgeKept(pair, namesOf(wanted), now);
    assertEquals(judged.isGood, isGood, wanted);
    const found = judged.names.map(({ value }) => value);
    assertEquals(found.join(" "), names);
  }
});

Deno.test("judgeKept() does not keep what is broken, nor names without end", async () => {
  const pair = await pairFor("localhost");
  const wanted = namesOf("localhost");
  const other = (await pairFor("localhost"))
    .replace(/[^]*(?=-----BEGIN PRIVATE KEY)/, "");
  const mixed = pair.replace(/-----BEGIN PRIVATE KEY[^]*/, other);
  for (
    const text of ["", "x", pair.slice(0, 200), pair.slice(0, -300), mixed]
  ) {
    const judged = judgeKept(text, wanted, Date.now());
    assertEquals(judged, { isGood: false, names: wanted });
  }
  const many = Array.from({ length: 60 }, (_, i) => `10.0.0.${i}`).join(" ");
  const { names } = judgeKept(await pairFor(many), wanted, Date.now());
  assertEquals(names.length, 32);
  assertEquals(names[0]!.value, "localhost");
});

Deno.test("ownNames() are those of this machine", () => {
  const values = ownNames().map(({ value }) => value);
  for (const name of ["localhost", "127.0.0.1", "::1"]) {
    assert(values.includes(name), name);
  }
});

Deno.test("provideSelfMade() makes one, keeps it, and makes it anew in time", async () => {
  const folder = Deno.makeTempDirSync();
  const path = selfMadeFile(`${folder}/a/b`);
  const wanted = namesOf("localhost 127.0.0.1");
  assert(await provideSelfMade(path, wanted));
  const first = Deno.readTextFileSync(path);
  if (Deno.build.os !== "windows") {
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
    assertEquals(Deno.statSync(`${folder}/a/b`).mode! & 0o777, 0o700);
  }
  assert(!await provideSelfMade(path, wanted));
  assertEquals(Deno.readTextFileSync(path), first);
  assert(await provideSelfMade(path, wanted, Date.now() + 370 * DAY_MS));
  assert(Deno.readTextFileSync(path) !== first);
  Deno.writeTextFileSync(path, "broken");
  assert(await provideSelfMade(path, wanted));
  assert(readFacts(Deno.readTextFileSync(path)) !== undefined);
  assertEquals([...Deno.readDirSync(`${folder}/a/b`)].length, 1);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("provideSelfMade() says where it cannot be kept", async () => {
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/file`, "");
  const path = selfMadeFile(`${folder}/file/below`);
  const error = await assertRejects(
    () => provideSelfMade(path, namesOf("localhost")),
    UsageError,
  );
  // A check that makes nothing knows it, too.
  const checked = assertThrows(
    () => checkSelfMade(path, namesOf("localhost")),
    UsageError,
  );
  assertEquals(checked.message, error.message);
  checkSelfMade(selfMadeFile(`${folder}/new/below`), namesOf("localhost"));
  assertEquals([...Deno.readDirSync(folder)].length, 1);
  assertEquals(
    error.message,
    `the certificate cannot be kept at "${path}" (20: Not a directory): ` +
      'say where with "--state DIR"',
  );
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("the certificate of --tls is made anew in time while it is served, and trouble with it is told", async () => {
  const folder = Deno.makeTempDirSync();
  const args = parseArguments([folder, "--tls", "--state", `${folder}/state`]);
  const path = selfMadeFile(`${folder}/state`);
  await provideSelfMade(path, ownNames());
  const first = Deno.readTextFileSync(path);
  const served = Promise.withResolvers<string>();
  const told = Promise.withResolvers<string>();
  let days = 0;
  let looks = 0;
  const stop = renewCertificate(args, {
    serve: () => served.resolve(Deno.readTextFileSync(path)),
    tell: told.resolve,
    everyMs: 5,
    now: () => {
      // The first looks find one that will do.
      if (++looks === 3) days = 370;
      return Date.now() + days * DAY_MS;
    },
  });
  assert(await served.promise !== first);
  assert(looks >= 3);
  Deno.removeSync(`${folder}/state`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/state`, "");
  assert((await told.promise).startsWith("the certificate cannot be kept at"));
  stop();
  Deno.removeSync(folder, { recursive: true });
});
