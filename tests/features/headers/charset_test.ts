import { gunzipSync } from "node:zlib";
import { serverScope } from "../../support/config_support.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { bytesOf, textOf } from "../../support/latin1.ts";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { isTextual } from "../../../src/http/semantics/media_type.ts";
import type { Environment } from "../../../src/core/module.ts";
import {
  charsetModule,
  withCharset,
} from "../../../src/features/headers/charset.ts";
import {
  read,
  request,
  serverOf,
  valuesOf,
} from "../../support/module_support.ts";

const ROWS: [type: string, expected: string][] = [
  ["text/plain", "text/plain; charset=x"],
  ["image/png", "image/png"],
  ["text/html; charset=utf-8", "text/html; charset=utf-8"],
  ["text/html;CHARSET=utf-8", "text/html;CHARSET=utf-8"],
  ["text/html; a=b", "text/html; a=b; charset=x"],
];

for (const [type, expected] of ROWS) {
  Deno.test(`withCharset() of ${type}`, () => {
    assertEquals(withCharset(type, "x", isTextual), expected);
  });
}

const BROKEN: [text: string, message: string][] = [
  ['charset "a b";', 'invalid charset "a b"'],
  ['charset "";', 'invalid charset ""'],
  ["charset utf-8; charset koi8-r;", "is duplicate"],
  ["charset $nosuch;", "unknown"],
  ["override_charset maybe;", 'it must be "on" or "off"'],
  ["source_charset a b;", "invalid number of arguments"],
  ['source_charset "a b";', 'invalid charset "a b"'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`charset refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

Deno.test("charset_types warns of a type it has", () => {
  assertEquals(read("charset_types text/css TEXT/html text/css;").warnings, [
    'duplicate MIME type "TEXT/html" in x.conf:1',
    'duplicate MIME type "text/css" in x.conf:1',
  ]);
});

Deno.test("charset is said of nginx's types, and of all other texts", async () => {
  const types: [type: string, named: boolean, byDefault: boolean][] = [
    ["text/html", true, true],
    ["text/plain", true, true],
    ["text/vnd.wap.wml", true, true],
    ["application/javascript", true, true],
    ["text/css", true, true],
    ["text/markdown", true, true],
    // Documents that say what they are in, unless the site does.
    ["text/xml", true, false],
    ["application/rss+xml", true, false],
    ["application/xml", false, false],
    ["image/svg+xml", false, false],
    ["application/json", false, false],
    ["application/octet-stream", false, false],
  ];
  const entries = types.map(([type], i) => `${type} e${i};`).join(" ");
  await using server = serverOf(
    `types { ${entries} } location /named/ { charset UTF-8; }
     location /default/ { }`,
    Object.fromEntries(
      types.flatMap((
        _,
        i,
      ) => [[`named/a.e${i}`, "x"], [`default/a.e${i}`, "x"]]),
    ),
  );
  for (const [i, [type, named, byDefault]] of types.entries()) {
    for (
      const [path, charset] of [
        [`/named/a.e${i}`, named ? "; charset=UTF-8" : ""],
        [`/default/a.e${i}`, byDefault ? "; charset=utf-8" : ""],
      ] as const
    ) {
      const response = await request(server, path);
      assertEquals(response.field("content-type"), type + charset, path);
    }
  }
});

Deno.test("charset is said of the types it is for", async () => {
  await using server = serverOf(
    `location /default/ { }
     location /off/ { charset off; }
     location /koi/ { charset koi8-r;
       location /koi/types/ { charset_types text/css image/png; }
       location /koi/any/ { charset_types *; }
     }
     location /arg/ { charset $arg_c; }
     location /own/ { charset koi8-r; types { "text/plain;charset=x" txt; } }
     location /override/ { charset koi8-r; override_charset on;
       types { "text/plain;charset=x" txt; } }
     location /return { charset koi8-r; default_type text/html; return 200 x; }`,
    Object.fromEntries(
      [
        "default",
        "off",
        "koi",
        "koi/types",
        "koi/any",
        "arg",
        "own",
        "override",
      ].flatMap((folder) =>
        ["a.txt", "a.css", "a.html", "a.png", "a.json"].map((name) =>
          [`${folder}/${name}`, "x"] as const
        )
      ),
    ),
  );
  const rows: [path: string, type: string][] = [
    ["/default/a.txt", "text/plain; charset=utf-8"],
    ["/default/a.html", "text/html; charset=utf-8"],
    ["/default/a.css", "text/css; charset=utf-8"],
    ["/default/a.png", "image/png"],
    ["/default/a.json", "application/json"],
    ["/off/a.txt", "text/plain"],
    ["/off/a.html", "text/html"],
    ["/koi/a.txt", "text/plain; charset=koi8-r"],
    ["/koi/a.png", "image/png"],
    ["/koi/types/a.css", "text/css; charset=koi8-r"],
    ["/koi/types/a.png", "image/png; charset=koi8-r"],
    ["/koi/types/a.html", "text/html; charset=koi8-r"],
    ["/koi/types/a.txt", "text/plain"],
    ["/koi/any/a.json", "application/json; charset=koi8-r"],
    ["/arg/a.txt?c=latin1", "text/plain; charset=latin1"],
    ["/arg/a.txt?c=utf-8", "text/plain; charset=utf-8"],
    ["/arg/a.txt?c=", "text/plain"],
    ["/arg/a.txt?c=a;b", "text/plain"],
    ["/own/a.txt", "text/plain;charset=x"],
    ["/override/a.txt", "text/plain;charset=x"],
    ["/return", "text/html; charset=koi8-r"],
  ];
  for (const [path, type] of [...rows, ...rows]) {
    const response = await request(server, path);
    assertEquals(valuesOf(response, "content-type"), [type], path);
    assertEquals(response.text, "x");
  }
});

Deno.test("a source_charset without a table is refused", () => {
  const missing =
    /no "charset_map" between the charsets "a" and "b" in x\.conf:1/;
  const rows: [text: string, message: RegExp | undefined][] = [
    ["source_charset a; charset b;", missing],
    ["source_charset a; charset A;", undefined],
    ["source_charset a; charset off;", undefined],
    ["source_charset off; charset b;", undefined],
    ["source_charset a;", undefined],
    ["source_charset $host; charset b;", undefined],
    ["source_charset a; charset $host;", undefined],
  ];
  for (const [text, message] of rows) {
    const scope = serverScope(`server { ${text} }`);
    const environment = undefined as unknown as Environment;
    const create = () =>
      void charsetModule.create!(scope, environment, new Map(), () => {});
    if (message === undefined) create();
    else assertMatch(assertThrows(create, ConfigError).message, message);
  }
});

Deno.test("texts are recoded from source_charset to charset", async () => {
  const text = "caf\xc1";
  await using server = new InProcessServer({
    config: `http { access_log off; charset_map a utf-8 { C1 C3A9; }
      charset_map a b { C1 E9; }
      server { listen 127.0.0.1:0; root www; source_charset a;
        location /utf8/ { charset utf-8; alias www/; gzip_static on; }
        location /b/ { charset b; alias www/; }
        location /said/ { alias www/; }
        location /same/ { charset a; alias www/; }
        location /back/ { source_charset utf-8; charset a; alias www/utf8/; }
        location /arg/ { charset $arg_c; alias www/; }
        location /gzip/ { charset utf-8; alias www/; gzip on;
          gzip_types text/plain; gzip_min_length 0; }
      } }`,
    files: {
      "www/a.txt": bytesOf(text),
      "www/a.png": bytesOf(text),
      "www/a.css": bytesOf(text),
      "www/a.css.gz": "gz",
      "www/big.txt": new Uint8Array(300_000).fill(0xc1),
      "www/utf8/a.txt": "caf\u00e9\u20ac",
    },
  });
  const utf8 = "text/plain; charset=utf-8";
  const gzip = "Accept-Encoding: gzip\r\n";
  const rows: [path: string, type: string, body: string, fields?: string][] = [
    ["/utf8/a.txt", utf8, "caf\xc3\xa9"],
    ["/utf8/a.txt", utf8, "caf\xc3\xa9", "Range: bytes=0-1\r\n"],
    ["/utf8/a.png", "image/png", text],
    ["/utf8/a.css", "text/css; charset=utf-8", "caf\xc3\xa9"],
    ["/utf8/a.css", "text/css", "gz", gzip],
    ["/utf8/big.txt", utf8, "\xc3\xa9".repeat(300_000)],
    ["/b/a.txt", "text/plain; charset=b", "caf\xe9"],
    ["/b/big.txt", "text/plain; charset=b", "\xe9".repeat(300_000)],
    ["/said/a.txt", "text/plain", text],
    ["/same/a.txt", "text/plain; charset=a", text],
    ["/back/a.txt", "text/plain; charset=a", "caf\xc1&#8364;"],
    ["/arg/a.txt?c=B", "text/plain; charset=B", "caf\xe9"],
    ["/arg/a.txt?c=none", "text/plain", text],
    ["/arg/a.txt", "text/plain", text],
    ["/gzip/a.txt", utf8, "caf\xc3\xa9"],
  ];
  for (const [path, type, body, fields = ""] of [...rows, ...rows]) {
    const response = await request(server, path, { fields });
    assertEquals(response.status, 200, path);
    assertEquals(valuesOf(response, "content-type"), [type], path);
    assertEquals(response.text, body, path);
  }
  const coded = await request(server, "/gzip/a.txt", { fields: gzip });
  assertEquals(textOf(gunzipSync(coded.body)), "caf\xc3\xa9");
  const ranges = await request(server, "/utf8/a.txt");
  assertEquals(ranges.field("accept-ranges"), undefined);
  const missing = await request(server, "/utf8/none");
  assertEquals(missing.field("content-type"), "text/html; charset=utf-8");
});
