import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { LISTING_POLICY } from "../../../src/features/autoindex/listing_view.ts";
import { Exchanger } from "../../support/exchanger.ts";
import { RawClient } from "../../support/raw_client.ts";
import { read, request, serverOf } from "../../support/module_support.ts";

const BROKEN: [text: string, message: string][] = [
  ["autoindex maybe;", 'it must be "on" or "off"'],
  [
    "autoindex_format pdf;",
    'it must be "html", "json", "jsonp", "xml" or "page"',
  ],
  ["autoindex_exact_size 1;", 'it must be "on" or "off"'],
  ["autoindex_page_size x;", "autoindex_page_size"],
  ["autoindex_readme ../a;", 'invalid file name "../a"'],
  ["autoindex_localtime 1;", 'it must be "on" or "off"'],
];

for (const [text, message] of BROKEN) {
  Deno.test(`autoindex refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

const FILES = { "f/a.txt": "hello", "f/sub/x": "", "f/.hidden": "" };

/** 2001-02-03T04:05:06Z */
const TIME = new Date(981_173_106_000);

Deno.test("autoindex lists in every format", async () => {
  await using server = serverOf(
    `autoindex on;
     location /f/ { }
     location /rounded/ { autoindex_exact_size off; }
     location /json/ { autoindex_format json; }
     location /jsonp/ { autoindex_format jsonp; }
     location /xml/ { autoindex_format xml; }
     location /page/ { autoindex_format page; }
     location /off/ { autoindex off; }`,
    FILES,
  );
  const www = `${server.folder}/www`;
  for (const name of ["a.txt", "sub"]) {
    Deno.utimeSync(`${www}/f/${name}`, TIME, TIME);
  }
  for (
    const name of ["rounded", "json", "jsonp", "xml", "page", "off"]
  ) Deno.symlinkSync("f", `${www}/${name}`);
  const json =
    '[\r\n{ "name":"sub", "type":"directory", "mtime":"Sat, 03 Feb 2001 04:05:06 GMT" },\r\n' +
    '{ "name":"a.txt", "type":"file", "mtime":"Sat, 03 Feb 2001 04:05:06 GMT", "size":5 }\r\n]';
  const rows: [path: string, type: string, text: string][] = [
    [
      "/f/",
      "text/html; charset=utf-8",
      "<html>\r\n<head><title>Index of /f/</title></head>\r\n<body>\r\n" +
      '<h1>Index of /f/</h1><hr><pre><a href="../">../</a>\r\n' +
      `<a href="sub/">sub/</a>${
        " ".repeat(47)
      }03-Feb-2001 04:05                   -\r\n` +
      `<a href="a.txt">a.txt</a>${
        " ".repeat(46)
      }03-Feb-2001 04:05                   5\r\n` +
      "</pre><hr></body>\r\n</html>\r\n",
    ],
    ["/json/", "application/json", json],
    ["/jsonp/", "application/json", json],
    ["/jsonp/?callback=", "application/json", json],
    [
      "/jsonp/?callback=a.b",
      "application/javascript; charset=utf-8",
      `/* callback */\r\na.b(${json});`,
    ],
    [
      "/xml/",
      "text/xml; charset=utf-8",
      '<?xml version="1.0"?>\r\n<list>\r\n' +
      '<directory mtime="2001-02-03T04:05:06Z">sub</directory>\r\n' +
      '<file mtime="2001-02-03T04:05:06Z" size="5">a.txt</file>\r\n</list>\r\n',
    ],
  ];
  for (const [path, type, text] of rows) {
    const response = await request(server, path);
    assertEquals(response.status, 200);
    assertEquals(response.field("content-type"), type);
    assertEquals(response.text, text);
    assertEquals(response.field("content-security-policy"), undefined);
    assertEquals(response.field("content-length"), String(text.length));
  }
  const rounded = await request(server, "/rounded/");
  assert(rounded.text.includes(" 03-Feb-2001 04:05       5\r\n"));
  const page = await request(server, "/page/?C=S&O=D");
  assertEquals(page.field("content-security-policy"), LISTING_POLICY);
  assertEquals(page.field("x-content-type-options"), "nosniff");
  assert(page.text.includes('<a href="a.txt">'));
  assert(
    page.text.includes('aria-sort="descending"><a rel="nofollow" href="?C=S'),
  );
  assert(!page.text.includes('hidden"'));
  assertEquals((await request(server, "/off/")).status, 403);
});

Deno.test("autoindex pages are filtered, divided, and told as data", async () => {
  const names = Array.from({ length: 12 }, (_, i) => `f${i}.txt`);
  await using server = serverOf(
    `autoindex on; autoindex_format page; autoindex_page_size 5;
     autoindex_readme README.md README;`,
    {
      ...Object.fromEntries(names.map((name) => [name, ""])),
      "README": "<b>1 & 2</b>\u202e\n\nend",
      "sub/README.md": "x".repeat(40_000),
      "data/README.md": "a\0b",
    },
  );
  const shownBy = (text: string) =>
    [...text.matchAll(/href="(f\d+\.txt)"/g)].map(([, name]) => name);
  const first = (await request(server, "/")).text;
  assertEquals(shownBy(first), ["f0.txt", "f1.txt", "f2.txt"]);
  assert(first.includes("Page 1 of 3</p>"), first);
  assert(first.includes('<a rel="next" href="?page=2">Next</a>'));
  assert(first.includes("Times are in UTC."));
  const inert = "<pre>\n&lt;b&gt;1 &amp; 2&lt;/b&gt;\xef\xbf\xbd\n\nend</pre>";
  assert(first.includes(inert), first);
  const last = (await request(server, "/?page=99")).text;
  assertEquals(shownBy(last), ["f8.txt", "f9.txt", "f10.txt", "f11.txt"]);
  const some = (await request(server, "/?q=F1&C=N&O=D")).text;
  assertEquals(shownBy(some), ["f11.txt", "f10.txt", "f1.txt"]);
  assert(some.includes(">3 of 15 names</p>"), some);
  const hostile = (await request(server, "/?q=%22%3E%3Cscript%3E")).text;
  assert(hostile.includes('value="&quot;&gt;&lt;script&gt;"'), hostile);
  assert(hostile.includes("No name matches."));
  const json = await request(server, "/?format=json&q=f1");
  assertEquals(json.field("content-type"), "application/json");
  assertEquals(json.field("content-security-policy"), undefined);
  assertEquals(
    JSON.parse(json.text).map(({ name }: { name: string }) => name),
    ["f1.txt", "f10.txt", "f11.txt"],
  );
  const long = (await request(server, "/sub/")).text;
  assert(long.includes("The rest is in <a"));
  assert(!(await request(server, "/data/")).text.includes("<pre>"));
});

Deno.test("autoindex answers what it cannot list", async () => {
  await using server = serverOf(
    "autoindex on; autoindex_format jsonp; location = /none/ { }",
    { "file": "", "a/index.html": "index", ".git/config": "secret" },
  );
  const rows: [path: string, status: number, method?: string][] = [
    ["/none/", 404],
    ["/file/", 404],
    ["/.git/", 404],
    ["/a%00/", 400],
    ["/?callback=a%20b", 400],
    ["/?callback=<script>", 400],
    ["/?callback=ok", 200],
    ["/a/", 200],
  ];
  for (const [path, status, method = "GET"] of rows) {
    const response = await request(server, path, { method });
    assertEquals(response.status, status, path);
  }
});

Deno.test("autoindex counts characters where the charset is said", async () => {
  await using server = serverOf(
    "autoindex on; location /utf8/ { charset UTF-8; }",
    { "é": "", "utf8/é": "" },
  );
  const name = '<a href="%C3%A9">\xc3\xa9</a>';
  const bytes = (await request(server, "/")).text;
  assert(bytes.includes(`${name}${" ".repeat(49)}`), bytes);
  const characters = (await request(server, "/utf8/")).text;
  assert(characters.includes(`${name}${" ".repeat(50)}`), characters);
});

Deno.test("autoindex lists many names and lets others have their turn", async () => {
  const count = 2500;
  await using server = serverOf(
    `location /many/ { autoindex on; location /many/page/ { } }
     location /view/ { autoindex on; autoindex_format page; }
     location = /ping { return 200 pong; }`,
  );
  const www = `${server.folder}/www`;
  Deno.mkdirSync(`${www}/many`, { recursive: true });
  for (let i = 0; i < count; i++) {
    Deno.writeTextFileSync(`${www}/many/file-${i}`, "");
  }
  Deno.symlinkSync("many", `${www}/view`);
  let pings = 0;
  let listing = true;
  const listed = request(server, "/many/").finally(() => listing = false);
  while (listing) {
    assertEquals((await request(server, "/ping")).text, "pong");
    pings++;
  }
  assert(pings > 3, `${pings} answers beside the listing`);
  const response = await listed;
  assertEquals(response.field("transfer-encoding"), "chunked");
  assertEquals(response.text.match(/<a /g)!.length, count + 1);
  const old = await request(server, "/many/", { minorVersion: 0 });
  assertEquals(old.text, response.text);
  assertEquals(old.field("transfer-encoding"), undefined);

  for (const target of ["/view/", "/view/?C=M&O=D"]) {
    const { text } = await request(server, target);
    const names = text.matchAll(/href="(file-\d+)"/g).map(([, name]) => name);
    assertEquals(new Set(names).size, count, target);
  }
});

Deno.test("autoindex answers HEAD without looking into the folder", async () => {
  await using server = serverOf(
    `autoindex on; location /page/ { autoindex_format page; }
     location /json/ { autoindex_format json; }
     location /jsonp/ { autoindex_format jsonp; }`,
  );
  const www = `${server.folder}/www`;
  for (const folder of ["page", "json", "jsonp", "html"]) {
    Deno.mkdirSync(`${www}/${folder}`, { recursive: true });
    Deno.writeTextFileSync(`${www}/${folder}/a`, "x".repeat(9));
  }
  for (
    const target of ["/html/", "/page/", "/json/", "/jsonp/?callback=f"]
  ) {
    const [get, head] = await Promise.all(
      ["GET", "HEAD"].map((method) => request(server, target, { method })),
    );
    assertEquals([head!.status, head!.text], [200, ""], target);
    for (
      const field of [
        "content-type",
        "content-security-policy",
        "x-content-type-options",
      ]
    ) assertEquals(head!.field(field), get!.field(field), target);
    // A length would have to be counted.
    assertEquals(head!.field("content-length"), undefined, target);
  }
  const refused = await request(server, "/jsonp/?callback=(", {
    method: "HEAD",
  });
  assertEquals(refused.status, 400);
});

Deno.test("autoindex says how many names it cannot show", async () => {
  await using server = serverOf("autoindex on; autoindex_format page;");
  const www = `${server.folder}/www`;
  Deno.mkdirSync(www, { recursive: true });
  Deno.writeTextFileSync(`${www}/shown`, "");
  // No API of Deno can name them.
  const made = await new Deno.Command("sh", {
    args: ["-c", `touch "$(printf 'a\\351')" "$(printf '\\377.txt')"`],
    cwd: www,
  }).output();
  assert(made.success);
  const { text } = await request(server, "/");
  assert(text.includes("2 names left out: not UTF-8</p>"), text);
});

Deno.test("autoindex survives a client that goes away", async () => {
  await using server = serverOf(
    "autoindex on; location = /ping { return 200 pong; }",
  );
  const www = `${server.folder}/www`;
  Deno.mkdirSync(www, { recursive: true });
  for (let i = 0; i < 300; i++) Deno.writeTextFileSync(`${www}/${i}`, "");
  for (let i = 0; i < 5; i++) {
    using client = await RawClient.connect(server.port);
    await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await client.readSome(100);
  }
  assertEquals((await request(server, "/ping")).text, "pong");
});

Deno.test("autoindex shows links as such where they are not followed", async () => {
  await using server = serverOf(
    `autoindex on; autoindex_format json;
     location /bare/ { disable_symlinks on from=$document_root; }
     location /owned/ { disable_symlinks if_not_owner from=$document_root; }`,
    { "f/a.txt": "longer", "bare/a.txt": "longer", "owned/a.txt": "longer" },
  );
  const www = `${server.folder}/www`;
  for (const folder of ["f", "bare", "owned"]) {
    Deno.mkdirSync(`${www}/${folder}/sub`);
    Deno.symlinkSync("a.txt", `${www}/${folder}/link`);
    Deno.symlinkSync("sub", `${www}/${folder}/sublink`);
    Deno.symlinkSync("nowhere", `${www}/${folder}/dangling`);
    Deno.symlinkSync("a.txt", `${www}/${folder}/foreign`);
    Deno.symlinkSync("sub", `${www}/${folder}/foreignsub`);
  }
  const isRoot = Deno.statSync(www).uid === 0;
  if (isRoot) {
    const paths = ["foreign", "foreignsub"].map((name) =>
      `${www}/owned/${name}`
    );
    // Deno's own changes what a link leads to.
    new Deno.Command("chown", { args: ["-h", "65534", ...paths] }).outputSync();
  }
  const rows: [path: string, kinds: Record<string, string>][] = [
    ["/f/", { link: "file", sublink: "directory", dangling: "other" }],
    ["/bare/", { link: "other", sublink: "other", dangling: "other" }],
    ["/owned/", { link: "file", sublink: "directory", dangling: "other" }],
    ["/owned/", isRoot ? { foreign: "other", foreignsub: "other" } : {}],
  ];
  for (const [path, kinds] of rows) {
    const { text } = await request(server, path);
    const entries: { name: string; type: string; size: number }[] = JSON
      .parse(text);
    for (const [name, kind] of Object.entries(kinds)) {
      const entry = entries.find((one) => one.name === name);
      assertEquals(entry?.type, kind, `${path} ${name}`);
      if (kind === "file") assertEquals(entry?.size, 6, `${path} ${name}`);
    }
  }
});

Deno.test("autoindex shows nothing behind a link that is exchanged with one", async () => {
  await using server = serverOf(
    `autoindex on; autoindex_format json; open_file_cache off;
     disable_symlinks if_not_owner from=$document_root;`,
    { "f/mine.txt": "mine" },
  );
  const www = `${server.folder}/www`;
  // Only root gives a link to somebody else.
  if (Deno.build.os !== "linux" || Deno.statSync(www).uid !== 0) return;
  Deno.writeTextFileSync(`${server.folder}/secret`, "a longer secret");
  Deno.symlinkSync("mine.txt", `${www}/f/link`);
  Deno.symlinkSync(`${server.folder}/secret`, `${www}/other`);
  new Deno.Command("chown", { args: ["-h", "65534", `${www}/other`] })
    .outputSync();
  await using _exchanger = await Exchanger.start(
    `${www}/f/link`,
    `${www}/other`,
  );
  const sizes = new Set<unknown>();
  const end = performance.now() + 1500;
  while (performance.now() < end) {
    const { status, text } = await request(server, "/f/");
    if (status !== 200) continue;
    sizes.add(
      JSON.parse(text).find((entry: { name: string; size: number }) =>
        entry.name === "link" && entry.size === 15
      ),
    );
  }
  assertEquals([...sizes], [undefined]);
});

Deno.test({
  name: "autoindex lists no folder behind a link that is exchanged with one",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using server = serverOf(
      `autoindex on; open_file_cache off;
       disable_symlinks on from=$document_root;`,
      { "f/mine": "" },
    );
    const www = `${server.folder}/www`;
    Deno.mkdirSync(`${server.folder}/elsewhere`);
    Deno.writeTextFileSync(`${server.folder}/elsewhere/secret`, "");
    Deno.symlinkSync(`${server.folder}/elsewhere`, `${www}/link`);
    await using _exchanger = await Exchanger.start(`${www}/f`, `${www}/link`);
    const seen = new Set<string>();
    const end = performance.now() + 1500;
    while (performance.now() < end) {
      const { status, text } = await request(server, "/f/");
      seen.add(`${status} ${/mine|secret/.exec(text)?.[0] ?? ""}`);
    }
    // Nothing may be there just when the folder or its names are looked at.
    const allowed = new Set(["200 mine", "200 ", "403 ", "404 "]);
    assertEquals(seen.difference(allowed).size, 0);
    assert(seen.size > 0);
  },
});
