import { assertEquals } from "@std/assert";
import { FieldLine } from "../../../src/http/http2/hpack/table.ts";
import {
  areTrailers,
  FieldList,
  malformedHead,
  requestOf,
} from "../../../src/http/http2/request_fields.ts";
import {
  DEFAULT_HEAD_LIMITS,
  type HeadLimits,
} from "../../../src/http/limits.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const GET: Fields = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "a.example:8443"],
  [":path", "/a?b"],
];

function listOf(fields: Fields, limits: HeadLimits = DEFAULT_HEAD_LIMITS) {
  const list = new FieldList(limits);
  for (const [name, value] of fields) list.take(new FieldLine(name, value));
  return list;
}

/** The request, what it is refused with, or what is malformed. */
function outcomeOf(fields: Fields, changes: Partial<HeadLimits> = {}): string {
  const limits = { ...DEFAULT_HEAD_LIMITS, ...changes };
  const request = requestOf(listOf(fields, limits), limits);
  if (typeof request === "string") return request;
  const { head, refusal } = request;
  if (refusal !== undefined) return `${refusal.status} ${head.line}`;
  return [head.line, ...[...head.entries()].map((field) => field.join("="))]
    .join(" | ");
}

Deno.test("requestOf() makes a head of fields", () => {
  const rows: [more: Fields, expected: string][] = [
    [[], "host=a.example:8443"],
    [[["x", "y"], ["x", "z"]], "host=a.example:8443 | x=y | x=z"],
    [
      [["cookie", "a=1"], ["x", ""], ["cookie", "b=2"]],
      "host=a.example:8443 | cookie=a=1; b=2 | x=",
    ],
    [[["host", "A.EXAMPLE:8443"]], "host=a.example:8443"],
    [[["te", "Trailers"]], "host=a.example:8443 | te=Trailers"],
    [[["x_y", "1"], ["x.y", "2"]], "host=a.example:8443"],
  ];
  for (const [more, expected] of rows) {
    assertEquals(
      outcomeOf([...GET, ...more]),
      `GET /a?b HTTP/2.0 | ${expected}`,
    );
  }
  assertEquals(
    outcomeOf([...GET, ["x_y", "1"]], { underscores: true }),
    "GET /a?b HTTP/2.0 | host=a.example:8443 | x_y=1",
  );
  assertEquals(
    outcomeOf([...GET, ["x.y", "1"]], { ignoreInvalidFields: false }),
    "GET /a?b HTTP/2.0 | host=a.example:8443 | x.y=1",
  );
});

Deno.test("requestOf() refuses what is too large, or for nobody", () => {
  const line = "GET /a?b HTTP/2.0";
  const many = Array.from({ length: 4 }, () => ["x", "y"] as const);
  const rows: [
    fields: Fields,
    limits: Partial<HeadLimits>,
    expected: string,
  ][] = [
    [[...GET, ...many], { fields: 3 }, `431 ${line}`],
    [[...GET, ["x", "y".repeat(100)]], { lineBytes: 100 }, `431 ${line}`],
    [[...GET, ...many], { headBytes: 250 }, `431 ${line}`],
    [
      [...GET.slice(0, 3), [":path", "/" + "x".repeat(96)]],
      { lineBytes: 100 },
      "414 GET  HTTP/2.0",
    ],
    [[GET[0]!, GET[1]!, GET[3]!], {}, `400 ${line}`],
  ];
  for (const [fields, limits, expected] of rows) {
    assertEquals(outcomeOf(fields, limits), expected);
  }
});

Deno.test("requestOf() tells how long the body is, and how urgent", () => {
  const request = requestOf(
    listOf([...GET, ["content-length", "007"], ["priority", "u=1"]]),
    DEFAULT_HEAD_LIMITS,
  );
  if (typeof request === "string") throw new Error(request);
  assertEquals(request.contentLength, 7);
  assertEquals(request.priority, { urgency: 1, incremental: false });
  assertEquals(request.head.version, "2.0");
});

Deno.test("requestOf() says what is malformed", () => {
  const rows: [fields: Fields, expected: string][] = [
    [[...GET, ["X", "y"]], 'invalid header "X"'],
    [[...GET, ["x", "y\n"]], 'invalid header "x"'],
    [[["x", "y"], ...GET], "pseudo-header after a header"],
    [[...GET, [":path", "/"]], 'duplicate ":path" header'],
    [[...GET, [":protocol", "x"]], 'unknown pseudo-header ":protocol"'],
    [GET.slice(1), 'no ":method" header'],
    [GET.slice(0, 3), 'no ":path" header'],
    [[...GET, ["host", "b"]], '"host" header that is not ":authority"'],
    [
      [...GET, ["content-length", "9".repeat(16)]],
      'invalid "content-length" header',
    ],
  ];
  for (const [fields, expected] of rows) {
    assertEquals(outcomeOf(fields), expected);
  }
});

Deno.test("what is malformed has a line in the log, without breaks", () => {
  const list = listOf([[":method", "GET"], [":path", "/\r\nx"], ["a b", ""]]);
  assertEquals(malformedHead(list).line, "GET /x HTTP/2.0");
});

Deno.test("trailers are fields, and no pseudo-fields", () => {
  const rows: [expected: boolean, ...fields: Fields][] = [
    [true, ["x", "y"]],
    [true],
    [false, [":path", "/"]],
    [false, ["connection", "close"]],
  ];
  for (const [expected, ...fields] of rows) {
    assertEquals(areTrailers(listOf(fields).lines), expected);
  }
});
