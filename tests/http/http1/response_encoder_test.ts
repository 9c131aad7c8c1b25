import {
  type EncodedForm,
  Representation,
} from "../../../src/http/representation.ts";
import type { HttpVersion } from "../../../src/http/request_head.ts";
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import {
  type BodySource,
  HeaderList,
  HttpResponse,
} from "../../../src/http/response.ts";
import {
  type EncodeContext,
  encodedForm,
  encodeHead,
  headText,
  joinHead,
  lastChunk,
  type ResponseFraming,
  responseFraming,
} from "../../../src/http/http1/response_encoder.ts";
import { FORM_COPIES } from "../../../src/http/http1/output_memory.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";

const DATE = "Sun, 06 Nov 1994 08:49:37 GMT";
const LATER = "Mon, 07 Nov 1994 08:49:37 GMT";

const CONTEXT: EncodeContext = {
  version: "1.1",
  isHead: false,
  persistent: true,
  date: DATE,
  server: "webserv",
  keepAlive: "",
};

const UNKNOWN_LENGTH: BodySource = {
  length: undefined,
  pull: () => undefined,
  close: () => {},
};

/** As `encodedForm()`, with memory enough for a copy. */
function formOf(
  response: Representation,
  context: EncodeContext,
): EncodedForm {
  const form = encodedForm(response, context);
  if (form === undefined) throw new Error("there is no memory");
  return form;
}

Deno.test("responseFraming() follows RFC 9112 §6.3", () => {
  const body = new Uint8Array(3);
  const rows: [HttpResponse, HttpVersion, ResponseFraming][] = [
    [new HttpResponse(200, { body }), "1.1", "length"],
    [new HttpResponse(200, { body }), "1.0", "length"],
    [new HttpResponse(200), "1.1", "length"], // Content-Length: 0
    [new HttpResponse(205), "1.1", "length"],
    [new HttpResponse(404), "1.1", "length"],
    [new HttpResponse(204, { body }), "1.1", "none"],
    [new HttpResponse(304, { body }), "1.1", "none"],
    [new HttpResponse(304, { body: UNKNOWN_LENGTH }), "1.0", "none"],
    [new HttpResponse(200, { body: UNKNOWN_LENGTH }), "1.1", "chunked"],
    [new HttpResponse(200, { body: UNKNOWN_LENGTH }), "1.0", "close"], // 1.0
  ];
  for (const [response, version, expected] of rows) {
    assertEquals(responseFraming(response, { version }), expected);
  }
});

Deno.test("headText() writes each head", () => {
  const response = new HttpResponse(200, {
    headers: new HeaderList([["A", "b"], ["A", "c"]]),
    body: new Uint8Array(3),
  });
  const start = `HTTP/1.1 200 OK\r\nServer: webserv\r\nDate: ${DATE}\r\n` +
    "A: b\r\nA: c\r\n";
  const rows: [ResponseFraming, Partial<EncodeContext>, string][] = [
    ["length", {}, "Content-Length: 3\r\nConnection: keep-alive\r\n"],
    [
      "length",
      { persistent: false },
      "Content-Length: 3\r\nConnection: close\r\n",
    ],
    [
      "chunked",
      {},
      "Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    ],
    ["chunked", { isHead: true }, "Connection: keep-alive\r\n"],
    ["close", {}, "Connection: close\r\n"],
    ["none", {}, "Connection: keep-alive\r\n"],
    [
      "none",
      { keepAlive: "timeout=5" },
      "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n",
    ],
    [
      "none",
      { keepAlive: "timeout=5", persistent: false },
      "Connection: close\r\n",
    ],
  ];
  for (const [framing, changes, expected] of rows) {
    assertEquals(
      headText(response, framing, { ...CONTEXT, ...changes }),
      `${start}${expected}\r\n`,
    );
  }
});

Deno.test("headText() keeps the space before a missing phrase", () => {
  const text = headText(new HttpResponse(299), "none", CONTEXT);
  assert(text.startsWith("HTTP/1.1 299 \r\n")); // RFC 9112 §4
});

Deno.test("headText() can leave Server out", () => {
  const context = { ...CONTEXT, server: "" };
  assert(!headText(new HttpResponse(200), "none", context).includes("Server"));
});

Deno.test("encodeHead() and joinHead() write a byte per character", () => {
  const body = bytesOf("\x00\xff");
  for (const text of ["", "abc", "\xe9", "a\xc3\xa9\xffb"]) {
    assertEquals(encodeHead(text), bytesOf(text));
    assertEquals(textOf(joinHead(text, body)), `${text}\x00\xff`);
    assertEquals(joinHead(text, new Uint8Array(0)), bytesOf(text));
  }
});

function represented(body: string, headroom = 0): Representation {
  const memory = bytesOf("#".repeat(headroom) + body);
  const made = new HttpResponse(200, { body: memory.subarray(headroom) });
  return new Representation(made, headroom);
}

function expected(body: string, date: string): string {
  return headText(represented(body), "length", { ...CONTEXT, date }) + body;
}

Deno.test("encodedForm() encodes once and patches the date", () => {
  for (const headroom of [0, 10, 1024]) {
    const response = represented("body", headroom);
    const form = formOf(response, CONTEXT);
    assertEquals(textOf(form.bytes), expected("body", DATE), `${headroom}`);
    assertEquals(
      textOf(form.bytes.subarray(form.headLength)),
      "body",
      `${headroom}`,
    );
    assertStrictEquals(formOf(response, CONTEXT), form);
    const later = formOf(response, { ...CONTEXT, date: LATER });
    assertStrictEquals(later, form);
    assertEquals(textOf(later.bytes), expected("body", LATER));
  }
});

Deno.test("encodedForm() uses the memory before the body if it fits", () => {
  const roomy = represented("body", 1024);
  const body = roomy.body as Uint8Array;
  assertStrictEquals(formOf(roomy, CONTEXT).bytes.buffer, body.buffer);
  assertEquals(textOf(body), "body");
  const narrow = represented("body", 10);
  const other = narrow.body as Uint8Array;
  assert(formOf(narrow, CONTEXT).bytes.buffer !== other.buffer);
  assertEquals(textOf(new Uint8Array(other.buffer)), "##########body");
});

Deno.test("encodedForm() never patches what is being written", () => {
  const response = represented("body");
  const first = formOf(response, CONTEXT);
  first.inFlight++;
  const second = formOf(response, { ...CONTEXT, date: LATER });
  assertEquals(textOf(first.bytes), expected("body", DATE));
  assertEquals(textOf(second.bytes), expected("body", LATER));
  assertEquals(second.inFlight, 0);
  assertStrictEquals(
    formOf(response, { ...CONTEXT, date: LATER }),
    second,
  );
});

Deno.test("encodedForm() has no body where none is allowed", () => {
  const body = bytesOf("body");
  const response = new Representation(new HttpResponse(304, { body }));
  const form = formOf(response, CONTEXT);
  assertEquals(form.bytes.length, form.headLength);
  assertEquals(
    textOf(form.bytes),
    headText(response, "none", CONTEXT),
  );
});

Deno.test("encodedForm() patches when it expires with the date", () => {
  const response = new Representation(
    new HttpResponse(200, { body: bytesOf("body"), expiresAfter: 3600 }),
  );
  const at = (date: string) => ({
    version: "1.1" as const,
    isHead: false,
    persistent: true,
    date,
    server: "\xc3\xbc Date: x",
    keepAlive: "",
  });
  const dates: [date: string, expires: string][] = [
    ["Mon, 23 Nov 2026 19:04:13 GMT", "Mon, 23 Nov 2026 20:04:13 GMT"],
    ["Mon, 23 Nov 2026 23:59:59 GMT", "Tue, 24 Nov 2026 00:59:59 GMT"],
    ["Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"],
  ];
  for (const [date, expires] of dates) {
    const { bytes } = formOf(response, at(date));
    assertEquals(
      textOf(bytes),
      "HTTP/1.1 200 OK\r\nServer: \xc3\xbc Date: x\r\n" +
        `Date: ${date}\r\nExpires: ${expires}\r\nContent-Length: 4\r\n` +
        "Connection: keep-alive\r\n\r\nbody",
    );
  }
});

Deno.test("lastChunk() ends a chunked body, with the fields behind it", () => {
  assertEquals(textOf(lastChunk(undefined)), "0\r\n\r\n");
  assertEquals(
    textOf(lastChunk(() => "A: \xc3\xa9\r\n")),
    "0\r\nA: \xc3\xa9\r\n\r\n",
  );
});

Deno.test("encodedForm() makes no copy when there are too many", () => {
  const { budget } = FORM_COPIES;
  const body = new Uint8Array(1000 + 50).subarray(1000);
  const inPlace = new Representation(new HttpResponse(200, { body }), 1000);
  const narrow = new Representation(new HttpResponse(200, { body }));
  try {
    FORM_COPIES.budget = FORM_COPIES.bytes;
    assertEquals(encodedForm(narrow, CONTEXT), undefined);
    const form = formOf(inPlace, CONTEXT);
    // As long as nobody is being sent it, it may be patched.
    assertStrictEquals(formOf(inPlace, { ...CONTEXT, date: LATER }), form);
    form.inFlight++;
    assertEquals(encodedForm(inPlace, CONTEXT), undefined);
    assert(textOf(form.bytes).includes(LATER));
    assertStrictEquals(formOf(inPlace, { ...CONTEXT, date: LATER }), form);
    FORM_COPIES.budget += 400;
    const copy = formOf(inPlace, CONTEXT);
    assert(copy.bytes.buffer !== body.buffer);
    assert(FORM_COPIES.bytes > FORM_COPIES.budget - 400);
  } finally {
    FORM_COPIES.budget = budget;
  }
});
