import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { ConnectionInfo, Exchange } from "../../src/core/exchange.ts";
import {
  MAX_SUBREQUEST_DEPTH,
  MAX_SUBREQUESTS,
  subrequest,
} from "../../src/core/subrequest.ts";
import { HttpError } from "../../src/http/errors.ts";
import { Field } from "../../src/http/fields.ts";
import { beginExchange } from "../../src/server/sessions/request.ts";
import { groupOf } from "../server/session_support.ts";
import { headOf } from "../support/heads.ts";

const GROUP = groupOf("");
const PART = { uri: "/part", args: "a=b" };

/** A client's request. */
function mainExchange(): Exchange {
  return beginExchange(
    headOf(
      "POST /page?x HTTP/1.1",
      "Host: a.example",
      "Range: bytes=0-1",
      "Accept-Encoding: gzip",
      'If-None-Match: "1"',
      "Content-Length: 0",
      "X-Own: y",
    ),
    {
      connection: { secure: false } as ConnectionInfo,
      group: GROUP,
      requests: 1,
      beganAt: 0,
      pipelined: false,
      sentField: () => undefined,
    },
  );
}

Deno.test("a part has what is the client's, and nothing of the whole", () => {
  const main = mainExchange();
  const part = subrequest(main, PART);
  assertEquals(
    [part.method, part.uri, part.args, part.requestUri, part.internal],
    ["GET", "/part", "a=b", "/page?x", true],
  );
  assertStrictEquals(part.main, main);
  assertStrictEquals(part.values, main.values);
  assertEquals(part.request.get("x-own"), "y");
  assertEquals(part.request.line, "POST /page?x HTTP/1.1");
  for (const field of [Field.Range, Field.AcceptEncoding, Field.IfNoneMatch]) {
    assertEquals([main.request.has(field), part.request.has(field)], [
      true,
      false,
    ]);
  }
});

Deno.test("parts of parts have an end", () => {
  const main = mainExchange();
  let exchange = main;
  for (let depth = 0; depth < MAX_SUBREQUEST_DEPTH; depth++) {
    exchange = subrequest(exchange, PART);
    assertStrictEquals(exchange.main, main);
  }
  assertThrows(
    () => subrequest(exchange, PART),
    HttpError,
    'subrequests cycle while processing "/part"',
  );
  subrequest(main, PART);
});

Deno.test("a request has no more parts than nginx would count", () => {
  const main = mainExchange();
  for (let i = 0; i < MAX_SUBREQUESTS; i++) subrequest(main, PART);
  assertThrows(() => subrequest(main, PART), HttpError, "subrequests cycle");
});

Deno.test("a part ends with the client's request", () => {
  const main = mainExchange();
  main.status = 200;
  const part = subrequest(main, PART);
  let released = 0;
  part.onEnd(() => released++);
  part.end();
  assertEquals([released, part.signal.aborted], [0, false]);
  main.end();
  assertEquals([released, part.signal.aborted], [1, true]);
});
