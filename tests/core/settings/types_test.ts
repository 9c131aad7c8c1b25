import { assertEquals } from "@std/assert";
import { extensionOf, fieldsOfType } from "../../../src/core/settings/types.ts";
import { configured, serverError } from "../../support/config_support.ts";
import { assertAnswers, type Row, serve } from "../../support/serving.ts";

Deno.test("extensionOf() is nginx's", () => {
  const rows: [path: string, extension: string][] = [
    ["/a.txt", "txt"],
    ["/a.TXT", "txt"],
    ["/a.tar.gz", "gz"],
    ["/a.b/c", ""],
    ["/a.b/c.d", "d"],
    ["/a.", ""],
    ["/a..b", "b"],
    ["/noext", ""],
    ["/.hidden", ""],
    ["/d/.hidden", ""],
    ["/.hidden.txt", "txt"],
    ["/", ""],
    ["/a.txt~", "txt~"],
  ];
  for (const [path, extension] of rows) {
    assertEquals(extensionOf(path), extension, path);
  }
});

const BINARY = "\x7fELF\x02\x01\x01\0";
const NAMES = ["a.html", "a.txt", "a.sig", "a.whl", "noext", "program"];

/** Files of each name in each folder; those with no type are both kinds. */
function filesIn(folders: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    folders.flatMap((folder) =>
      NAMES.map((name) =>
        [
          `www/${folder}/${name}`,
          /program|whl/.test(name) ? BINARY : "text\n",
        ] as const
      )
    ),
  );
}

const UTF8 = "; charset=utf-8";

Deno.test("types: a table says all there is, and replaces the outer one", async () => {
  const directives = `
    location /none/ { }
    location /default/ { default_type a/default; }
    location /table/ {
      types { text/html html; a/text txt; }
      location /table/default/ { default_type a/default; }
      location /table/inner/ { types { a/inner sig; } default_type a/b; }
      location /table/empty/ { types { } default_type a/b; }
      location /table/more/ { types { built_in; a/more txt whl; } }
    }
    location /two/ { types { a/one html; } types { a/two TXT; } default_type a/b; }`;
  const rows: [folder: string, ...types: string[]][] = [
    [
      "none",
      `text/html${UTF8}`,
      `text/plain${UTF8}`,
      "application/pgp-signature",
      "application/octet-stream",
      `text/plain${UTF8}`,
      "application/octet-stream",
    ],
    [
      "default",
      `text/html${UTF8}`,
      `text/plain${UTF8}`,
      "application/pgp-signature",
      "a/default",
      "a/default",
      "a/default",
    ],
    [
      "table",
      `text/html${UTF8}`,
      "a/text",
      `text/plain${UTF8}`,
      "application/octet-stream",
      `text/plain${UTF8}`,
      "application/octet-stream",
    ],
    [
      "table/default",
      `text/html${UTF8}`,
      "a/text",
      "a/default",
      "a/default",
      "a/default",
      "a/default",
    ],
    ["table/inner", "a/b", "a/b", "a/inner", "a/b", "a/b", "a/b"],
    ["table/empty", "a/b", "a/b", "a/b", "a/b", "a/b", "a/b"],
    [
      "table/more",
      `text/html${UTF8}`,
      "a/more",
      "application/pgp-signature",
      "a/more",
      `text/plain${UTF8}`,
      "application/octet-stream",
    ],
    ["two", "a/one", "a/two", "a/b", "a/b", "a/b", "a/b"],
  ];
  await using server = serve(
    directives,
    filesIn(rows.map(([folder]) => folder)),
  );
  await assertAnswers(
    server,
    rows.flatMap(([folder, ...types]) =>
      NAMES.map((name, i): Row => [
        `/${folder}/${name}`,
        "200",
        `content-type: ${types[i]}`,
      ])
    ),
  );
});

Deno.test("types: in http and server too", async () => {
  const files = filesIn(["."]);
  for (
    const directives of [
      "types { a/text txt; } default_type a/b;",
      "location / { types { a/text txt; } default_type a/b; }",
    ]
  ) {
    await using server = serve(directives, files);
    await assertAnswers(server, [
      ["/a.html", "content-type: a/b"],
      ["/a.txt", "content-type: a/text"],
      ["/a.sig", "content-type: a/b"],
      ["/noext", "content-type: a/b"],
    ]);
  }
});

Deno.test("types: the content of the file itself says what it is, not its variant's", async () => {
  const large = (end: string) => `${"text ü\n".repeat(1000)}${end}`;
  await using server = serve(
    `gzip_static on; open_file_cache_max_body 2000; open_file_cache_valid 0;
     location /always/ { alias www/; gzip_static always; }
     location /koi/ { alias www/; charset koi8-r; }
     location /off/ { alias www/; charset off; }
     location ~ ^/re/(.*)$ { alias www/$1; }
     location = /same { alias www/program; }
     location = /same.txt { alias www/program; }`,
    {
      "www/readme": "text\n",
      "www/readme.gz": BINARY,
      "www/program": BINARY,
      "www/program.gz": "not compressed",
      "www/only.gz": BINARY,
      "www/empty": "",
      "www/large": large(""),
      "www/late": large("\0"),
      "www/early": `\0${large("")}`,
      "www/latin": new Uint8Array([0x67, 0x72, 0xfc, 0xdf]),
      "www/utf16": new Uint8Array([0xff, 0xfe, 0x61, 0]),
    },
  );
  const data = "content-type: application/octet-stream";
  const text = `content-type: text/plain${UTF8}`;
  const gzip = "Accept-Encoding: gzip";
  await assertAnswers(server, [
    ["/readme", "200", text, "content-encoding: -"],
    [`/readme | ${gzip}`, "200", text, "content-encoding: gzip"],
    ["/program", "200", data],
    [`/program | ${gzip}`, "200", data, "content-encoding: gzip"],
    ["/always/readme", text, "content-encoding: gzip"],
    ["/always/only", data, "content-encoding: gzip"],
    ["/empty", text],
    ["HEAD /large", text],
    // Only the beginning is looked at.
    ["HEAD /late", text],
    ["HEAD /early", data],
    ["/large | Range: bytes=0-3", "206", "text"],
    ["/latin", data],
    ["/koi/latin", "content-type: text/plain; charset=koi8-r"],
    ["/off/latin", "content-type: text/plain"],
    ["/koi/program", data],
    ["/utf16", "content-type: text/plain; charset=utf-16"],
    ["/koi/utf16", "content-type: text/plain; charset=utf-16"],
    ["/re/program", data],
    ["/re/readme", text],
    ["/same", data],
    ["/same.txt", text],
  ]);
  // A new version is looked at anew.
  const { folder } = server;
  Deno.writeTextFileSync(`${folder}/www/next`, "now with a \0\n");
  Deno.renameSync(`${folder}/www/next`, `${folder}/www/empty`);
  await assertAnswers(server, [["/empty", "200", data]]);
});

Deno.test("types and default_type refuse what makes no sense", () => {
  const rows: [directives: string, message: string][] = [
    [
      "types { html; }",
      'invalid media type "html", expected type/subtype',
    ],
    [
      'types { "text/a\tb" x; }',
      'invalid media type "text/a\tb", expected type/subtype',
    ],
    ['default_type "a\x01b";', 'invalid media type "a\x01b"'],
    [
      "default_type a/b; default_type c/d;",
      '"default_type" directive is duplicate',
    ],
  ];
  for (const [directives, message] of rows) {
    assertEquals(serverError(directives), `${message} in x.conf:1`);
  }
});

Deno.test("types warns of an extension that has two types", () => {
  const warnings: string[] = [];
  configured("server { types { a/b x y; a/c X; } types { a/d y; } }", warnings);
  assertEquals(warnings, [
    'duplicate extension "X", content type: "a/c", ' +
    'previous content type: "a/b" in x.conf:1',
    'duplicate extension "y", content type: "a/d", ' +
    'previous content type: "a/b" in x.conf:1',
  ]);
});

Deno.test("fieldsOfType() has no field of a type that is empty", () => {
  assertEquals([...fieldsOfType("a/b")], [["Content-Type", "a/b"]]);
  assertEquals([...fieldsOfType("")], []);
});
