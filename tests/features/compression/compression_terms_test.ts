import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { read, request, serverOf } from "../../support/module_support.ts";

const TEXT = "text ".repeat(100);
const GZIP = "Accept-Encoding: gzip\r\n";
const VIA = `${GZIP}Via: 1.1 proxy\r\n`;

/** What a location says, what a client says, and whether that is compressed. */
const ROWS: [config: string, fields: string, minor: 0 | 1, coded: boolean][] = [
  ["", GZIP, 1, true],
  ["", GZIP, 0, false],
  ["gzip_http_version 1.0;", GZIP, 0, true],
  // gzip_proxied is for requests with Via alone
  ["gzip_proxied off;", GZIP, 1, true],
  ["", VIA, 1, false],
  ["gzip_proxied off;", VIA, 1, false],
  ["gzip_proxied any;", VIA, 1, true],
  ["gzip_proxied off any;", VIA, 1, false],
  ["gzip_proxied auth;", `${VIA}Authorization: x\r\n`, 1, true],
  // What says nothing of how long it is fresh.
  ["gzip_proxied auth;", VIA, 1, true],
  ["gzip_proxied no_etag;", VIA, 1, false],
  ["gzip_proxied no_etag; etag off;", VIA, 1, true],
  ["gzip_proxied no_last_modified;", VIA, 1, true],
  // What does say it.
  ["gzip_proxied expired; expires -1;", VIA, 1, true],
  ["gzip_proxied expired; expires epoch;", VIA, 1, true],
  ["gzip_proxied expired; expires 1h;", VIA, 1, false],
  ["gzip_proxied no-cache; expires 1h;", VIA, 1, false],
  [
    'gzip_proxied no-store; add_header Cache-Control "No-Store, x";',
    VIA,
    1,
    true,
  ],
  ["gzip_proxied private; add_header Cache-Control private;", VIA, 1, true],
  ["gzip_proxied private; add_header Cache-Control public;", VIA, 1, false],
  // gzip_disable
  ["gzip_disable bot;", `${GZIP}User-Agent: a Robot\r\n`, 1, false],
  ["gzip_disable bot;", `${GZIP}User-Agent: BOT\r\n`, 1, false],
  ["gzip_disable ^bot;", `${GZIP}User-Agent: a Robot\r\n`, 1, true],
  ["gzip_disable bot;", GZIP, 1, true],
  ["gzip_disable x bot;", `${GZIP}User-Agent: bot\r\n`, 1, false],
  ["gzip_disable msie6;", `${GZIP}User-Agent: MSIE 6.0; SV1\r\n`, 1, true],
  ["gzip_disable msie6;", `${GZIP}User-Agent: MSIE 5.5\r\n`, 1, false],
  ["gzip_disable msie6;", `${GZIP}User-Agent: msie 5.5\r\n`, 1, true],
];

Deno.test("who gets compressed answers", async () => {
  const locations = ROWS.map(([config], i) =>
    `location /${i}/ { gzip on; gzip_types text/plain; alias www/; ${config} }`
  );
  await using server = serverOf(locations.join("\n"), { "a.txt": TEXT });
  for (const [i, [config, fields, minorVersion, coded]] of ROWS.entries()) {
    const options = { fields, minorVersion };
    const response = await request(server, `/${i}/a.txt`, options);
    const what = `${config} ${fields}`;
    assertEquals(response.status, 200, what);
    assertEquals(response.field("content-encoding") === "gzip", coded, what);
  }
});

Deno.test("Vary is said of what may be compressed, unless it is off", async () => {
  await using server = serverOf(
    "gzip on; gzip_types text/plain; location /off/ { gzip_vary off; " +
      "alias www/; } location /on/ { alias www/; }",
    { "a.txt": TEXT, "a.bin": TEXT },
  );
  const rows: [target: string, fields: string, vary: string | undefined][] = [
    ["/on/a.txt", GZIP, "Accept-Encoding"],
    ["/on/a.txt", "", "Accept-Encoding"],
    ["/on/a.bin", GZIP, undefined],
    ["/off/a.txt", GZIP, undefined],
  ];
  for (const [target, fields, vary] of rows) {
    const response = await request(server, target, { fields });
    assertEquals(response.field("vary"), vary, `${target} ${fields}`);
  }
});

Deno.test("gzip_proxied takes nginx's conditions alone", () => {
  const error = assertThrows(
    () => read("gzip_proxied any sometimes;"),
    ConfigError,
  ) as ConfigError;
  assertEquals(error.message, 'invalid value "sometimes" in x.conf:1');
});
