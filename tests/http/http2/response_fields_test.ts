import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { HpackDecoder } from "../../../src/http/http2/hpack/decoder.ts";
import {
  responseFields,
  sentFields,
  trailerFields,
} from "../../../src/http/http2/response_fields.ts";
import { Representation } from "../../../src/http/representation.ts";
import { HeaderList, HttpResponse } from "../../../src/http/response.ts";

const CONTEXT = { date: "Mon, 21 Oct 2013 20:13:21 GMT", server: "webserv" };

const FIRST = [["server", "webserv"], ["date", CONTEXT.date]];

Deno.test("responseFields() are in lower case, and none of a connection", () => {
  const headers = new HeaderList([
    ["Content-Type", " text/plain\t"],
    ["Connection", "close"],
    ["Keep-Alive", "1"],
    ["Transfer-Encoding", "chunked"],
    ["Upgrade", "h2c"],
    ["X-A", "b"],
  ]);
  const body = new Uint8Array(3);
  assertEquals([
    ...responseFields(new HttpResponse(200, { headers, body }), CONTEXT),
  ], [
    [":status", "200"],
    ...FIRST,
    ["content-type", "text/plain"],
    ["x-a", "b"],
    ["content-length", "3"],
  ]);
});

Deno.test("responseFields() say what is said beside the fields", () => {
  const rows: [response: HttpResponse, fields: string[][]][] = [
    [new HttpResponse(304), FIRST],
    [new HttpResponse(204), FIRST],
    [new HttpResponse(404), [...FIRST, ["content-length", "0"]]],
    [new HttpResponse(204, { server: "" }), [["date", CONTEXT.date]]],
    [
      new HttpResponse(304, { expiresAfter: 9 }),
      [...FIRST, ["expires", "Mon, 21 Oct 2013 20:13:30 GMT"]],
    ],
  ];
  for (const [response, fields] of rows) {
    assertEquals([...responseFields(response, CONTEXT)], [
      [":status", String(response.status)],
      ...fields as [string, string][],
    ]);
  }
});

Deno.test("trailerFields() are those of the lines", () => {
  const lines = "X-Sum: 1\r\nConnection: x\r\nY:\r\n";
  assertEquals([...trailerFields(lines)], [["x-sum", "1"], ["y", ""]]);
  assertEquals([...trailerFields("")], []);
});

Deno.test("a representation's fields are encoded once, for one date and server", () => {
  const representation = new Representation(new HttpResponse(200));
  const sent = sentFields(representation, CONTEXT);
  assertStrictEquals(sentFields(representation, { ...CONTEXT }), sent);
  const lines: string[][] = [];
  new HpackDecoder().decode(
    sent.bytes!,
    ({ name, value }) => lines.push([name, value]),
  );
  assertEquals(lines, [[":status", "200"], ...FIRST, ["content-length", "0"]]);
  assertEquals([...sent.fields], []);
  for (const other of [{ date: "x" }, { server: "y" }]) {
    const context = { ...CONTEXT, ...other };
    assertNotStrictEquals(sentFields(representation, context), sent);
    sentFields(representation, CONTEXT);
  }
});

Deno.test("a response says how urgent it is, whatever answers it", () => {
  const headers = new HeaderList([["Priority", "u=1"]]);
  const response = new HttpResponse(200, { headers });
  for (const one of [response, new Representation(response)]) {
    assertEquals(sentFields(one, CONTEXT).priority, "u=1");
  }
  assertEquals(sentFields(new HttpResponse(200), CONTEXT).priority, undefined);
});
