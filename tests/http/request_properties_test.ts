/** Properties of the request parser, for whatever fast-check thinks of. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { RequestParser } from "../../src/http/http1/request_parser.ts";
import { bytesOf } from "../support/latin1.ts";

const TOKEN_CHARACTERS =
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const token = fc.string({
  unit: fc.constantFrom(...TOKEN_CHARACTERS),
  minLength: 1,
  maxLength: 20,
});

/** Characters of a target: all that are visible, and bytes from 0x80. */
const target = fc.string({
  unit: fc.integer({ min: 0x21, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 60,
});

/** A field value: no white space at either end, as it is trimmed. */
const value = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 60,
}).map((text) => text.replace(/^ +| +$/g, ""));

const space = fc.string({ unit: fc.constantFrom(" ", "\t"), maxLength: 4 });

const request = fc.record({
  emptyLines: fc.integer({ min: 0, max: 3 }),
  method: token,
  target,
  minor: fc.constantFrom(0, 1),
  fields: fc.array(
    fc.record({ name: token, before: space, value, after: space }),
    { maxLength: 12 },
  ),
  trailing: fc.uint8Array({ maxLength: 40 }),
  splits: fc.array(fc.nat(), { maxLength: 8 }),
});

const LIMITS = {
  ...DEFAULT_HEAD_LIMITS,
  ignoreInvalidFields: false,
  underscores: true,
};

Deno.test("RequestParser gives back what a request was made of, however it is split", () => {
  fc.assert(fc.property(request, (parts) => {
    const lines = parts.fields.map(({ name, before, value, after }) =>
      `${name}:${before}${value}${after}\r\n`
    );
    const text = "\r\n".repeat(parts.emptyLines) +
      `${parts.method} ${parts.target} HTTP/1.${parts.minor}\r\n` +
      `${lines.join("")}\r\n`;
    const head = bytesOf(text);
    const all = new Uint8Array([...head, ...parts.trailing]);
    const parser = new RequestParser(LIMITS);
    const ends = [...parts.splits.map((n) => n % all.length), all.length]
      .sort((a, b) => a - b);
    let parsed;
    for (const end of ends) {
      parsed = parser.parse(all, 0, end);
      if (parsed !== undefined) break;
    }
    assertEquals(parsed?.method, parts.method);
    assertEquals(parsed?.target, parts.target);
    assertEquals(parsed?.version, `1.${parts.minor}`);
    assertEquals(
      [...parsed!.entries()],
      parts.fields.map(({ name, value }) => [name.toLowerCase(), value]),
    );
    assertEquals(parser.length, head.length);
  }));
});

Deno.test("RequestParser refuses a control character wherever it stands in a head", () => {
  const control = fc.integer({ min: 0, max: 31 })
    .filter((code) => ![0x09, 0x0a, 0x0d].includes(code))
    .map((code) => String.fromCharCode(code));
  const base = "GET /path HTTP/1.1\r\nHost: example.org\r\nX-Y: z\r\n\r\n";
  fc.assert(fc.property(
    control,
    fc.integer({ min: 0, max: base.length - 1 }),
    (character, at) => {
      const bytes = bytesOf(base.slice(0, at) + character + base.slice(at));
      let status = 0;
      try {
        new RequestParser(LIMITS).parse(bytes, 0, bytes.length);
      } catch (error) {
        status = (error as { status: number }).status;
      }
      assertEquals(status, 400);
    },
  ));
});
