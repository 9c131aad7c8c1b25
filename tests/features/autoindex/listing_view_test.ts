import { assert, assertEquals } from "@std/assert";
import type { ListingEntry } from "../../../src/features/autoindex/listing_entry.ts";
import { parseListingQuery } from "../../../src/features/autoindex/listing_query.ts";
import {
  formatSize,
  LISTING_POLICY,
  ListingTotal,
  type ListingView,
  renderView,
} from "../../../src/features/autoindex/listing_view.ts";
import { pageOf as pageOfEntries } from "../../../src/features/autoindex/listing_selection.ts";
import {
  LISTING_SCRIPT,
  LISTING_SCRIPT_SHA256,
} from "../../../src/features/autoindex/listing_view_script.ts";
import {
  LISTING_STYLE,
  LISTING_STYLE_SHA256,
} from "../../../src/features/autoindex/listing_view_style.ts";

/** 2026-11-23T19:04:13Z */
const MTIME_MS = 1_795_460_653_000;

function file(name: string, size = 0, mtimeMs = MTIME_MS): ListingEntry {
  return { name, kind: "file", size, mtimeMs };
}

function pageOf(
  entries: readonly ListingEntry[],
  changes: Partial<ListingView> = {},
): string {
  const total = new ListingTotal();
  for (const entry of entries) total.add(entry);
  const query = parseListingQuery("");
  return [...renderView({
    path: "/a/b/",
    ...pageOfEntries(entries, query, 0),
    query,
    total,
    zone: "UTC",
    offsetMinutesAt: () => 0,
    header: () => undefined,
    readme: () => undefined,
    ...changes,
  })].join("");
}

/** The row of one entry. */
function rowOf(
  entry: ListingEntry,
  changes: Partial<ListingView> = {},
): string {
  const rows = pageOf([entry], changes).split("\n").filter((line) =>
    line.startsWith("<tr") && line.includes("<time")
  );
  assertEquals(rows.length, 1);
  return rows[0]!;
}

async function sha256(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toBase64();
}

Deno.test("LISTING_POLICY allows style and script of the page and nothing else", async () => {
  const hash = await sha256(LISTING_STYLE);
  const scriptHash = await sha256(LISTING_SCRIPT);
  assertEquals(LISTING_STYLE_SHA256, hash);
  assertEquals(LISTING_SCRIPT_SHA256, scriptHash);
  assertEquals(
    LISTING_POLICY,
    `default-src 'none'; style-src 'sha256-${hash}'; ` +
      `script-src 'sha256-${scriptHash}'; connect-src 'self'; ` +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
  );
  const page = pageOf([file("a")]);
  assertEquals(page.match(/<style>([^<]*)<\/style>/)![1], LISTING_STYLE);
  assertEquals(page.match(/<script>([^]*?)<\/script>/)![1], LISTING_SCRIPT);
  assertEquals(page.match(/<(?:script|form)\b/g)!.length, 2);
  assert(!/<link|<img|<iframe|\sstyle=|\son\w+=/i.test(page));
  assert(!/https?:|url\(|@import|data:/.test(page), "nothing from elsewhere");
});

/** Names that try something. */
const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "javascript:alert(1)",
  "//evil.example/",
  "?C=M",
  "#top",
  "..\\..\\x",
  "&lt;b&gt;",
  "</style><style>*{display:none}",
  "</title><b>",
  "%2e%2e%2f",
  "a\r\nSet-Cookie: x",
  "\ud800",
  "{{7*7}}",
];

for (const name of HOSTILE) {
  Deno.test(`renderView() makes ${JSON.stringify(name)} inert`, () => {
    const row = rowOf(file(name));
    const [whole, href = "", text = ""] =
      /^<tr><td><a href="([^"]*)"><svg aria-hidden="true"><use href="#\w+"\/><\/svg><bdi>([^<>"]*)<\/bdi><\/a><\/td>/
        .exec(row) ?? [];
    assert(whole !== undefined && text !== "", row);
    assert(/^[A-Za-z0-9._~%-]+$/.test(href), href);
    assertEquals(decodeURIComponent(href), name.toWellFormed());
    const page = pageOf([], { path: `/${name.replaceAll("/", "")}/` });
    assertEquals(
      page.match(/<[a-z]+[^>]*>/g),
      pageOf([], { path: "/x/" })
        .match(/<[a-z]+[^>]*>/g)!,
      "a path adds no element",
    );
  });
}

const SHOWN: [name: string, shown: string][] = [
  ["invoice\u202egpj.exe", "invoice\ufffdgpj.exe"],
  ["a\u2066b\u2069", "a\ufffdb\ufffd"],
  ["a\u200bb\ufeff", "a\ufffdb\ufffd"],
  ["a\tb\nc\x7f\x85", "a\ufffdb\ufffdc\ufffd\ufffd"],
  ["مرحبا.txt", "مرحبا.txt"],
  ["日本語 é 😀", "日本語 é 😀"],
  ["a & b", "a &amp; b"],
];

for (const [name, shown] of SHOWN) {
  Deno.test(`renderView() shows ${JSON.stringify(name)}`, () => {
    assert(rowOf(file(name)).includes(`<bdi>${shown}</bdi>`));
  });
}

const SIZES: [bytes: number, text: string][] = [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1049, "1.0 kB"],
  [1050, "1.1 kB"],
  [9949, "9.9 kB"],
  [9950, "10 kB"],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [1_500_000, "1.5 MB"],
  [12_345_678_901, "12 GB"],
  [5e12, "5.0 TB"],
  [9e15, "9.0 PB"],
  [Number.MAX_SAFE_INTEGER * 1000, "9007 PB"],
];

for (const [bytes, text] of SIZES) {
  Deno.test(`formatSize() of ${bytes} is ${text}`, () => {
    assertEquals(formatSize(bytes), text);
  });
}

Deno.test("renderView() shows the time of the place and says the moment", () => {
  const row = rowOf(file("a", 1), { offsetMinutesAt: () => 330 });
  assert(row.includes(
    '<time datetime="2026-11-23T19:04:13.000Z">24 Nov 2026<span> 00:34</span></time>',
  ));
  const strange = rowOf(file("a", 1, NaN));
  assert(strange.includes(">1 Jan 1970<span> 00:00</span>"));
});

Deno.test("renderView() shows sizes of files alone", () => {
  assert(rowOf(file("a", 1)).includes('<td title="1 byte">1 B</td>'));
  assert(
    rowOf(file("a", 1_234_567)).includes('<td title="1,234,567 bytes">1.2 MB'),
  );
  for (const kind of ["directory", "other"] as const) {
    assert(rowOf({ ...file("a", 9), kind }).endsWith("<td></td></tr>"));
  }
});

const ICONS: [name: string, icon: string][] = [
  ["a.png", "image"],
  ["A.JPG", "image"],
  ["a.svg", "image"],
  ["a.mp4", "media"],
  ["a.mp3", "media"],
  ["a.zip", "archive"],
  ["a.tar.gz", "archive"],
  ["a.tgz", "archive"],
  ["a.js", "code"],
  ["a.json", "code"],
  ["a.ts", "code"],
  ["A.MTS", "code"],
  ["a.tsx", "code"],
  ["a.html", "code"],
  ["a.txt", "text"],
  ["a.md", "text"],
  ["a.pdf", "text"],
  ["a.unknown-ending", "file"],
  ["a", "file"],
  ["txt", "file"],
];

for (const [name, icon] of ICONS) {
  Deno.test(`renderView() gives ${name} the icon "${icon}"`, () => {
    const row = rowOf(file(name));
    assert(row.includes(`<use href="#${icon}"/>`), row);
    assert(pageOf([]).includes(`<symbol id="${icon}"`));
  });
}

Deno.test("renderView() links the folders above", () => {
  const page = pageOf([], { path: "/a b/<c>/d/" });
  const heading = /<h1>(.*)<\/h1>/.exec(page)![1]!;
  assertEquals(
    heading.replaceAll(/<\/?bdi>/g, ""),
    '<a href="../../../">Home</a><i>/</i><a href="../../">a b</a><i>/</i>' +
      '<a href="../">&lt;c&gt;</a><i>/</i><span aria-current="page">d</span>',
  );
  assert(page.includes('<a href="../"><svg'));
  const root = pageOf([], { path: "/" });
  assert(root.includes('<h1><span aria-current="page"><bdi>Home</bdi></span>'));
  assert(!root.includes("../"));
});

const HEADINGS: [args: string, sorted: string, links: string[]][] = [
  ["", "ascending", ["?C=N&amp;O=D", "?C=M&amp;O=D", "?C=S&amp;O=D"]],
  ["C=N&O=D", "descending", ["./", "?C=M&amp;O=D", "?C=S&amp;O=D"]],
  ["C=M&O=D", "descending", ["./", "?C=M&amp;O=A", "?C=S&amp;O=D"]],
  ["C=S&O=A", "ascending", ["./", "?C=M&amp;O=D", "?C=S&amp;O=D"]],
];

for (const [args, sorted, links] of HEADINGS) {
  Deno.test(`renderView() offers other orders than "${args}"`, () => {
    const page = pageOf([], { query: parseListingQuery(args) });
    const head = /<thead>(.*)<\/thead>/.exec(page)![1]!;
    assertEquals(
      [...head.matchAll(/<a rel="nofollow" href="([^"]*)">/g)]
        .map((m) => m[1]),
      links,
    );
    assertEquals([...head.matchAll(/aria-sort="(\w+)"/g)].map((m) => m[1]), [
      sorted,
    ]);
  });
}

Deno.test("renderView() sums up the folder", () => {
  const entries = [
    file("a", 1500),
    { ...file("d", 9), kind: "directory" as const },
    { ...file("o", 9), kind: "other" as const },
  ];
  assert(pageOf(entries).includes(">1 folder · 2 files · 1.5 kB</p>"));
  assert(pageOf([file("a", 1)]).includes(">1 file · 1 B</p>"));
  const total = new ListingTotal();
  total.unnamed = 1;
  assert(
    pageOf([], { total }).includes(">1 name left out: not UTF-8</p>"),
  );
  const empty = pageOf([]);
  assert(empty.includes(">This folder is empty.<"));
  assert(!empty.includes('class="sum"'));
});
