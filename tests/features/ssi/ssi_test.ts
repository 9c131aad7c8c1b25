import {
  assertEquals,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { RawClient } from "../../support/raw_client.ts";
import {
  read,
  request,
  requestText,
  serverOf,
} from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["ssi yes;", 'it must be "on" or "off"'],
  ["ssi_types;", "invalid number of arguments"],
  ["ssi_value_length x;", "invalid value"],
  ["ssi_min_file_chunk x;", "invalid value"],
  ["ssi_silent_errors on on;", "invalid number of arguments"],
  [
    "server { location / { if ($uri) { ssi_types *; } } }",
    "is not allowed here",
  ],
];

for (const [text, message] of BROKEN) {
  Deno.test(`ssi refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

const ERROR = "[an error occurred while processing the directive]";

Deno.test("pages are made of parts, each of them whole", async () => {
  const part = "<p>part</p>\n".repeat(20_000);
  await using site = serverOf("ssi on; gzip on;", {
    "page.html": '[<!--#include virtual="/part.html"-->]' +
      '[<!--#include virtual="/part.html"-->]',
    "part.html": part,
  });
  const { text, field } = await request(site, "/page.html", {
    fields: "Range: bytes=0-1\r\n",
  });
  assertEquals(text, `[${part}][${part}]`);
  assertEquals(field("etag"), undefined);
  assertEquals(field("last-modified"), undefined);
});

Deno.test("a page that holds itself has an end", async () => {
  await using site = serverOf("ssi on; error_log /dev/null crit;", {
    "self.html": '.<!--#include virtual="/self.html"-->',
  });
  const { text } = await request(site, "/self.html");
  assertEquals(text, ".".repeat(52) + ERROR);
});

Deno.test("a page that holds itself twice leaves others their turn", async () => {
  const self = '.<!--#include virtual="/twice.html"-->';
  await using site = serverOf("ssi on; error_log /dev/null crit;", {
    "twice.html": self + self,
    "other.txt": "other",
  });
  using client = await RawClient.connect(site.port);
  await client.send(requestText("/twice.html"));
  await client.readSome(1000);
  const start = performance.now();
  assertEquals((await request(site, "/other.txt")).text, "other");
  assertLess(performance.now() - start, 2000);
});

Deno.test("variables and blocks of a page have a limit", async () => {
  const value = "x".repeat(200);
  const sets = Array.from(
    { length: 20_000 },
    (_, i) => `<!--#set var="v${i}" value="${value}"-->`,
  ).join("");
  await using site = serverOf("ssi on; error_log /dev/null crit;", {
    "sets.html": sets + '<!--#echo var="v0"-->',
    "block.html": `<!--#block name="b"-->${
      "b".repeat(2_000_000)
    }<!--#endblock-->.`,
    "doubled.html": `<!--#set var="v" value="${value}"-->` +
      '<!--#set var="v" value="$v$v"-->'.repeat(40),
  });
  for (const path of ["/sets.html", "/block.html", "/doubled.html"]) {
    assertStringIncludes((await request(site, path)).text, ERROR);
  }
});

Deno.test("a variable that is set again takes no more than it holds", async () => {
  const value = "x".repeat(200);
  const again =
    `<!--#set var="v" value=""--><!--#set var="v" value="${value}"-->`;
  await using site = serverOf("ssi on; error_log /dev/null crit;", {
    "again.html": again.repeat(10_000) + '<!--#echo var="v"-->',
  });
  assertEquals((await request(site, "/again.html")).text, value);
});

Deno.test("a page too large for a variable ends the answer", async () => {
  await using site = serverOf(
    `ssi on; error_log /dev/null crit;
     location /more/ { alias www/; subrequest_output_buffer_size 8k; }`,
    {
      "set.html": '<!--#include virtual="/part.txt" set="v"-->' +
        '<!--#echo var="v"-->',
      "part.txt": "x".repeat(5000),
    },
  );
  assertEquals((await request(site, "/more/set.html")).text, "x".repeat(5000));
  let isCut = false;
  try {
    await request(site, "/set.html");
  } catch {
    isCut = true;
  }
  assertEquals(isCut, true);
});
