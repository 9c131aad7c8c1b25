import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { Chromium } from "../../support/chromium.ts";
import {
  read,
  request,
  serverOf,
  valuesOf,
} from "../../support/module_support.ts";
import { isInstalled } from "../../support/programs.ts";
import { get } from "../../support/raw_client.ts";
import { ServerProcess } from "../../support/server_process.ts";

const BROKEN: [text: string, message: string][] = [
  ["live_reload;", "invalid number of arguments"],
  ["live_reload live;", 'invalid URI "live"'],
  ["live_reload '/a\"b';", "invalid URI"],
  ["live_reload /a?b;", "invalid URI"],
  ["live_reload /a; live_reload /b;", "is duplicate"],
  ["server { live_events www; }", "is not allowed here"],
  ["server { location / { live_events; } }", "invalid number of arguments"],
];

for (const [text, message] of BROKEN) {
  Deno.test(`live refuses ${text}`, () => {
    assertThrows(() => read(text), ConfigError, message);
  });
}

/** Waits until a page, which may be loading, shows something. */
async function until(
  shown: () => Promise<string>,
  expected: string,
): Promise<void> {
  const end = performance.now() + 10_000;
  let last = "";
  while (last !== expected && performance.now() < end) {
    last = await shown().catch(String);
  }
  assertEquals(last, expected);
}

const CONFIG = `live_reload /.live;
  location = /.live { live_events www; }
  location /plain { live_reload off; }`;

const LINE = /^<script src="\/\.live\?version=\d+" async><\/script>\n$/;

Deno.test("live_reload refuses an URI where nobody answers", () => {
  const message = '"live_reload" has nobody who answers';
  assertThrows(() => serverOf("live_reload /a;"), ConfigError, message);
});

Deno.test("live_reload adds its line to HTML, and to nothing else", async () => {
  await using site = serverOf(CONFIG, {
    "a.html": "page\n",
    "a.txt": "text",
    "plain/a.html": "plain",
  });
  const page = await request(site, "/a.html");
  assertEquals(page.text.slice(0, 5), "page\n");
  assertMatch(page.text.slice(5), LINE);
  assertEquals(valuesOf(page, "last-modified"), []);
  assertEquals(valuesOf(page, "accept-ranges"), []);
  assertEquals(valuesOf(page, "content-length"), [String(page.text.length)]);
  const [etag = ""] = valuesOf(page, "etag");
  assertMatch(etag, /^W\/"\w+-\w+-\w+"$/);

  const rows: [target: string, fields: string, status: number][] = [
    ["/a.html", `If-None-Match: ${etag}\r\n`, 304],
    ["/a.html", "Range: bytes=0-1\r\n", 200],
    ["/none.html", "", 404],
  ];
  for (const [target, fields, status] of rows) {
    assertEquals((await request(site, target, { fields })).status, status);
  }
  const head = await request(site, "/a.html", { method: "HEAD" });
  assertEquals(valuesOf(head, "content-length"), [String(page.text.length)]);
  const missing = await request(site, "/none.html");
  assertMatch(missing.text.split("</html>\r\n")[1] ?? missing.text, /<script/);
  assertEquals((await request(site, "/a.txt")).text, "text");
  assertEquals((await request(site, "/plain/a.html")).text, "plain");
});

Deno.test("live_reload adds its line to pages alone, which may then load it", async () => {
  const wide = new Uint8Array([0xff, 0xfe, 0x3c, 0, 0x70, 0, 0x3e, 0]);
  await using site = serverOf(
    `${CONFIG}
    charset_types text/html;
    location /wide/ { charset utf-16le; override_charset on; }
    location /list/ { autoindex on; autoindex_format page; }
    location /coded/ { gzip_static always; }
    location = /status { status_page; sub_filter const CONST; }`,
    {
      "a.html": "page",
      "bom.html": wide,
      "wide/a.html": "page",
      "list/a.txt": "",
      "coded/a.html.gz": wide,
    },
  );
  const rows: [target: string, fields: string, isAdded: boolean][] = [
    ["/a.html", "Sec-Fetch-Dest: document\r\n", true],
    ["/a.html", "Sec-Fetch-Dest: iframe\r\n", true],
    ["/a.html", "Sec-Fetch-Dest: empty\r\n", false],
    ["/a.html", "Sec-Fetch-Dest: script\r\n", false],
    ["/none", "Sec-Fetch-Dest: empty\r\n", false],
    ["/bom.html", "", false],
    ["/wide/a.html", "", false],
    ["/coded/a.html", "Accept-Encoding: gzip\r\n", false],
    ["/list/", "", true],
    ["/status", "", false],
  ];
  for (const [target, fields, isAdded] of rows) {
    const page = await request(site, target, { fields });
    assertEquals(page.text.includes("/.live?version="), isAdded, target);
    assertEquals(valuesOf(page, "vary").includes("Sec-Fetch-Dest"), isAdded);
  }
  const list = await request(site, "/list/");
  const [policy = ""] = valuesOf(list, "content-security-policy");
  assertMatch(policy, /; script-src 'sha256-\S+' 'self'; connect-src 'self';/);
  // Its policy has the hash of its script.
  const status = await request(site, "/status");
  assertEquals(/\bconst\b/.test(status.text), true);
  assertEquals(status.text.includes("CONST"), false);
});

Deno.test("every policy of a page is one that lets it load the script", async () => {
  await using site = serverOf(
    `${CONFIG}
    gzip on; gzip_min_length 1;
    location /constant/ {
      add_header Content-Security-Policy "script-src a.example";
      add_header content-security-policy "connect-src b.example";
    }
    location /asked/ {
      more_set_headers "Content-Security-Policy: script-src $arg_a";
      add_header Content-Security-Policy "connect-src $arg_b";
    }
    location /off/ {
      live_reload off;
      add_header Content-Security-Policy "script-src $arg_a";
    }`,
    { "constant/a.html": "a", "asked/a.html": "a", "off/a.html": "a" },
  );
  const both = ["script-src a.example 'self'", "connect-src b.example 'self'"];
  const rows: [target: string, fields: string, policies: string[]][] = [
    ["/constant/a.html", "", both],
    ["/asked/a.html?a=a.example&b=b.example", "", both],
    [
      "/asked/a.html?a=a.example&b=b.example",
      "Accept-Encoding: gzip\r\n",
      both,
    ],
    [
      "/asked/a.html?a=a.example&b=b.example",
      "Sec-Fetch-Dest: empty\r\n",
      ["script-src a.example", "connect-src b.example"],
    ],
    ["/off/a.html?a=a.example", "", ["script-src a.example"]],
  ];
  for (const [target, fields, policies] of rows) {
    const page = await request(site, target, { fields });
    assertEquals(valuesOf(page, "content-security-policy"), policies, target);
  }
});

Deno.test("a page whose policy keeps the script away is told of once", async () => {
  const meta = (policy: string) =>
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`;
  await using server = await ServerProcess.start({
    config: `error_log error.log warn;
      http {
        access_log off;
        live_reload /.live;
        server {
          listen 127.0.0.1:0;
          root www;
          location = /.live { live_events www; }
          location /header/ {
            add_header Content-Security-Policy $arg_policy;
          }
        }
      }`,
    files: {
      "www/none.html": meta("default-src 'none'"),
      "www/self.html": meta("default-src 'self'"),
      "www/other.html": meta("script-src https://cdn.example"),
      "www/host.html": meta("script-src a.example"),
      "www/header/a.html": "a",
      "www/header/b.html": "b",
    },
  });
  const targets = [
    "/self.html",
    "/none.html",
    "/none.html",
    "/other.html",
    "/host.html",
    // What can be allowed is.
    "/header/a.html?policy=connect-src",
    "/header/b.html?policy=sandbox",
    "/header/b.html?policy=sandbox",
  ];
  for (const target of targets) await get(server.port, target);
  await server.stop();
  const told = server.read("error.log").matchAll(
    /\[warn\] .* "(\S+)" is not loaded again when a file changes: (?:its|the)/g,
  );
  assertEquals([...told].map(([, path]) => path), [
    "/none.html",
    "/other.html",
    "/header/b.html",
  ]);
});

Deno.test("live_events gives the script, and an event for an older version", async () => {
  await using site = serverOf(CONFIG, { "a.html": "page" });
  const script = await request(site, "/.live?version=1");
  assertEquals(valuesOf(script, "content-type"), [
    "text/javascript; charset=utf-8",
  ]);
  const event = await request(site, "/.live?since=1");
  assertMatch(event.text, /^retry: 200\nevent: change\ndata: \d+\n\n$/);
  const post = await request(site, "/.live?since=1", { method: "POST" });
  assertEquals(post.status, 405);
});

Deno.test({
  name:
    "a page is loaded again when it or its style sheet changes, its log not",
  ignore: !isInstalled("chromium"),
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const write = (name: string, text: string) =>
      Deno.writeTextFileSync(`${folder}/${name}`, text);
    const page = (text: string) =>
      `<!doctype html><meta http-equiv="Content-Security-Policy" ` +
      `content="default-src 'self'"><link rel=stylesheet href=a.css><p>${text}</p>`;
    write("index.html", page("one"));
    write("a.css", "p { color: rgb(1, 0, 0) }");
    {
      await using server = await ServerProcess.startIn(folder, {
        args: [folder, "-l", "127.0.0.1:0", "--live", "-e", `${folder}/log`],
      });
      await using browser = await Chromium.start();
      await browser.open(`http://127.0.0.1:${server.port}/`);
      const shown = () =>
        browser.evaluate<string>(
          "document.querySelector('p').textContent + " +
            "getComputedStyle(document.querySelector('p')).color",
        );
      assertEquals(await shown(), "onergb(1, 0, 0)");
      // Each answer makes a line of the log, which is in the folder.
      await browser.evaluate("self.isFirst = true");
      for (let request = 0; request < 3; request++) {
        await (await fetch(`http://127.0.0.1:${server.port}/none`)).text();
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      assertEquals(await browser.evaluate("self.isFirst"), true);
      write("index.html", page("two"));
      await until(shown, "tworgb(1, 0, 0)");
      write("a.css", "p { color: rgb(2, 0, 0) }");
      await until(shown, "tworgb(2, 0, 0)");
    }
  },
});
