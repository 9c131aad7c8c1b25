import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  http2ChunkBytes,
  http2Settings,
  speaksHttp2,
} from "../../../src/core/settings/http2.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { configured } from "../../support/config_support.ts";

Deno.test("http2 directives: what is in force in a server", () => {
  const usual = {
    concurrentStreams: 128,
    prereadBytes: 65_536,
    chunkBytes: 8192,
  };
  const rows: [text: string, changes: Partial<typeof usual>][] = [
    ["", {}],
    ["http2_max_concurrent_streams 5;", { concurrentStreams: 5 }],
    ["http2_chunk_size 4k;", { chunkBytes: 4096 }],
    ["http2_chunk_size 1m;", { chunkBytes: 16_384 }],
    ["http2_body_preread_size 0;", { prereadBytes: 0 }],
    ["http2_body_preread_size 3000m;", { prereadBytes: 2 ** 31 - 1 }],
  ];
  for (const [text, changes] of rows) {
    const [server] = configured(`http { ${text} server { } }`)
      .descendantsOf("server");
    const found = {
      ...http2Settings(server!),
      chunkBytes: http2ChunkBytes(server!),
    };
    assertEquals(found, { ...usual, ...changes }, text);
    assertEquals(speaksHttp2(server!), false);
  }
});

Deno.test("obsolete directives name the one that is used", async () => {
  await using server = new InProcessServer({
    config: `http {
      access_log off; http2_max_requests 5; http2_idle_timeout 1m;
      server { listen 127.0.0.1:0 http2; } }`,
  });
  const found = server.warnings.map((line) => line.replace(/ in \S+$/, ""));
  assertEquals(found.toSorted(), [
    'the "http2_idle_timeout" directive is obsolete, use the "keepalive_timeout" directive instead',
    'the "http2_max_requests" directive is obsolete, use the "keepalive_requests" directive instead',
    'the "listen ... http2" directive is deprecated, use the "http2" directive instead',
  ]);
});

Deno.test("http2 directives: values that mean nothing", () => {
  const rows: [text: string, message: RegExp][] = [
    ["http2_chunk_size 0;", /"http2_chunk_size" directive invalid value/],
    ["http2_chunk_size x;", /"http2_chunk_size" directive invalid value/],
    ["http2_max_concurrent_streams 0;", /equal to or greater than 1/],
    ["http2 yes;", /invalid value "yes" in "http2" directive/],
    ["http2;", /invalid number of arguments in "http2" directive/],
    ["server { location / { http2 on; } }", /"http2" directive is not allowed/],
  ];
  for (const [text, message] of rows) {
    assertThrows(() => configured(`http { ${text} }`), Error, undefined, text);
    try {
      configured(`http { ${text} }`);
    } catch (error) {
      assertMatch(String(error), message);
    }
  }
});
