import { assertEquals } from "@std/assert";
import type { ListingEntry } from "../../../src/features/autoindex/listing_entry.ts";
import {
  formatListingQuery,
  listingComparison,
  type ListingQuery,
  nameFilter,
  nameKey,
  parseListingQuery,
} from "../../../src/features/autoindex/listing_query.ts";

const DEFAULT: ListingQuery = { column: "N", order: "A", filter: "", page: 1 };

const PARSE_ROWS: [args: string, expected: ListingQuery][] = [
  ["", DEFAULT],
  ["C=N&O=D", { ...DEFAULT, order: "D" }],
  ["C=M&O=A", { ...DEFAULT, column: "M" }],
  ["O=D&C=S&P=12", { ...DEFAULT, column: "S", order: "D" }],
  ["q=a+b%C3%A9&page=12", { ...DEFAULT, filter: "a bé", page: 12 }],
  ["q=&page=0", DEFAULT],
  ["page=-1&q=%zz", { ...DEFAULT, filter: "%zz" }],
  ["C=M", { ...DEFAULT, column: "M" }],
  ["C=X&O=Y", DEFAULT],
  ["C=n&O=d", DEFAULT],
  ["c=M", DEFAULT],
  ["C=X&C=M", { ...DEFAULT, column: "M" }],
  ["XC=M", DEFAULT],
  ["C", DEFAULT],
  ["C=%4D", DEFAULT],
  ["&&C=M&&", { ...DEFAULT, column: "M" }],
  ["C=M;O=D", DEFAULT],
];

for (const [args, expected] of PARSE_ROWS) {
  Deno.test(`parseListingQuery() reads "${args}"`, () => {
    assertEquals(parseListingQuery(args), expected);
  });
}

const FORMAT_ROWS: [query: ListingQuery, expected: string][] = [
  [DEFAULT, "./"],
  [{ ...DEFAULT, order: "D" }, "?C=N&O=D"],
  [{ ...DEFAULT, column: "S", order: "A" }, "?C=S&O=A"],
  [{ ...DEFAULT, filter: "a &b", page: 3 }, "?q=a+%26b&page=3"],
];

for (const [query, expected] of FORMAT_ROWS) {
  Deno.test(`formatListingQuery() writes ${expected}`, () => {
    assertEquals(formatListingQuery(query), expected);
    assertEquals(parseListingQuery(expected.replace(/^\?/, "")), query);
  });
}

const FILTER_ROWS: [filter: string, name: string, passes: boolean][] = [
  ["", "a", true],
  ["RE", "readme", true],
  ["me  rea", "readme", true],
  ["rea x", "readme", false],
  ["cafe\u0301", "caf\u00e9", true],
  ["*", "a", false],
  [".", "a", false],
];

for (const [filter, name, passes] of FILTER_ROWS) {
  Deno.test(`nameFilter() of "${filter}" and ${name} is ${passes}`, () => {
    assertEquals(nameFilter(filter)(name), passes);
  });
}

Deno.test("nameKey() orders as people do", () => {
  const sorted = [
    "10",
    "file",
    "file 1",
    "File 2",
    "file 02b",
    "file 10",
    "file 10b",
    "file 100",
    "v1.2.9",
    "v1.2.10",
    "v1.10",
    "Ä",
  ];
  assertEquals(
    sorted.toReversed().sort((a, b) => nameKey(a) < nameKey(b) ? -1 : 1),
    sorted,
  );
  assertEquals(nameKey("a007"), nameKey("A7"));
  assertEquals(nameKey("0"), nameKey("000"));
});

const ENTRIES: readonly ListingEntry[] = [
  { name: "z", kind: "directory", size: 1, mtimeMs: 5 },
  { name: "y", kind: "directory", size: 2, mtimeMs: 6 },
  { name: "b", kind: "file", size: 10, mtimeMs: 3 },
  { name: "a", kind: "file", size: 10, mtimeMs: 4 },
  { name: "C", kind: "other", size: 5, mtimeMs: 3 },
];

const ORDER_ROWS: [query: string, names: string][] = [
  ["C=N&O=A", "y z a b C"],
  ["C=N&O=D", "z y C b a"],
  ["C=M&O=A", "z y b C a"],
  ["C=M&O=D", "y z a b C"],
  ["C=S&O=A", "y z C a b"],
  ["C=S&O=D", "y z a b C"],
];

for (const [args, names] of ORDER_ROWS) {
  Deno.test(`listingComparison() sorts by ${args}`, () => {
    const sorted = ENTRIES.map((entry) => ({ entry, key: nameKey(entry.name) }))
      .sort(listingComparison(parseListingQuery(args)));
    assertEquals(sorted.map(({ entry }) => entry.name).join(" "), names);
  });
}
