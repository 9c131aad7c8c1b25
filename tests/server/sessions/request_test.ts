import { assertEquals, assertThrows } from "@std/assert";
import type { ConnectionInfo } from "../../../src/core/exchange.ts";
import { appendCombined } from "../../../src/features/logs/combined.ts";
import { HttpError } from "../../../src/http/errors.ts";
import { knownTarget } from "../../../src/http/known_target.ts";
import { decodedHead } from "../../../src/http/request_head.ts";
import { LogBuffer } from "../../../src/logging/log_buffer.ts";
import { dispatch } from "../../../src/server/dispatch.ts";
import {
  beginExchange,
  brokenHead,
  refusedExchange,
  type RequestOrigin,
} from "../../../src/server/sessions/request.ts";
import { headOf } from "../../support/heads.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";
import { groupOf } from "../session_support.ts";

const ORIGIN: RequestOrigin = {
  connection: {
    remoteAddress: "192.0.2.7",
    lastActivityAt: 0,
    watch() {},
  } as unknown as ConnectionInfo,
  group: groupOf(
    'location /a { return 200 "$server_protocol $http_x $arg_q $sent_http_connection"; }',
  ),
  requests: 1,
  beganAt: 0,
  pipelined: false,
  sentField: (_exchange, name) => name === "connection" ? "none" : undefined,
};

Deno.test("beginExchange() finds host, URI and query in every form of target", () => {
  const rows: [line: string, host: string, uri: string, args: string][] = [
    ["GET /a/../b?c=d HTTP/1.1", "x", "/b", "c=d"],
    ["GET http://Y:80/a?c HTTP/1.1", "y", "/a", "c"],
    ["GET https://y/a HTTP/1.1", "y", "/a", ""],
    ["OPTIONS * HTTP/1.1", "x", "*", ""],
  ];
  for (const [line, host, uri, args] of rows) {
    const exchange = beginExchange(headOf(line, "Host: x"), ORIGIN);
    assertEquals([exchange.host, exchange.uri, exchange.args], [
      host,
      uri,
      args,
    ], line);
    assertEquals(exchange.persistent, undefined, "known with the answer");
  }
});

Deno.test("beginExchange() refuses what is for nothing", () => {
  const rows: [line: string, status: number, ...fields: string[]][] = [
    ["GET / HTTP/1.1", 400],
    ["GET / HTTP/1.1", 400, "Host: x", "Host: x"],
    ["GET / HTTP/1.1", 400, "Host: a b"],
    ...[
      "Authorization: a",
      "If-Modified-Since: Thu, 29 Feb 2024 12:34:56 GMT",
      'If-Range: "x"',
      "If-Unmodified-Since: Thu, 29 Feb 2024 12:34:56 GMT",
    ].map((field): [string, number, ...string[]] => [
      "GET / HTTP/1.1",
      400,
      ...["Host: x", field, "X: y", field],
    ]),
    ["GET x:80 HTTP/1.1", 400, "Host: x"],
    ["GET ftp://x/ HTTP/1.1", 400, "Host: x"],
    ["GET * HTTP/1.1", 400, "Host: x"],
    ["CONNECT / HTTP/1.1", 400, "Host: x"],
    ["CONNECT http://x/ HTTP/1.1", 400, "Host: x"],
    ["CONNECT x:443 HTTP/1.1", 405, "Host: x"],
  ];
  for (const [line, status, ...fields] of rows) {
    const head = headOf(line, ...fields);
    const error = assertThrows(() => beginExchange(head, ORIGIN), HttpError);
    assertEquals([error.status, error.close], [status, true], line);
  }
});

Deno.test("beginExchange() takes fields that are lists several times", () => {
  for (const name of ["If-Match", "If-None-Match", "Accept-Encoding", "Via"]) {
    const head = headOf(
      "GET /a HTTP/1.1",
      "Host: x",
      `${name}: a`,
      `${name}: b`,
    );
    assertEquals(beginExchange(head, ORIGIN).uri, "/a", name);
  }
});

Deno.test("a request of decoded fields is answered and logged like any other", async () => {
  const target = bytesOf("/a?q=1");
  const exchange = beginExchange(
    decodedHead({
      method: "GET",
      target: knownTarget(target, 0, target.length),
      version: "2.0",
      line: "GET /a?q=1 HTTP/2.0",
      fields: [
        { name: "host", value: "x" },
        { name: "x", value: "1" },
        { name: "user-agent", value: "me" },
        { name: "x", value: "2" },
      ],
      length: 40,
    }),
    ORIGIN,
  );
  const response = await dispatch(exchange);
  assertEquals(textOf(response.body as Uint8Array), "HTTP/2.0 1, 2 1 none");
  exchange.status = response.status;
  const log = new LogBuffer(1000);
  appendCombined(log, exchange, 0);
  const line = textOf(log.bytes.subarray(0, log.length));
  assertEquals(
    line.replace(/\[.*?\]/, "[]"),
    '192.0.2.7 - - [] "GET /a?q=1 HTTP/2.0" 200 0 "-" "me"\n',
  );
});

Deno.test("refusedExchange() has what is known of a broken head", () => {
  const bytes = bytesOf("xGET / HTTP/9.9\r\nHost: h");
  const exchange = refusedExchange(
    brokenHead(bytes, [1, 15], [bytes.length - 1, bytes.length]),
    ORIGIN,
  );
  assertEquals(exchange.request.line, "GET / HTTP/9.9");
  assertEquals(exchange.request.get("host"), "h");
  assertEquals([exchange.host, exchange.uri], ["", "/"]);
  assertEquals([exchange.method, exchange.requestUri], ["", ""]);
  const line = bytesOf("HEAD /a?b HTTP/1.0");
  const right = refusedExchange(brokenHead(line, [0, line.length]), ORIGIN);
  assertEquals([right.method, right.requestUri], ["HEAD", "/a?b"]);
  const nothing = refusedExchange(brokenHead(bytes, [0, 0]), ORIGIN);
  assertEquals(nothing.request.lineStart, -1);
});
