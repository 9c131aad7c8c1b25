import { assert, assertEquals } from "@std/assert";
import {
  equalsIgnoreCase,
  Field,
  FIELD_COUNT,
  FIELD_NAMES,
  fieldBits,
  fieldId,
  UNKNOWN_FIELD,
} from "../../src/http/fields.ts";
import { bytesOf } from "../support/latin1.ts";

function idOf(name: string): number {
  const bytes = bytesOf(`x${name}x`);
  return fieldId(bytes, 1, bytes.length - 1);
}

Deno.test("fieldId() knows every name in any case", () => {
  FIELD_NAMES.forEach((name, id) => {
    assertEquals(idOf(name), id, name);
    assertEquals(idOf(name.toUpperCase()), id, name);
    assertEquals(idOf(name.replace(/./, (c) => c.toUpperCase())), id, name);
  });
});

Deno.test("fieldId() does not take other names for known ones", () => {
  const names = ["", "x", "hos", "hosts", "lost", "content_length", "vib"];
  for (const name of names) assertEquals(idOf(name), UNKNOWN_FIELD, name);
  for (const name of FIELD_NAMES) {
    assertEquals(idOf(`${name}x`), UNKNOWN_FIELD, name);
    assertEquals(idOf(name.slice(1)), UNKNOWN_FIELD, name);
    // A bit that tells the cases of letters apart must not matter elsewhere.
    const flipped = name.replaceAll("-", "\x0d");
    if (flipped !== name) assertEquals(idOf(flipped), UNKNOWN_FIELD, name);
  }
  assertEquals(idOf("a".repeat(5000)), UNKNOWN_FIELD);
});

Deno.test("Field numbers the names and fits a bit set", () => {
  assertEquals(FIELD_NAMES[Field.Host], "host");
  assertEquals(Object.values(Field).length, FIELD_COUNT);
  assertEquals(new Set(Object.values(Field)).size, FIELD_COUNT);
  assert(FIELD_COUNT <= 31);
  assertEquals(fieldBits(), 0);
  assertEquals(fieldBits(Field.Host, Field.ContentLength), 0b101);
  for (const [key, id] of Object.entries(Field)) {
    assertEquals(FIELD_NAMES[id]!.replaceAll("-", ""), key.toLowerCase());
  }
});

Deno.test("equalsIgnoreCase() folds ASCII letters alone", () => {
  const rows: [string, string, boolean][] = [
    ["", "", true],
    ["host", "host", true],
    ["HOST", "host", true],
    ["hOsT", "host", true],
    ["a-b", "a-b", true],
    ["A-B", "a-b", true],
    ["hos", "host", false],
    ["hosts", "host", false],
    ["hosa", "host", false],
    ["\x0d", "-", false], // differs from "-" in bit 0x20 alone
    ["a\x0db", "a-b", false],
    ["\x10", "0", false],
    ["P", "0", false],
    ["[", "{", false], // as do these, and they are no letters
    ["@", "`", false],
    ["\xc1", "\xe1", false],
  ];
  for (const [text, lower, expected] of rows) {
    const bytes = bytesOf(`x${text}x`);
    assertEquals(
      equalsIgnoreCase(bytes, 1, bytes.length - 1, lower),
      expected,
      JSON.stringify([text, lower]),
    );
  }
  assert(!equalsIgnoreCase(bytesOf("ab"), 0, 1, "ab"));
});
