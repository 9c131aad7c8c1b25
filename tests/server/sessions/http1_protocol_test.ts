import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Exchange } from "../../../src/core/exchange.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import type { ReadStep } from "../../support/fake_transport.ts";
import { feedings } from "../../support/feeder.ts";
import { bytesOf } from "../../support/latin1.ts";
import { pause, SessionFixture } from "../session_support.ts";

const SITE = `
  location /a { return 200 "a"; }
  location /b { return 200 "b"; }
  location /long { set $kb ${"x".repeat(1000)}; return 200 "${
  "$kb".repeat(20)
}"; }
  location /large { return 200 "${"$http_fill".repeat(40)}"; }
  location /gone { return 410; }
  location /silent { return 444; }
  location /limited { client_max_body_size 3; return 200 "limited"; }`;

function get(path: string, ...fields: readonly string[]): string {
  const lines = fields.map((field) => `${field}\r\n`).join("");
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`;
}

function post(path: string, body: string, ...fields: string[]): string {
  const lines = [`Content-Length: ${body.length}`, ...fields]
    .map((field) => `${field}\r\n`).join("");
  return `POST ${path} HTTP/1.1\r\nHost: x\r\n${lines}\r\n${body}`;
}

const CHUNKS = "Transfer-Encoding: chunked";

/** A request whose answer has 80 KB. */
const GET_LARGE = get("/large", `Fill: ${"x".repeat(2000)}`);

/** A session that is sent `reads` and then runs to its end. */
async function converse(
  reads: readonly ReadStep[],
  directives = SITE,
): Promise<SessionFixture> {
  const fixture = new SessionFixture(directives, { reads });
  await fixture.done;
  return fixture;
}

Deno.test("requests are answered in order, however they come", async () => {
  const raw = get("/a") + post("/b", "xyz") + GET_LARGE + get("/none") +
    get("/b");
  for (const { name, pieces } of feedings(bytesOf(raw))) {
    using fixture = await converse([...pieces, null]);
    assertEquals(fixture.statuses, ["200", "200", "200", "404", "200"], name);
    assertEquals(fixture.ends, ["eof"], name);
    assertEquals(fixture.statistics.requests, 5);
    assert(fixture.transport.written.endsWith("\r\n\r\nb"));
  }
});

Deno.test("a session is left once, whatever has ended it", async () => {
  const rows: ReadStep[][] = [
    [null],
    [get("/a"), null],
    [get("/a", "Connection: close"), null],
    ["nonsense\r\n\r\n", null],
    [get("/silent")],
    [new Deno.errors.ConnectionReset("reset")],
  ];
  for (const reads of rows) {
    using fixture = await converse(reads);
    assertEquals([fixture.ends.length, fixture.departures], [1, 1]);
  }
});

Deno.test("answers to pipelined requests go out together", async () => {
  // The slice that earlier tests have worked in is over.
  await pause(20);
  using fixture = await converse([
    // The connection has a buffer for a large head from then on.
    get("/a", `X: ${"x".repeat(600)}`),
    get("/a").repeat(20),
    null,
  ]);
  assertEquals(fixture.statuses.length, 21);
  assertEquals(fixture.transport.calls.write, 2);
});

Deno.test("no end of a connection takes answers with it that were owed", async () => {
  const before = get("/a") + get("/b");
  const rows: [ReadStep[], statuses: string[], ReadStep | undefined][] = [
    [[before + get("/silent")], ["200", "200"], undefined],
    [[`${before}nonsense\r\n\r\n`], ["200", "200", "400"], undefined],
    [
      [before + get("/a", "Connection: close")],
      ["200", "200", "200"],
      undefined,
    ],
    [[before + post("/limited", "xxxx")], ["200", "200", "413"], undefined],
    [
      [`${before}${
        post("/a", "", CHUNKS).replace("Content-Length: 0\r\n", "")
      }zz\r\n`],
      ["200", "200", "400"],
      undefined,
    ],
    [[`${before}POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx`], [
      "200",
      "200",
      "200",
    ], null],
    [[`${before}GET /`], ["200", "200"], null],
    [
      [`${before}HEAD /none HTTP/1.1\r\n\r\n`],
      ["200", "200", "400"],
      undefined,
    ],
  ];
  for (const [reads, statuses, end] of rows) {
    using fixture = new SessionFixture(SITE, {
      reads: end === undefined ? [...reads, null] : [...reads, end],
    });
    await fixture.done;
    assertEquals(fixture.statuses, statuses, String(reads));
    assertEquals(fixture.session.connection.ended, true);
  }
});

Deno.test("what cannot be parsed is refused, and the connection ends", async () => {
  using fixture = await converse(["GET / HTTP/1.1\r\nA : b\r\n\r\n", null]);
  assertEquals(fixture.statuses, ["400"]);
  assertMatch(fixture.transport.written, /\r\nConnection: close\r\n/);
  assertEquals([fixture.ends, fixture.statistics.requests], [["done"], 1]);
});

Deno.test("a head that is late is answered 408, once", async () => {
  const timeouts = "client_header_timeout 30ms;";
  const rows: [string, string[]][] = [
    ["GET / HTTP/1.1\r\n", ["408"]],
    ["G", ["408"]],
    [`${get("/a")}GET /`, ["200", "408"]],
    [`${get("/a")}${post("/a", "xy")}P`, ["200", "200", "408"]],
    ["", []],
  ];
  for (const [raw, statuses] of rows) {
    using fixture = new SessionFixture(timeouts + SITE, {
      reads: raw === "" ? [] : [raw],
    });
    await fixture.done;
    await pause(5);
    assertEquals(fixture.statuses, statuses, raw);
    assertEquals(fixture.ends, ["timeout"], raw);
    assertEquals(fixture.statistics.requests, statuses.length);
  }
});

Deno.test("an idle connection ends without a word", async () => {
  for (const reads of [[get("/a")], [get("/a"), "\r\n"]]) {
    using fixture = new SessionFixture(`keepalive_timeout 40ms; ${SITE}`, {
      reads,
    });
    const dribble = setInterval(() => fixture.transport.push("\r\n"), 15);
    await fixture.done;
    clearInterval(dribble);
    assertEquals([fixture.statuses, fixture.ends], [["200"], ["timeout"]]);
  }
});

Deno.test("a client that goes within its request has no answer", async () => {
  for (const end of [null, new Deno.errors.ConnectionReset()]) {
    using fixture = await converse([`POST /a HTTP/1.1\r\nHost: x\r\n`, end]);
    assertEquals(fixture.statuses, []);
    assertEquals(fixture.ends, [end === null ? "premature_eof" : "reset"]);
  }
});

Deno.test("a client that waits for 100 Continue has the answer instead, if there is one", async () => {
  const head = (path: string, ...fields: string[]) =>
    post(path, "xyz", "Expect: 100-continue", ...fields).slice(0, -3);
  const rows: [ReadStep[], string[]][] = [
    [[head("/a"), "xyz", null], ["200"]],
    [[head("/gone"), "xyz", null], ["410"]],
    [[`${head("/a")}xyz`, null], ["200"]],
    [[head("/a").replace("100-", "200-"), null], ["417"]],
  ];
  for (const [reads, statuses] of rows) {
    using fixture = await converse(reads);
    const { written } = fixture.transport;
    assertEquals(fixture.statuses, statuses, written);
  }
});

Deno.test("the body is held to the limit of the location it ends in", async () => {
  const site = `
    client_max_body_size 3;
    rewrite ^/up$ /wide last;
    rewrite ^/down$ /narrow last;
    location /wide { client_max_body_size 1k; return 200 "wide"; }
    location /narrow { return 200 "narrow"; }
    location /try { client_max_body_size 1k; try_files /none /narrow; }
    location /if { if ($request_method = POST) { return 200 "if"; } }`;
  const rows: [string, string][] = [
    ["/wide", "200"],
    ["/up", "200"],
    ["/narrow", "413"],
    ["/down", "413"],
    ["/try", "413"],
    ["/if", "413"],
  ];
  for (const [path, status] of rows) {
    for (
      const raw of [
        post(path, "xxxxx"),
        `POST ${path} HTTP/1.1\r\nHost: x\r\n${CHUNKS}\r\n\r\n` +
        "5\r\nxxxxx\r\n0\r\n\r\n",
      ]
    ) {
      using fixture = await converse([raw, null], site);
      assertEquals(fixture.statuses, [status], raw);
    }
  }
});

Deno.test("a session that retires says so, and ends", async () => {
  using idle = new SessionFixture(SITE);
  idle.session.retire();
  await idle.done;
  assertEquals(idle.ends, ["done"]);
  using later = new SessionFixture(SITE);
  later.session.retireLater();
  later.transport.push(get("/a"));
  await later.done;
  assertMatch(later.transport.written, /Connection: close/);
  assertEquals(later.ends, ["done"]);
});

Deno.test("a session that retires while its answer, which promised more, is written", async () => {
  const start = async () => {
    const fixture = new SessionFixture(SITE, {
      reads: [get("/a")],
      writes: ["stall"],
    });
    await pause(1);
    assertEquals(fixture.transport.calls.write, 1);
    return fixture;
  };
  // Others go on: what the client was promised is kept.
  using later = await start();
  later.session.retireLater();
  later.transport.drain();
  later.transport.push(get("/b"));
  await later.done;
  assertEquals(later.statuses, ["200", "200"]);
  const [first, second] = later.transport.written.split(/(?<=\r\n\r\na)/);
  assert(!first!.includes("Connection: close"));
  assertMatch(second!, /Connection: close/);
  using now = await start();
  now.session.retire();
  now.transport.drain();
  await now.done;
  assertEquals([now.statuses, now.ends], [["200"], ["done"]]);
});

Deno.test("a session moves to the next configuration between two requests", async () => {
  const next = `large_client_header_buffers 4 16k; return 200 "next";`;
  using fixture = new SessionFixture(
    `large_client_header_buffers 1 512; return 200 "old";`,
    { reads: [get("/")] },
  );
  await pause(1);
  fixture.successor = fixture.place(next);
  fixture.session.renew();
  assertEquals(fixture.session.generation, next);
  // A head that only the new limits allow: there is room for it.
  fixture.transport.push(get(`/${"x".repeat(9000)}`), null);
  await fixture.done;
  assertEquals(fixture.statuses, ["200", "200"]);
  assert(fixture.transport.written.endsWith("next"));
  assert(fixture.transport.calls.read < 40, "no reads into nothing");
});

Deno.test("an exchange is over once, whatever happens to it", async () => {
  const rows: [ReadStep[], (number | "stall" | Error)[], EndCount][] = [
    [[get("/a"), null], [], { requests: 1, ended: 1 }],
    [[get("/a")], [new Deno.errors.BrokenPipe()], { requests: 1, ended: 1 }],
    [[GET_LARGE], [10, new Deno.errors.ConnectionReset()], {
      requests: 1,
      ended: 1,
    }],
    [[post("/a", "").replace("th: 0", "th: 5"), null], [], {
      requests: 1,
      ended: 1,
    }],
    [["nonsense\r\n\r\n"], [new Deno.errors.BrokenPipe()], {
      requests: 1,
      ended: 1,
    }],
  ];
  for (const [reads, writes, expected] of rows) {
    using fixture = new SessionFixture(SITE, { reads, writes });
    await fixture.done;
    assertEquals(
      {
        requests: fixture.statistics.requests,
        ended: endedOf(fixture),
      },
      expected,
      String(reads),
    );
  }
});

interface EndCount {
  readonly requests: number;
  readonly ended: number;
}

function endedOf({ statistics }: SessionFixture): number {
  return statistics.snapshot().statusClasses
    .reduce((sum, count) => sum + count, 0);
}
Deno.test("pipelined answers with parts of a large file have their own bytes", async () => {
  const folder = Deno.makeTempDirSync();
  const bytes = new Uint8Array(2 * 1024 * 1024);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 97 + (i >> 12) % 26;
  Deno.writeFileSync(`${folder}/big.bin`, bytes);
  try {
    const ranges = ["0-999", "500000-501999", "0-0,9000-9000", "4096-4196"];
    const raw = ranges
      .map((range) => get("/big.bin", `Range: bytes=${range}`)).join("");
    using fixture = await converse([raw, null], `root ${folder};`);
    const { written } = fixture.transport;
    const answers = written.split(/(?=HTTP\/1\.1 206 )/);
    assertEquals(answers.length, ranges.length);
    const bodies = answers.map((answer) => answer.split("\r\n\r\n")[1]!);
    const part = (start: number, end: number) =>
      String.fromCharCode(...bytes.subarray(start, end + 1));
    assertEquals(bodies[0], part(0, 999));
    assertEquals(bodies[1], part(500_000, 501_999));
    assertEquals(bodies[3], part(4096, 4196));
    assert(answers[2]!.includes("bytes 9000-9000/2097152"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("an error page that cannot be made leaves the error its own", async () => {
  const site = `error_page 404 500 http://other.example$uri;
    location / { return 404; }`;
  using fixture = await converse([get("/x%0ay") + get("/x%0dy"), null], site);
  assertEquals(fixture.statuses, ["404", "404"]);
});

/** Bodies that nobody wants, and how their connections go on. */
const UNWANTED_BODIES: readonly (readonly [
  why: string,
  reads: ReadStep[],
  rest: ReadStep[],
  statuses: string[],
  end: string,
])[] = [
  ["whole later", [length("/a")], ["ghi" + get("/b"), null], [
    "200",
    "200",
  ], "eof"],
  ["in bits", [length("/a")], ["g", "h", "i", get("/b"), null], [
    "200",
    "200",
  ], "eof"],
  ["an error", [length("/gone")], ["ghi" + get("/b"), null], [
    "410",
    "200",
  ], "eof"],
  ["behind others", [get("/b") + length("/a")], ["ghi" + get("/b"), null], [
    "200",
    "200",
    "200",
  ], "eof"],
  ["chunks", [chunks("/a")], ["0\r\n\r\n" + get("/b"), null], [
    "200",
    "200",
  ], "eof"],
  ["broken chunks", [chunks("/a")], ["zz\r\n" + get("/b"), null], [
    "200",
  ], "done"],
  ["too much", [chunks("/limited")], ["3\r\nxyz\r\n" + get("/b"), null], [
    "200",
  ], "done"],
  ["the client goes", [length("/a")], [null], ["200"], "done"],
  ["a reset", [length("/a")], [new Deno.errors.ConnectionReset()], [
    "200",
  ], "reset"],
  ["nothing comes", [length("/a")], [], ["200"], "done"],
  ["the last one", [length("/a", "Connection: close")], ["ghi", null], [
    "200",
  ], "done"],
];

function length(path: string, ...fields: string[]): string {
  return post(path, "", ...fields).replace("Length: 0", "Length: 9") +
    "abcdef";
}

function chunks(path: string): string {
  return post(path, "", CHUNKS).replace("Content-Length: 0\r\n", "") +
    "1\r\na\r\n";
}

Deno.test("a body that nobody wants is dropped behind the answer", async () => {
  for (const [why, reads, rest, statuses, end] of UNWANTED_BODIES) {
    using fixture = new SessionFixture(`lingering_timeout 60ms; ${SITE}`, {
      reads,
    });
    const { transport } = fixture;
    const early = why === "behind others" ? 2 : 1;
    while (fixture.statuses.length < early) await pause(1);
    for (const step of rest) transport.push(step);
    await fixture.done;
    assertEquals(fixture.statuses, statuses, why);
    assertEquals(fixture.ends, [end], why);
  }
});

Deno.test("a body that is dribbled is dropped until lingering_time is over", async () => {
  const site = `lingering_time 80ms; lingering_timeout 10s; ${SITE}`;
  using fixture = new SessionFixture(site, {
    reads: [length("/a").replace("Length: 9", "Length: 900")],
  });
  const dribble = setInterval(() => fixture.transport.push("x"), 5);
  await fixture.done;
  clearInterval(dribble);
  assertEquals([fixture.statuses, fixture.ends], [["200"], ["done"]]);
});

Deno.test("a head that is late while its answer waits has one end", async () => {
  const head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Le";
  using fixture = new SessionFixture(`client_header_timeout 30ms; ${SITE}`, {
    reads: [head],
    writes: ["stall"],
  });
  await pause(60);
  // More of the head comes while the last word is on its way.
  fixture.transport.push("yy");
  await pause(5);
  fixture.transport.drain();
  await fixture.done;
  await pause(5);
  assertEquals(fixture.ends, ["timeout"]);
  assertEquals(fixture.statuses, ["408"]);
});

Deno.test("a client that leaves while a handler waits is noticed", async () => {
  const rows: [raw: string, last: ReadStep, reason: string][] = [
    [get("/a"), null, "premature_eof"],
    [get("/a"), new Deno.errors.ConnectionReset(), "reset"],
    [get("/a") + get("/b"), null, "premature_eof"],
    [
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc",
      null,
      "premature_eof",
    ],
  ];
  for (const [raw, last, reason] of rows) {
    const answer = Promise.withResolvers<HttpResponse>();
    let exchange: Exchange | undefined;
    using fixture = new SessionFixture(SITE, { reads: [raw] }, {
      handler(asked) {
        exchange = asked;
        asked.signal.addEventListener("abort", () => {
          answer.resolve(new HttpResponse(200));
        });
        return answer.promise;
      },
    });
    await pause(5);
    assertEquals(exchange?.signal.aborted, false);
    fixture.transport.push("more", last);
    await fixture.done;
    assertEquals(fixture.ends, [reason]);
    assertEquals([exchange?.status, exchange?.completed], [499, false]);
    assertEquals(fixture.transport.written, "");
    assertEquals(fixture.statistics.requests, 1);
  }
});

Deno.test("what a client sends while a handler waits is answered afterwards", async () => {
  const answer = Promise.withResolvers<undefined>();
  let asked = 0;
  using fixture = new SessionFixture(
    SITE,
    { reads: [get("/a")] },
    {
      handler(exchange) {
        if (++asked > 1) return undefined;
        assertEquals(exchange.signal.aborted, false);
        return answer.promise;
      },
    },
  );
  await pause(5);
  fixture.transport.push(get("/b") + get("/gone"));
  await pause(5);
  assertEquals(asked, 1);
  answer.resolve(undefined);
  fixture.transport.push(null);
  await fixture.done;
  assertEquals(fixture.statuses, ["200", "200", "410"]);
  assertEquals(fixture.ends, ["eof"]);
});

Deno.test("a handler that does not ask may answer who has said all", async () => {
  using fixture = new SessionFixture(
    SITE,
    { reads: [get("/a"), null] },
    { handler: () => pause(5).then(() => undefined) },
  );
  await fixture.done;
  assertEquals(fixture.statuses, ["200"]);
});

Deno.test("the last answer is sent before its connection ends, and no other one is waited for", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  using fixture = new SessionFixture(SITE);
  const { transport } = fixture;
  let asked = 0;
  Object.assign(transport, {
    flush: () => {
      asked++;
      return promise;
    },
  });
  transport.push(get("/a"));
  await pause(5);
  assertEquals([fixture.statuses.length, asked], [1, 0]);
  transport.push(get("/b", "Connection: close"));
  await pause(20);
  assertEquals([fixture.statuses.length, asked], [2, 1]);
  assertEquals([fixture.ends, transport.closed], [[], false]);
  resolve();
  await fixture.done;
  assertEquals(fixture.ends, ["done"]);
});

Deno.test("an answer waits for the end of its connection where its client wants that", async () => {
  const old = "GET /a HTTP/1.0\r\n";
  const rows: [what: string, raw: string, waits: boolean[]][] = [
    ["it goes on", get("/a"), [false]],
    ["close", get("/a", "Connection: close"), [true]],
    ["another case", get("/a", "Connection: CLOSE"), [true]],
    ["in a list", get("/a", "Connection: a, close"), [true]],
    ["HTTP/1.0", `${old}\r\n`, [true]],
    ["HTTP/1.0, kept", `${old}Connection: keep-alive\r\n\r\n`, [false]],
    ["an error", get("/gone", "Connection: close"), [true]],
    ["the server ends it", "nonsense\r\n\r\n", [false]],
    ["behind others", get("/a") + get("/b", "Connection: close"), [
      false,
      true,
    ]],
  ];
  for (const [what, raw, waits] of rows) {
    using fixture = new SessionFixture(SITE);
    const { transport } = fixture;
    const write = transport.write.bind(transport);
    const said: boolean[] = [];
    Object.assign(transport, {
      write: (bytes: Uint8Array, more = false) => {
        said.push(more);
        return write(bytes);
      },
    });
    transport.push(raw);
    transport.push(null);
    await fixture.done;
    assertEquals(said, waits, what);
  }
});

Deno.test("an answer does not wait where the server ends the connection", async () => {
  using fixture = new SessionFixture(SITE);
  const { session, transport } = fixture;
  session.retiring = true;
  const write = transport.write.bind(transport);
  Object.assign(transport, {
    write: (bytes: Uint8Array, more = false) => {
      assertEquals(more, false);
      return write(bytes);
    },
  });
  transport.push(get("/a"));
  await fixture.done;
  assertEquals([fixture.statuses, fixture.ends], [["200"], ["done"]]);
});

for (const [what, next] of [["nothing", ""], ["one more", get("/b")]]) {
  Deno.test(`an idle connection is ended when its answer is sent, and ${what} has come`, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using fixture = new SessionFixture(SITE);
    const { session, transport } = fixture;
    transport.push(get("/a"));
    await pause(5);
    Object.assign(transport, { flush: () => promise });
    session.retire();
    await pause(20);
    assertEquals([fixture.ends, transport.closed], [[], false]);
    if (next !== "") transport.push(next!);
    await pause(5);
    resolve();
    await fixture.done;
    assertEquals([fixture.statuses.length, fixture.ends], [
      next === "" ? 1 : 2,
      ["done"],
    ]);
  });
}

/** What comes at last, what is in the socket then, and whether it is read. */
const LAST_REQUESTS: readonly {
  readonly what: string;
  readonly reads: readonly string[];
  readonly directives?: string;
  readonly hasUnread: boolean | undefined;
  readonly answers: number;
  readonly lingers: boolean;
}[] = [
  {
    what: "would go on, and has said more",
    reads: [get("/a")],
    directives: "keepalive_requests 1;",
    hasUnread: true,
    answers: 1,
    lingers: true,
  },
  {
    what: "would go on",
    reads: [get("/a"), get("/a")],
    directives: "keepalive_requests 2;",
    hasUnread: false,
    answers: 2,
    lingers: false,
  },
  {
    what: "would go on, and has not always waited for the answer",
    reads: [get("/a") + get("/a"), get("/a")],
    directives: "keepalive_requests 3;",
    hasUnread: false,
    answers: 3,
    lingers: true,
  },
  {
    what: "wants it to, and has not always waited for the answer",
    reads: [get("/a") + get("/a"), get("/a", "Connection: close")],
    hasUnread: false,
    answers: 3,
    lingers: false,
  },
  {
    what: "wants it to, and has said more",
    reads: [get("/a", "Connection: close")],
    hasUnread: true,
    answers: 1,
    lingers: false,
  },
  {
    what: "wants it to, and has said more while it was sent much",
    reads: [get("/long", "Connection: close")],
    hasUnread: true,
    answers: 1,
    lingers: true,
  },
  {
    what: "wants it to, and nobody knows what it has said meanwhile",
    reads: [get("/long", "Connection: close")],
    hasUnread: undefined,
    answers: 1,
    lingers: true,
  },
  {
    what: "wants it to when it was sent much",
    reads: [get("/long", "Connection: close")],
    hasUnread: false,
    answers: 1,
    lingers: false,
  },
];

for (
  const { what, reads, directives = "", hasUnread, answers, lingers }
    of LAST_REQUESTS
) {
  Deno.test(`a connection ends whose client ${what}`, async () => {
    using fixture = new SessionFixture(`${directives} ${SITE}`);
    const { transport } = fixture;
    Object.assign(transport, { hasUnread });
    transport.push(...reads);
    await pause(20);
    assertEquals(transport.closed, !lingers);
    assertEquals(transport.writeClosed, lingers);
    if (lingers) transport.push("more", null);
    await fixture.done;
    assertEquals([fixture.statuses, fixture.ends], [
      Array(answers).fill("200"),
      ["done"],
    ]);
  });
}

Deno.test("a request that is there to be read is answered before its connection is ended", async () => {
  using fixture = new SessionFixture(SITE);
  const { session, transport } = fixture;
  transport.push(get("/a"));
  await pause(5);
  Object.assign(transport, { hasUnread: true });
  session.retire();
  await pause(5);
  assertEquals(fixture.ends, []);
  transport.push(get("/b"), null);
  await fixture.done;
  assertEquals([fixture.statuses.length, fixture.ends], [2, ["done"]]);
  assertMatch(transport.written, /Connection: close\r\n\r\nb$/);
});

Deno.test("what is in a socket, and never becomes a request, has a deadline when it is drained", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  using fixture = new SessionFixture(`keepalive_timeout 1s; ${SITE}`);
  const { session, transport } = fixture;
  transport.push(get("/a"));
  await pause(5);
  Object.assign(transport, { flush: () => promise, hasUnread: true });
  session.retire();
  resolve();
  await pause(5);
  assertEquals([fixture.ends, session.connection.deadline], [[], "idle"]);
  await fixture.done;
  assertEquals(fixture.ends, ["timeout"]);
});
