import { assert, assertEquals } from "@std/assert";
import { type HostPattern, HostTable } from "../../src/routing/host_table.ts";

/** A pattern in short: a name, `.name` at the end, `name.` at the start, `~`. */
function pattern(text: string): HostPattern {
  if (text.startsWith("~")) {
    return { kind: "regex", regex: new RegExp(text.slice(1)) };
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
