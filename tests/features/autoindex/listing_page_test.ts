import { assert, assertEquals } from "@std/assert";
import type { ListingEntry } from "../../../src/features/autoindex/listing_entry.ts";
import { renderListing } from "../../../src/features/autoindex/listing_page.ts";

/** 2026-11-23T19:04:13Z */
const MTIME_MS = 1_795_460_653_000;
const DATE = "23-Nov-2026 19:04";

function file(name: string, size = 0, mtimeMs = MTIME_MS): ListingEntry {
  return { name, kind: "file", size, mtimeMs };
}

function folder(name: string): ListingEntry {
  return { name, kind: "directory", size: 4096, mtimeMs: MTIME_MS };
}

function pageOf(
  path: string,
  entries: ListingEntry[],
  utf8 = false,
): string {
  const bytes = new TextEncoder().encode(
    [...renderListing(path, entries, { utf8 })].join(""),
  );
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** The lines of the entries, without the line terminator. */
function linesOf(entries: ListingEntry[], utf8 = false): string[] {
  return pageOf("/", entries, utf8).split("\r\n").slice(4, -3);
}

Deno.test("renderListing writes an empty folder as nginx does", () => {
  assertEquals(
    pageOf("/empty/", []),
    "<html>\r\n<head><title>Index of /empty/</title></head>\r\n<body>\r\n" +
      '<h1>Index of /empty/</h1><hr><pre><a href="../">../</a>\r\n' +
      "</pre><hr></body>\r\n</html>\r\n",
  );
});

Deno.test("renderListing escapes the path as nginx does", () => {
  const page = pageOf("/<b>&\"x'/", []);
  assert(page.includes("<title>Index of /&lt;b&gt;&amp;&quot;x'/</title>"));
  assert(page.includes("<h1>Index of /&lt;b&gt;&amp;&quot;x'/</h1><hr><pre>"));
});

/** Copied from nginx 1.22.1, which listed files of these names. */
const LINE_ROWS: [entry: ListingEntry, line: string][] = [
  [
    file("a.txt", 35, 0),
    '<a href="a.txt">a.txt</a>                                              01-Jan-1970 00:00                  35',
  ],
  [
    file("Z.txt", 35, 981_173_106_000),
    '<a href="Z.txt">Z.txt</a>                                              03-Feb-2001 04:05                  35',
  ],
  [
    file("big", 12_345_678_901),
    '<a href="big">big</a>                                                23-Nov-2026 19:04         12345678901',
  ],
  [
    file("empty"),
    '<a href="empty">empty</a>                                              23-Nov-2026 19:04                   0',
  ],
  [
    folder("sub"),
    '<a href="sub/">sub/</a>                                               23-Nov-2026 19:04                   -',
  ],
  [
    folder("d:x"),
    '<a href="d%3Ax/">d:x/</a>                                               23-Nov-2026 19:04                   -',
  ],
  [
    folder("D<>"),
    '<a href="D%3C%3E/">D&lt;&gt;/</a>                                               23-Nov-2026 19:04                   -',
  ],
  [
    file("<script>alert(1)<", 119),
    '<a href="%3Cscript%3Ealert%281%29%3C">&lt;script&gt;alert(1)&lt;</a>                                  23-Nov-2026 19:04                 119',
  ],
  [
    file("q\"uote's", 56),
    '<a href="q%22uote%27s">q&quot;uote\'s</a>                                           23-Nov-2026 19:04                  56',
  ],
  [
    file("&amp;", 35),
    '<a href="%26amp%3B">&amp;amp;</a>                                              23-Nov-2026 19:04                  35',
  ],
  [
    file("100%", 28),
    '<a href="100%25">100%</a>                                               23-Nov-2026 19:04                  28',
  ],
  [
    file("what?", 35),
    '<a href="what%3F">what?</a>                                              23-Nov-2026 19:04                  35',
  ],
  [
    file("a:b", 21),
    '<a href="a%3Ab">a:b</a>                                                23-Nov-2026 19:04                  21',
  ],
  [
    file("hash#", 35),
    '<a href="hash%23">hash#</a>                                              23-Nov-2026 19:04                  35',
  ],
  [
    file("with space", 70),
    '<a href="with%20space">with space</a>                                         23-Nov-2026 19:04                  70',
  ],
  [
    file("plus+", 35),
    '<a href="plus%2B">plus+</a>                                              23-Nov-2026 19:04                  35',
  ],
  [
    file("a\\b", 21),
    '<a href="a%5Cb">a\\b</a>                                                23-Nov-2026 19:04                  21',
  ],
  [
    file("new\nline", 56),
    '<a href="new%0Aline">new\nline</a>                                           23-Nov-2026 19:04                  56',
  ],
  [
    file("~t", 14),
    '<a href="~t">~t</a>                                                 23-Nov-2026 19:04                  14',
  ],
  [
    file("été.txt", 63),
    '<a href="%C3%A9t%C3%A9.txt">été.txt</a>                                          23-Nov-2026 19:04                  63',
  ],
  [
    file("x".repeat(49), 343),
    `<a href="${"x".repeat(49)}">${
      "x".repeat(49)
    }</a>  23-Nov-2026 19:04                 343`,
  ],
  [
    file("y".repeat(50), 350),
    `<a href="${"y".repeat(50)}">${
      "y".repeat(50)
    }</a> 23-Nov-2026 19:04                 350`,
  ],
  [
    file("z".repeat(51), 357),
    `<a href="${"z".repeat(51)}">${
      "z".repeat(47)
    }..&gt;</a> 23-Nov-2026 19:04                 357`,
  ],
  [
    folder("f".repeat(49)),
    `<a href="${"f".repeat(49)}/">${
      "f".repeat(49)
    }/</a> 23-Nov-2026 19:04                   -`,
  ],
  [
    folder("e".repeat(50)),
    `<a href="${"e".repeat(50)}/">${
      "e".repeat(50)
    }</a> 23-Nov-2026 19:04                   -`,
  ],
  [
    folder("g".repeat(51)),
    `<a href="${"g".repeat(51)}/">${
      "g".repeat(47)
    }..&gt;</a> 23-Nov-2026 19:04                   -`,
  ],
  [
    file("&".repeat(50), 350),
    `<a href="${"%26".repeat(50)}">${
      "&amp;".repeat(50)
    }</a> 23-Nov-2026 19:04                 350`,
  ],
  [
    file("<".repeat(55), 385),
    `<a href="${"%3C".repeat(55)}">${
      "&lt;".repeat(47)
    }..&gt;</a> 23-Nov-2026 19:04                 385`,
  ],
];

for (const [entry, line] of LINE_ROWS) {
  Deno.test(`renderListing writes ${JSON.stringify(entry.name)} as nginx does`, () => {
    assertEquals(linesOf([entry]), [line]);
  });
}

/** The same with `charset utf-8`, where nginx counts characters. */
const UTF8_ROWS: [name: string, shown: string][] = [
  ["été.txt", `été.txt</a>${" ".repeat(43)}`],
  ["é".repeat(50), `${"é".repeat(50)}</a>`],
  ["é".repeat(51), `${"é".repeat(47)}..&gt;</a>`],
  ["日本語".repeat(16), `${"日本語".repeat(16)}</a>  `],
  ["😀".repeat(51), `${"😀".repeat(47)}..&gt;</a>`],
];

for (const [name, shown] of UTF8_ROWS) {
  Deno.test(`renderListing counts the characters of ${name} if told to`, () => {
    const link = `<a href="${encodeURIComponent(name)}">`;
    const size = "1".padStart(19);
    assertEquals(linesOf([file(name, 1)], true), [
      `${link}${shown} ${DATE} ${size}`,
    ]);
  });
}

/** Unlike nginx, which cuts through the character. */
const CUT_ROWS: [name: string, shown: string][] = [
  ["é".repeat(26), "é".repeat(23)],
  ["日".repeat(17), "日".repeat(15)],
  ["😀".repeat(13), "😀".repeat(11)],
  [`a${"é".repeat(25)}`, `a${"é".repeat(23)}`],
];

for (const [name, shown] of CUT_ROWS) {
  Deno.test(`renderListing cuts ${name} between characters`, () => {
    const line = linesOf([file(name)])[0]!;
    assert(line.includes(`>${shown}..&gt;</a> ${DATE} `), line);
  });
}

Deno.test("renderListing percent-encodes all but the unreserved characters", () => {
  for (let code = 1; code < 0x80; code++) {
    const name = `x${String.fromCharCode(code)}`;
    const encoded = /[A-Za-z0-9._~-]/.test(name[1]!)
      ? name
      : `x%${code.toString(16).toUpperCase().padStart(2, "0")}`;
    assert(
      linesOf([file(name)]).join("\r\n").startsWith(`<a href="${encoded}">`),
    );
  }
});

Deno.test("renderListing survives times and names that make no sense", () => {
  assertEquals(
    linesOf([file("a", 1, NaN)])[0]!.slice(-37, -20),
    "01-Jan-1970 00:00",
  );
  assert(
    linesOf([file("\ud800", 1)])[0]!.startsWith(
      '<a href="%EF%BF%BD">\ufffd</a>',
    ),
  );
  assert(linesOf([file("\ud800".repeat(60), 1)]).length === 1);
});

/** Sizes as nginx 1.22.1 rounded them with `autoindex_exact_size off`. */
const ROUNDED_ROWS: [size: number, shown: string][] = [
  [0, "      0"],
  [9999, "   9999"],
  [10_000, "    10K"],
  [10_751, "    10K"],
  [10_752, "    11K"],
  [1_048_575, "  1024K"],
  [1_048_576, "     1M"],
  [1_572_863, "     1M"],
  [1_572_864, "     2M"],
  [1_073_741_823, "  1024M"],
  [1_073_741_824, "     1G"],
  [1_610_612_736, "     2G"],
  [12_345_678_901, "    11G"],
];

for (const [size, shown] of ROUNDED_ROWS) {
  Deno.test(`renderListing rounds ${size} as nginx does`, () => {
    const text = [...renderListing("/", [file("a", size)], {
      exactSize: false,
    })].join("");
    assertEquals(text.split("\r\n")[4]!.slice(-26), ` ${DATE} ${shown}`);
  });
}

Deno.test("renderListing shows no size of a folder, in either width", () => {
  const [, row] = [...renderListing("/", [folder("a")], { exactSize: false })];
  assert(row!.endsWith(`${DATE}       -\r\n`));
});

Deno.test("renderListing shows times ahead of UTC", () => {
  const rows = [...renderListing("/", [file("a"), file("b", 0, NaN)], {
    offsetMinutes: 330,
  })];
  assert(rows[1]!.includes(" 24-Nov-2026 00:34 "));
  assert(rows[2]!.includes(" 01-Jan-1970 00:00 "));
});
