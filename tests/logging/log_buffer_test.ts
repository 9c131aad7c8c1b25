import { assertEquals } from "@std/assert";
import { LogBuffer } from "../../src/logging/log_buffer.ts";

const encoder = new TextEncoder();

function textOf(buffer: LogBuffer): string {
  const held = buffer.bytes.subarray(0, buffer.length);
  return String.fromCharCode(...held);
}

const TEXTS = ["", "a line\n", "é", "€uro 😀", "\udc80", "x".repeat(20) + "é"];

for (const text of TEXTS) {
  Deno.test(`appendText writes the UTF-8 bytes of ${JSON.stringify(text)}`, () => {
    const expected = encoder.encode(text);
    // With little memory and with much, with all of the limit and with less.
    for (const before of [0, 10, 8180, 8190]) {
      const buffer = new LogBuffer(100_000);
      buffer.appendLatin1("-".repeat(before));
      buffer.appendText(text);
      assertEquals(buffer.bytes.slice(before, buffer.length), expected);
      assertEquals(buffer.endLine(), true);
      if (expected.length < 2) continue;
      const small = new LogBuffer(expected.length - 1);
      small.appendText(text);
      assertEquals(small.endLine(), false);
      assertEquals(small.length, 0);
    }
  });
}

/** nginx's table, written another way: what a byte looks like in a log. */
function nginxEscape(byte: number): string {
  const character = String.fromCharCode(byte);
  if (/[ !#-\[\]-~]/.test(character)) return character;
  return `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

Deno.test("appendEscaped writes each of the 256 bytes as nginx does", () => {
  for (let byte = 0; byte < 256; byte++) {
    const buffer = new LogBuffer(100);
    buffer.appendEscaped(Uint8Array.of(byte), 0, 1);
    assertEquals(textOf(buffer), nginxEscape(byte), `byte ${byte}`);
  }
});

const ESCAPED_ROWS: [
  name: string,
  text: string,
  start: number,
  end: number,
  expected: string,
][] = [
  ["nothing", "GET / HTTP/1.1", 3, 3, ""],
  ["a clean range", "GET / HTTP/1.1", 4, 5, "/"],
  ["an escape at the start", '"x', 0, 2, "\\x22x"],
  ["an escape at the end", "x\\", 0, 2, "x\\x5C"],
  ["an escape outside of the range", '"x"', 1, 2, "x"],
  ["a forged line", "a\r\n1.2.3.4 -", 0, 12, "a\\x0D\\x0A1.2.3.4 -"],
  ["a terminal's escape", "\x1b[2J", 0, 4, "\\x1B[2J"],
  ["UTF-8", "é", 0, 2, "\\xC3\\xA9"],
  ["DEL", "\x7f", 0, 1, "\\x7F"],
];

for (const [name, text, start, end, expected] of ESCAPED_ROWS) {
  Deno.test(`appendEscaped writes ${name}`, () => {
    const buffer = new LogBuffer(1000);
    buffer.appendEscaped(encoder.encode(text), start, end);
    assertEquals(textOf(buffer), expected);
  });
}

const STRING_ROWS: [name: string, text: string][] = [
  ["nothing", ""],
  ["an address", "2001:db8::1"],
  ["quotes and backslashes", 'a"b\\c'],
  ["controls", "\0\t\n\x7f"],
  ["two-byte characters", "\u0080é\u07ff"],
  ["three-byte characters", "\u0800€\uffff"],
  ["four-byte characters", "😀\u{10ffff}"],
  ["clean text after an escape", "é and more"],
];

for (const [name, text] of STRING_ROWS) {
  Deno.test(`appendEscapedString writes the UTF-8 of ${name}`, () => {
    const buffer = new LogBuffer(1000);
    buffer.appendEscapedString(text);
    const expected = [...encoder.encode(text)].map(nginxEscape).join("");
    assertEquals(textOf(buffer), expected);
  });
}

Deno.test("appendEscapedString replaces half a surrogate pair", () => {
  for (const half of ["\ud83d", "\ude00", "\ud83dx", "\ude00\ud83d"]) {
    const buffer = new LogBuffer(1000);
    buffer.appendEscapedString(half);
    const expected = [...encoder.encode(half)].map(nginxEscape).join("");
    assertEquals(textOf(buffer), expected);
  }
});

Deno.test("appendInteger writes every size of number", () => {
  const numbers = [
    0,
    1,
    9,
    10,
    99,
    100,
    999_999_999,
    1_000_000_000,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    -1,
    -(2 ** 31),
  ];
  for (const number of numbers) {
    const buffer = new LogBuffer(100);
    buffer.appendInteger(number);
    assertEquals(textOf(buffer), String(number));
  }
});

Deno.test("appendLatin1 writes one byte for each character", () => {
  const buffer = new LogBuffer(100);
  buffer.appendLatin1('a"\n\xe9\xff');
  assertEquals(textOf(buffer), 'a"\n\xe9\xff');
});

Deno.test("appendBytes writes the range it is given", () => {
  const buffer = new LogBuffer(100);
  buffer.appendBytes(encoder.encode("abcdef"), 1, 3);
  buffer.appendBytes(encoder.encode("xyz"));
  buffer.appendByte(0x0a);
  assertEquals(textOf(buffer), "bcxyz\n");
});

Deno.test("LogBuffer keeps what it holds when it grows", () => {
  const buffer = new LogBuffer(1024 * 1024);
  let expected = "";
  for (let i = 0; i < 5000; i++) {
    buffer.appendInteger(i);
    buffer.appendByte(0x0a);
    buffer.endLine();
    expected += `${i}\n`;
  }
  assertEquals(
    new TextDecoder().decode(buffer.bytes).slice(0, buffer.length),
    expected,
  );
});

/** Each way to append `text`, which must all respect the limit. */
const APPENDS: [name: string, append: (to: LogBuffer, text: string) => void][] =
  [
    ["appendLatin1", (to, text) => to.appendLatin1(text)],
    ["appendBytes", (to, text) => to.appendBytes(encoder.encode(text))],
    ["appendEscapedString", (to, text) => to.appendEscapedString(text)],
    ["appendEscaped", (to, text) => {
      to.appendEscaped(encoder.encode(text), 0, text.length);
    }],
    ["appendByte", (to, text) => {
      for (const byte of encoder.encode(text)) to.appendByte(byte);
    }],
  ];

for (const [name, append] of APPENDS) {
  Deno.test(`${name} fills the buffer up to its limit`, () => {
    const buffer = new LogBuffer(20_000);
    append(buffer, "x".repeat(20_000));
    assertEquals(buffer.endLine(), true);
    assertEquals(buffer.length, 20_000);
    assertEquals(buffer.capacity, 20_000);
  });

  Deno.test(`${name} drops a line whole that passes the limit`, () => {
    const buffer = new LogBuffer(10);
    append(buffer, "kept;");
    assertEquals(buffer.endLine(), true);
    append(buffer, "abc");
    append(buffer, "defg");
    append(buffer, "h");
    assertEquals(buffer.endLine(), false);
    assertEquals(textOf(buffer), "kept;");
    append(buffer, "12345");
    assertEquals(buffer.endLine(), true);
    assertEquals(textOf(buffer), "kept;12345");
  });
}

Deno.test("appendEscaped drops a line whose escapes pass the limit", () => {
  const buffer = new LogBuffer(10);
  buffer.appendEscaped(Uint8Array.of(0x41, 0, 0, 0), 0, 4);
  assertEquals(buffer.endLine(), false);
  assertEquals(buffer.length, 0);
});

Deno.test("LogBuffer with a limit of 0 takes nothing", () => {
  const buffer = new LogBuffer(0);
  buffer.appendByte(1);
  assertEquals(buffer.endLine(), false);
});

Deno.test("abandonLine takes back the unfinished line only", () => {
  const buffer = new LogBuffer(100);
  buffer.appendLatin1("one\n");
  buffer.endLine();
  buffer.appendLatin1("tw");
  buffer.abandonLine();
  assertEquals(textOf(buffer), "one\n");
  assertEquals(buffer.completeLength, 4);
});

Deno.test("discard forgets the first bytes and keeps the others", () => {
  const buffer = new LogBuffer(100);
  buffer.appendLatin1("one\ntwo\n");
  buffer.endLine();
  buffer.appendLatin1("thr");
  buffer.discard(6);
  assertEquals(textOf(buffer), "o\nthr");
  assertEquals(buffer.completeLength, 2);
});

Deno.test("clear gives a large array back and keeps a small one", () => {
  const buffer = new LogBuffer(1024 * 1024);
  buffer.appendLatin1("x".repeat(100_000));
  buffer.clear(200_000);
  assertEquals([buffer.length, buffer.completeLength], [0, 0]);
  assertEquals(buffer.capacity >= 100_000, true);
  buffer.clear(50_000);
  assertEquals(buffer.capacity < 50_000, true);
});
