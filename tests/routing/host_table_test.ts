import { assert, assertEquals } from "@std/assert";
import { type CaptureHolder, Pattern } from "../../src/regex/pattern.ts";
import { type HostPattern, HostTable } from "../../src/routing/host_table.ts";

/** A pattern in short: a name, `.name` at the end, `name.` at the start, `~`. */
function pattern(text: string): HostPattern {
  if (text.startsWith("~")) {
    return { kind: "regex", regex: new Pattern(text.slice(1)) };
  }
  if (text.startsWith("*")) return { kind: "leading", name: text.slice(1) };
  if (text.endsWith("*")) {
    return { kind: "trailing", name: text.slice(0, -1) };
  }
  return { kind: "exact", name: text };
}

function tableOf(...names: string[]): HostTable<string> {
  const table = new HostTable("fallback");
  for (const name of names) assert(table.add(pattern(name), name), name);
  return table;
}

Deno.test("HostTable.match() has nginx's order", () => {
  const table = tableOf(
    "~^re[.]",
    "~[.]com$",
    "*.example.org",
    "*.deep.example.org",
    "www.*",
    "www.example.*",
    "www.example.org",
    "example.org",
    "",
  );
  const rows: [string, string][] = [
    ["www.example.org", "www.example.org"], // exact before wildcards
    ["example.org", "example.org"],
    ["a.example.org", "*.example.org"],
    ["a.b.example.org", "*.example.org"],
    ["x.deep.example.org", "*.deep.example.org"], // the longest
    ["deep.example.org", "*.example.org"],
    ["re.example.org", "*.example.org"], // leading before regex
    ["www.a.example.org", "*.example.org"], // leading before trailing
    ["www.example.net", "www.example.*"], // the longest
    ["www.other.com", "www.*"], // trailing before regex
    ["re.com", "~^re[.]"], // regexes in the order of the file
    ["a.com", "~[.]com$"],
    ["", ""],
    ["xexample.org", "fallback"],
    [".example.org", "fallback"],
    ["www.", "fallback"],
    ["other", "fallback"],
  ];
  for (const [host, expected] of rows) {
    assertEquals(table.match(host), expected, host);
  }
});

Deno.test("HostTable.match() gives no expression a request without host", () => {
  const table = tableOf("~^", "*.a");
  assertEquals(table.match(""), "fallback");
  assertEquals(table.match("x"), "~^");
});

Deno.test("HostTable.match() tells what the groups of an expression took", () => {
  const table = tableOf("~^(www[.])?(.+)[.]org$", "*.a.net");
  const rows: [host: string, captures: (string | undefined)[] | undefined][] = [
    ["www.x.org", ["www.x.org", "www.", "x"]],
    ["x.org", ["x.org", undefined, "x"]],
    ["x.a.net", undefined],
    ["other", undefined],
  ];
  for (const [host, expected] of rows) {
    const holder: CaptureHolder = { captures: undefined, values: undefined };
    table.match(host, holder);
    assertEquals(holder.captures && [...holder.captures], expected, host);
  }
});

Deno.test("HostTable.add() takes a domain whole or not at all", () => {
  const domain: HostPattern = { kind: "domain", name: ".a.b" };
  const rows: [first: string, isNew: boolean, below: string][] = [
    ["a.b", false, "fallback"],
    ["*.a.b", false, "*.a.b"],
    ["x.a.b", true, "domain"],
    ["a.*", true, "domain"],
  ];
  for (const [first, isNew, below] of rows) {
    const table = tableOf(first);
    assertEquals(table.add(domain, "domain"), isNew, first);
    assertEquals(table.match("y.a.b"), below, first);
  }
  const table = new HostTable("fallback");
  assert(table.add(domain, "domain"));
  assertEquals(table.match("a.b"), "domain");
  assert(!table.add(pattern("a.b"), "later"));
  assert(!table.add(pattern("*.a.b"), "later"));
});

Deno.test("HostTable.match() looks up labels, not characters", () => {
  const table = tableOf("*.b.c", "*.a.b.c", "x.y.*", "x.*");
  const rows: [string, string][] = [
    ["ab.c", "fallback"],
    ["aa.b.c", "*.b.c"],
    ["a.b.c", "*.b.c"],
    ["z.a.b.c", "*.a.b.c"],
    ["za.b.c", "*.b.c"],
    [`${"l.".repeat(100)}b.c`, "*.b.c"],
    ["x.y.z", "x.y.*"],
    ["x.yz.z", "x.*"],
    [`x.${"l.".repeat(100)}z`, "x.*"],
    ["xx.z", "fallback"],
    ["x", "fallback"],
  ];
  for (const [host, expected] of rows) {
    assertEquals(table.match(host), expected, host);
  }
});

Deno.test("HostTable.add() keeps the first owner of a name", () => {
  const table = new HostTable(0);
  for (const name of ["a", "*.a", "a.*"]) {
    assertEquals(table.add(pattern(name), 1), true, name);
    assertEquals(table.add(pattern(name), 2), false, name);
  }
  assertEquals(table.match("a"), 1);
  assertEquals(table.match("x.a"), 1);
  assertEquals(table.match("a.x"), 1);
});
