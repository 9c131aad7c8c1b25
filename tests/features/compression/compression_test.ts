import { assert, assertEquals } from "@std/assert";
import {
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { CODEC_MEMORY } from "../../../src/files/coding/codec_memory.ts";
import { RawClient } from "../../support/raw_client.ts";
import { configured, serverError } from "../../support/config_support.ts";
import {
  assertAnswers,
  type Row,
  send,
  serve,
  setTimes,
  TIME,
} from "../../support/serving.ts";

const LINE = "a line of text, a line of text, and another line of text\n";
const SMALL = LINE.repeat(20);
/** Beyond what is compressed at once. */
const MEDIUM = LINE.repeat(3000);
/** Beyond what is kept in memory. */
const LARGE = LINE.repeat(30_000);

const FILES = {
  "www/small.txt": SMALL,
  "www/medium.txt": MEDIUM,
  "www/large.txt": LARGE,
  "www/tiny.txt": "tiny",
  "www/image.png": SMALL,
  "www/page.html": SMALL,
  "www/404.html": SMALL,
  "www/sub/x": "",
};

const TYPES = "gzip_types text/plain; brotli_types text/plain; " +
  "zstd_types text/plain;";
const ALL = `gzip on; brotli on; zstd on; ${TYPES}`;

const DECODERS: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** Waits until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function decodedText(
  server: { port: number },
  line: string,
): Promise<[encoding: string, text: string]> {
  const response = await send(server, line);
  const encoding = response.field("content-encoding") ?? "identity";
  const decode = DECODERS[encoding];
  const bytes = decode === undefined ? response.body : decode(response.body);
  return [encoding, new TextDecoder().decode(bytes)];
}

Deno.test("compression: every coding and size comes out as it went in", async () => {
  await using server = serve(ALL, FILES);
  const names = { small: SMALL, medium: MEDIUM, large: LARGE };
  for (const [name, text] of Object.entries(names)) {
    for (const coding of ["gzip", "br", "zstd"]) {
      const line = `/${name}.txt | Accept-Encoding: ${coding}`;
      // The second answer of a file in memory comes from the cache.
      for (let i = 0; i < 3; i++) {
        assertEquals(await decodedText(server, line), [coding, text], line);
      }
    }
  }
});

Deno.test("compression: what is kept has a length, what is on its way has none", async () => {
  await using server = serve(ALL, FILES);
  const lengths = async (name: string) => {
    const found: boolean[] = [];
    for (let i = 0; i < 2; i++) {
      const line = `/${name} | Accept-Encoding: gzip`;
      const response = await send(server, line);
      found.push(response.field("content-length") !== undefined);
    }
    return found;
  };
  assertEquals(await lengths("small.txt"), [true, true]);
  assertEquals(await lengths("medium.txt"), [false, true]);
  assertEquals(await lengths("large.txt"), [false, false]);
});

Deno.test("compression: who gets what", async () => {
  await using server = serve(
    `${ALL}
    error_page 404 /404.html;
    location /text { default_type text/plain; return 200 "${LINE.trim()}"; }
    location /json { default_type application/json; return 200 "${LINE.trim()}"; }
    location /any/ { alias www/; gzip_types *; brotli off; zstd off; }
    location /long/ { alias www/; gzip_min_length 5000; brotli off; zstd off; }
    location /old/ { alias www/; gzip_http_version 1.0; }
    location /proxied/ { alias www/; gzip_proxied any; }
    location /disabled/ { alias www/; gzip_disable "Old/1\\.[0-4]" msie6; }
    location /novary/ { alias www/; gzip_vary off; }
    location /transform/ { alias www/; add_header Cache-Control no-transform; }
    location /off/ { alias www/; gzip off; brotli off; zstd off; }
    `,
    FILES,
  );
  setTimes(server, { "www/small.txt": TIME });
  const gzip = "Accept-Encoding: gzip";
  const yes = "content-encoding: gzip";
  const no = "content-encoding: -";
  const etag = `"${TIME.toString(16)}-${SMALL.length.toString(16)}"`;
  const rows: Row[] = [
    [
      `/small.txt | ${gzip}`,
      "200",
      yes,
      "vary: Accept-Encoding",
      "accept-ranges: -",
      `etag: W/${etag}`,
    ],
    [
      "/small.txt",
      "200",
      no,
      "vary: Accept-Encoding",
      "accept-ranges: bytes",
      `etag: ${etag}`,
      SMALL,
    ],
    ["/small.txt | Accept-Encoding: gzip, br, zstd", "content-encoding: br"],
    ["/small.txt | Accept-Encoding: gzip, zstd", "content-encoding: zstd"],
    ["/small.txt | Accept-Encoding: gzip, br;q=0.9", yes],
    ["/small.txt | Accept-Encoding: gzip;q=0", no],
    ["/small.txt | Accept-Encoding: identity, gzip;q=0.5", no],
    [`HEAD /small.txt | ${gzip}`, yes, ""],
    [`/tiny.txt | ${gzip}`, no, "vary: -"],
    [`/image.png | ${gzip}`, no, "vary: -"],
    [`/page.html | ${gzip}`, yes],
    [`/missing | ${gzip}`, "404", yes, "vary: Accept-Encoding"],
    [`/sub | ${gzip}`, "301", no, "vary: -"],
    [`/text | ${gzip}`, "200", yes, "vary: Accept-Encoding"],
    [`/json | ${gzip}`, "200", no, "vary: -"],
    [`/any/image.png | ${gzip}`, yes],
    [`/long/small.txt | ${gzip}`, no, "vary: -"],
    [`/long/medium.txt | ${gzip}`, yes],
    [`/small.txt | ${gzip} | Via: 1.1 p`, no, "vary: Accept-Encoding"],
    [`/proxied/small.txt | ${gzip} | Via: 1.1 p`, yes],
    [`/disabled/small.txt | ${gzip} | User-Agent: Old/1.3`, no],
    [`/disabled/small.txt | ${gzip} | User-Agent: Old/1.5`, yes],
    [`/disabled/small.txt | ${gzip} | User-Agent: MSIE 6.0; X`, no],
    [`/disabled/small.txt | ${gzip} | User-Agent: MSIE 6.0; SV1`, yes],
    [`/novary/small.txt | ${gzip}`, yes, "vary: -"],
    [`/transform/small.txt | ${gzip}`, "cache-control: no-transform", no],
    [`/off/small.txt | ${gzip}`, no, "vary: -"],
  ];
  // Shared answers are made once and must stay what they are.
  await assertAnswers(server, [...rows, ...rows]);
});

Deno.test("compression: conditions are of the weak tag, ranges of the original", async () => {
  await using server = serve(ALL, FILES);
  setTimes(server, { "www/small.txt": TIME });
  const etag = `"${TIME.toString(16)}-${SMALL.length.toString(16)}"`;
  const gzip = "/small.txt | Accept-Encoding: gzip";
  await assertAnswers(server, [
    [
      `${gzip} | If-None-Match: W/${etag}`,
      "304",
      `etag: W/${etag}`,
      "vary: Accept-Encoding",
      "content-encoding: -",
    ],
    [`${gzip} | If-None-Match: ${etag}`, "304"],
    [`${gzip} | If-Match: ${etag}`, "412"],
    [`${gzip} | Range: bytes=0-3`, "200", "content-encoding: gzip"],
    ["/small.txt | Range: bytes=0-3", "206", "vary: Accept-Encoding", "a li"],
    [`/small.txt | If-Range: W/${etag} | Range: bytes=0-3`, "200"],
    [`/small.txt | If-Range: ${etag} | Range: bytes=0-3`, "206"],
  ]);
});

Deno.test("compression: a file that changes is compressed anew", async () => {
  await using server = serve(`${ALL} open_file_cache_valid 0;`, FILES);
  const line = "/small.txt | Accept-Encoding: br";
  assertEquals(await decodedText(server, line), ["br", SMALL]);
  const text = SMALL.toUpperCase();
  Deno.writeTextFileSync(`${server.folder}/www/small.txt`, text);
  assertEquals(await decodedText(server, line), ["br", text]);
});

Deno.test("compression: without cache it works all the same", async () => {
  await using server = serve("gzip on; gzip_types text/plain;", FILES);
  server.serve(`
    compressed_cache 0;
    server { listen 127.0.0.1:0; access_log off; root www;
      gzip on; gzip_types text/plain; open_file_cache_memory 0; }`);
  for (let i = 0; i < 2; i++) {
    const line = "/small.txt | Accept-Encoding: gzip";
    assertEquals(await decodedText(server, line), ["gzip", SMALL]);
  }
});

Deno.test("compression: streams at the same time are all whole", async () => {
  await using server = serve(ALL, FILES);
  const line = "/large.txt | Accept-Encoding: zstd";
  const found = await Promise.all(
    Array.from({ length: 20 }, () => decodedText(server, line)),
  );
  for (const [, text] of found) assert(text === LARGE);
});

Deno.test("compression: when its memory is used up, bodies go out as they are", async () => {
  await using server = serve(ALL, FILES);
  const refusals = CODEC_MEMORY.refusals;
  const left = CODEC_MEMORY.budget - CODEC_MEMORY.bytes;
  assert(CODEC_MEMORY.take(left));
  try {
    for (const coding of ["gzip", "br", "zstd"]) {
      for (const [name, text] of [["medium", MEDIUM], ["large", LARGE]]) {
        const line = `/${name}.txt | Accept-Encoding: ${coding}`;
        assertEquals(await decodedText(server, line), ["identity", text], line);
      }
      // What needs no codec for longer than a moment.
      const small = `/small.txt | Accept-Encoding: ${coding}`;
      assertEquals(await decodedText(server, small), [coding, SMALL]);
    }
    assertEquals(CODEC_MEMORY.refusals, refusals + 6);
  } finally {
    CODEC_MEMORY.give(left);
  }
  for (const name of ["medium", "large"]) {
    const line = `/${name}.txt | Accept-Encoding: gzip`;
    assertEquals((await decodedText(server, line))[0], "gzip");
  }
  await until(() => CODEC_MEMORY.bytes === 0);
});

Deno.test("compression: slow clients of a file hold no codec", async () => {
  await using server = serve(ALL, FILES);
  const clients = await Promise.all(
    Array.from({ length: 30 }, () => RawClient.connect(server.port)),
  );
  for (const client of clients) {
    await client.send(
      "GET /medium.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n",
    );
  }
  // Nobody has read anything, and the work is done.
  await until(() =>
    CODEC_MEMORY.bytes === 0 &&
    server.server.statistics.snapshot().compressed.bytes > 0
  );
  for (const client of clients) {
    const response = await client.response();
    assertEquals(response?.field("content-encoding"), "br");
    client.close();
  }
});

Deno.test("gunzip: without memory for a decoder a client is put off", async () => {
  await using server = serve("gzip_static always; gunzip on;", {
    "www/a.txt.gz": gzipSync(LARGE),
  });
  const left = CODEC_MEMORY.budget - CODEC_MEMORY.bytes;
  assert(CODEC_MEMORY.take(left));
  const refused = await send(server, "/a.txt");
  CODEC_MEMORY.give(left);
  assertEquals(refused.status, 503);
  assertEquals(refused.field("retry-after"), "5");
  assertEquals((await send(server, "/a.txt")).text, LARGE);
});

Deno.test("gunzip: what stands in for an error is decoded, a part is not", async () => {
  await using server = serve(
    `gzip_static always; gunzip on;
    location /wrong { error_page 500 /a.txt; return 500; }
    location /gone { error_page 410 =404 /a.txt; return 410; }`,
    { "www/a.txt.gz": gzipSync(SMALL) },
  );
  const no = "content-encoding: -";
  const gzip = "Accept-Encoding: gzip";
  await assertAnswers(server, [
    ["/wrong", "500", no, SMALL],
    ["/gone", "404", no, SMALL],
    ["/a.txt", "200", no, SMALL],
    ["HEAD /wrong", "500", no, ""],
    [`/wrong | ${gzip}`, "500", "content-encoding: gzip"],
  ]);
});

Deno.test("compression_memory is in force as long as its configuration is", async () => {
  await using server = serve("", {});
  assertEquals(CODEC_MEMORY.budget, 64 * 1024 * 1024);
  const config = (directive: string) =>
    `http { ${directive} server { listen 127.0.0.1:0; } }`;
  server.serve(config("compression_memory 10m;"));
  assertEquals(CODEC_MEMORY.budget, 10 * 1024 * 1024);
  server.serve(config(""));
  assertEquals(CODEC_MEMORY.budget, 64 * 1024 * 1024);
});

Deno.test("compression: directives are checked", () => {
  const warnings: string[] = [];
  configured("gzip_types text/css text/css text/html;", warnings);
  assertEquals(warnings, [
    'duplicate MIME type "text/css" in x.conf:1',
    'duplicate MIME type "text/html" in x.conf:1',
  ]);
  const rows: [directives: string, message: string][] = [
    [
      "gzip maybe;",
      'invalid value "maybe" in "gzip" directive, it must be ' +
      '"on" or "off"',
    ],
    ["gzip_comp_level 0;", "value must be between 1 and 9"],
    ["gzip_comp_level 10;", "value must be between 1 and 9"],
    ["brotli_comp_level 12;", "value must be between 0 and 11"],
    ["zstd_comp_level 20;", "value must be between 1 and 19"],
    ["gzip_min_length x;", '"gzip_min_length" directive invalid value'],
    ["gzip_proxied sometimes;", 'invalid value "sometimes"'],
    [
      "gzip_buffers 4;",
      'invalid number of arguments in "gzip_buffers" directive',
    ],
    [
      "gzip_http_version 2;",
      'invalid value "2" in "gzip_http_version" ' +
      'directive, it must be "1.0" or "1.1"',
    ],
  ];
  for (const [directives, message] of rows) {
    assertEquals(serverError(directives), `${message} in x.conf:1`, directives);
  }
  configured("gzip_buffers 16 8k; gzip_disable msie6;");
});

/** What a location says of freshness, and the parameters of `gzip_proxied`
 * with which nginx 1.22 compresses its files for proxies. */
const PROXIED: [directives: string, parameters: string][] = [
  ["", "expired no-cache no-store private no_last_modified auth any"],
  [
    "etag off;",
    "expired no-cache no-store private no_last_modified no_etag auth any",
  ],
  ["expires 1h;", "any"],
  ["expires max;", "any"],
  ["expires 0;", "any"],
  ["expires -1;", "expired any"],
  ["expires epoch;", "expired any"],
  ['add_header Cache-Control "public";', "any"],
  ['add_header Cache-Control "no-cache";', "no-cache any"],
  ['add_header Cache-Control "max-age=1, No-Store";', "no-store any"],
  ['add_header Cache-Control "a; private ,b";', "private any"],
  ['add_header Cache-Control "private=x";', "any"],
  ['add_header Cache-Control "x-private, no-cachez";', "any"],
  [
    "add_header Cache-Control public; add_header Cache-Control no-store;",
    "no-store any",
  ],
];

Deno.test("gzip_proxied: every parameter, as nginx", async () => {
  const parameters = [
    "off",
    "expired",
    "no-cache",
    "no-store",
    "private",
    "no_last_modified",
    "no_etag",
    "auth",
    "any",
  ];
  const locations = PROXIED.flatMap(([directives], i) =>
    parameters.map((parameter) =>
      `location /${i}/${parameter}/ { alias www/; gzip_proxied ${parameter}; ${directives} }`
    )
  );
  await using server = serve(
    `gzip on; gzip_types text/plain; ${locations.join("\n")}
     location /two/ { alias www/; expires 1h; gzip_proxied expired any; }
     location /offany/ { alias www/; gzip_proxied off any; }
     location /static/ { alias www/; gzip off; gzip_static on; expires 1h;
       gzip_proxied expired; }
     location /staticoff/ { alias www/; gzip off; gzip_static on; }`,
    { ...FILES, "www/small.txt.gz": "zipped" },
  );
  const proxy = "Accept-Encoding: gzip | Via: 1.1 p";
  const encoding = (isCompressed: boolean) =>
    `content-encoding: ${isCompressed ? "gzip" : "-"}`;
  const rows = PROXIED.flatMap(([, compressing], i) =>
    parameters.flatMap((parameter): Row[] => {
      const path = `/${i}/${parameter}/small.txt`;
      const isCompressed = compressing.split(" ").includes(parameter);
      return [
        [`${path} | ${proxy}`, encoding(isCompressed)],
        [
          `${path} | ${proxy} | Authorization: x`,
          encoding(isCompressed || parameter === "auth"),
        ],
        [`${path} | Accept-Encoding: gzip`, encoding(true)],
      ];
    })
  );
  await assertAnswers(server, [
    ...rows,
    [`/two/small.txt | ${proxy}`, encoding(true)],
    [`/offany/small.txt | ${proxy}`, encoding(false)],
    // A sibling is chosen before anything is said of freshness.
    [`/static/small.txt | ${proxy}`, encoding(true)],
    [`/staticoff/small.txt | ${proxy}`, encoding(false)],
  ]);
});
