import { assertEquals } from "@std/assert";
import type { Exchange } from "../../src/core/exchange.ts";
import { contextOf } from "../../src/core/request_log.ts";
import { Field } from "../../src/http/fields.ts";

Deno.test("contextOf() says where a line comes from, as texts", () => {
  const fields = new Map<number, string>([[Field.Host, "A:80"]]);
  const exchange = {
    remoteAddress: "192.0.2.1",
    connection: { serial: 7 },
    server: { name: "a.example" },
    location: { errorLog: undefined },
    request: {
      line: "GET /\xc3\xa9\xff HTTP/1.1",
      first: (field: number) => fields.get(field),
    },
  } as unknown as Exchange;
  const context = {
    errorLog: undefined,
    connection: 7,
    client: "192.0.2.1",
    server: "a.example",
    request: "GET /é\udcff HTTP/1.1",
    host: "A:80",
    referrer: undefined,
    subrequest: undefined,
  };
  assertEquals(contextOf(exchange), context);
  fields.set(Field.Referer, "http://\xc3\xa9/");
  assertEquals(contextOf(exchange), { ...context, referrer: "http://é/" });
  const part = { ...exchange, main: exchange, uri: "/é" } as Exchange;
  assertEquals(contextOf(part).subrequest, "/é");
});
