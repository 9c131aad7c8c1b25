import { assertEquals } from "@std/assert";
import { ConfigError } from "../../../src/config/errors.ts";
import { ValueMap } from "../../../src/features/map/value_map.ts";
import { byteString } from "../../../src/http/byte_string.ts";
import { type CaptureHolder, Pattern } from "../../../src/regex/pattern.ts";
import { PLACE } from "../../config/config_support.ts";

function mapOf(...keys: string[]): ValueMap<string> {
  const map = new ValueMap<string>();
  for (const key of keys) {
    if (key === "hostnames") map.hostnames = true;
    else if (key.startsWith("~")) map.addRegex(new Pattern(key.slice(1)), key);
    else map.add(byteString(key), key, PLACE);
  }
  return map;
}

function find(map: ValueMap<string>, value: string): string | undefined {
  return map.find(byteString(value), {
    captures: undefined,
    values: undefined,
  });
}

Deno.test("ValueMap: texts in any case of ASCII letters, then expressions", () => {
  const map = mapOf("Abc", "", "*.x", "é", "~c$", "~^$", "~^B");
  const rows: [value: string, found: string | undefined][] = [
    ["aBC", "Abc"],
    ["", ""],
    ["*.X", "*.x"],
    ["a.x", undefined],
    ["é", "é"],
    ["É", undefined],
    ["bc", "~c$"],
    ["BC", "~^B"],
    ["abcd", undefined],
    // Only with "hostnames" a dot at the end says nothing.
    ["abc.", undefined],
  ];
  for (const [value, found] of rows) {
    assertEquals(find(map, value), found, value);
  }
  // As in nginx no expression is asked of an empty value.
  assertEquals(find(mapOf("~^$"), ""), undefined);
});

Deno.test("ValueMap: wildcards from where hostnames stands", () => {
  const map = mapOf(
    "*.early",
    "hostnames",
    ".a.b",
    "*.c.d",
    "*.x.c.d",
    "e.f.*",
    "y.c.d",
    ".",
    "~[.]re$",
  );
  const rows: [value: string, found: string | undefined][] = [
    ["x.early", undefined],
    ["*.early", "*.early"],
    ["a.b", ".a.b"],
    ["A.B.", ".a.b"],
    ["1.2.a.b", ".a.b"],
    ["xa.b", undefined],
    ["c.d", undefined],
    ["z.c.d", "*.c.d"],
    ["z.x.c.d", "*.x.c.d"],
    ["y.c.d", "y.c.d"],
    ["e.f.g.h", "e.f.*"],
    ["e.f", undefined],
    ["a.re.", "~[.]re$"],
    ["", undefined],
    [".", undefined],
    ["..", "."],
  ];
  for (const [value, found] of rows) {
    assertEquals(find(map, value), found, value);
  }
});

Deno.test("ValueMap.find() tells what an expression took", () => {
  const map = new ValueMap<string>();
  map.addRegex(new Pattern("^(.)-(?<b>é)$").keptAt(() => 2), "x");
  const holder: CaptureHolder = { captures: undefined, values: undefined };
  assertEquals(map.find("a-a", holder), undefined);
  assertEquals(holder.captures, undefined);
  assertEquals(map.find(byteString("é-é"), holder), undefined);
  assertEquals(map.find(byteString("a-é"), holder), "x");
  assertEquals(holder.captures && [...holder.captures], ["a-é", "a", "é"]);
  assertEquals(holder.values?.[2], "\xc3\xa9");
});

Deno.test("ValueMap.add() refuses what is said twice or is no host", () => {
  const rows: [keys: string[], what: string | undefined][] = [
    [["a", "A"], 'conflicting parameter "a"'],
    [["é", "É"], undefined],
    [["*.a", "*.a"], 'conflicting parameter "*.a"'],
    [["hostnames", "*.a", ".a"], 'conflicting parameter ".a"'],
    [["hostnames", ".a", "a"], 'conflicting parameter "a"'],
    [["hostnames", "a", ".a"], 'conflicting parameter ".a"'],
    [["hostnames", "a.*", "a"], undefined],
    [["a..b", "a*"], undefined],
    [["hostnames", "a..b"], 'invalid hostname or wildcard "a..b"'],
    [["hostnames", "é*"], 'invalid hostname or wildcard "é*"'],
    [["hostnames", "*"], 'invalid hostname or wildcard "*"'],
    [["hostnames", "*."], 'invalid hostname or wildcard "*."'],
    [["hostnames", "*.*"], 'invalid hostname or wildcard "*.*"'],
    [["hostnames", "a.*.b"], 'invalid hostname or wildcard "a.*.b"'],
  ];
  for (const [keys, what] of rows) {
    let said: string | undefined;
    try {
      mapOf(...keys);
    } catch (error) {
      said = (error as ConfigError).what;
    }
    assertEquals(said, what, keys.join(" "));
  }
});
