import { assertEquals } from "@std/assert";
import type { Exchange } from "../../../src/core/exchange.ts";
import type { BodySource } from "../../../src/http/response.ts";
import { HttpResponse } from "../../../src/http/response.ts";
import { sentField } from "../../../src/server/sessions/sent_field.ts";
import { headOf } from "../../support/heads.ts";

const STREAM: BodySource = {
  length: undefined,
  pull: () => undefined,
  close() {},
};

/** The parts of an exchange that the fields are made of. */
function exchange(
  line: string,
  field: string,
  parts: Partial<Exchange> = {},
): Exchange {
  return {
    request: headOf(line, "Host: x", field),
    location: { client: { keepAliveHeader: "timeout=9" } },
    ...parts,
  } as Exchange;
}

Deno.test("Connection is what the client wants until there is an answer", () => {
  const rows: [string, string, boolean | undefined, string][] = [
    ["GET / HTTP/1.1", "A: b", undefined, "keep-alive"],
    ["GET / HTTP/1.1", "Connection: close", undefined, "close"],
    ["GET / HTTP/1.0", "A: b", undefined, "close"],
    ["GET / HTTP/1.0", "Connection: keep-alive", undefined, "keep-alive"],
    ["GET / HTTP/1.1", "A: b", false, "close"],
    ["GET / HTTP/1.1", "A: b", true, "keep-alive"],
  ];
  for (const [line, field, persistent, expected] of rows) {
    const asked = exchange(line, field, { persistent });
    assertEquals(sentField(asked, "connection"), expected, line + field);
    assertEquals(
      sentField(asked, "keep-alive"),
      expected === "close" ? undefined : "timeout=9",
    );
  }
});

Deno.test("Transfer-Encoding is said of bodies whose length is not known", () => {
  const rows: [string, HttpResponse | undefined, string | undefined][] = [
    ["GET / HTTP/1.1", undefined, undefined],
    ["GET / HTTP/1.1", new HttpResponse(200), undefined],
    ["GET / HTTP/1.1", new HttpResponse(200, { body: STREAM }), "chunked"],
    ["GET / HTTP/1.0", new HttpResponse(200, { body: STREAM }), undefined],
    ["GET / HTTP/1.1", new HttpResponse(304, { body: STREAM }), undefined],
  ];
  for (const [line, response, expected] of rows) {
    const asked = exchange(line, "A: b", { response });
    assertEquals(sentField(asked, "transfer-encoding"), expected, line);
    assertEquals(sentField(asked, "server"), undefined);
  }
});
