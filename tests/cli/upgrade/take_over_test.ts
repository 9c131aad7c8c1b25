import { assertEquals, assertThrows } from "@std/assert";
import {
  takeOverOf,
  takeOverWord,
  withoutTakeOver,
} from "../../../src/cli/upgrade/take_over.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

Deno.test("takeOverOf() reads what takeOverWord() has written", () => {
  const takeOver = {
    pid: 17,
    ready: "/run/a b/it.pid.ready",
    holdings: {
      copies: 2,
      ports: new Map([["127.0.0.1:0 0", 4711], ["[::]:80", 80]]),
      sockets: new Set(["unix:/run/it.sock"]),
    },
  };
  const word = takeOverWord(takeOver);
  assertEquals(takeOverOf([word, "-c", "x"]), takeOver);
  assertEquals(withoutTakeOver([word, "-c", "x"]), ["-c", "x"]);
});

Deno.test("takeOverOf() understands versions in which each worker had one socket", () => {
  const word =
    '--take-over={"pid":1,"ready":"/r","workers":3,"ports":{},"sockets":[]}';
  assertEquals(takeOverOf([word])?.holdings.copies, 3);
});

Deno.test("takeOverOf() looks at the first word alone", () => {
  for (const words of [[], ["-c", "x"], ["-c", "--take-over={}"]]) {
    assertEquals(takeOverOf(words), undefined);
    assertEquals(withoutTakeOver(words), words);
  }
});

Deno.test("takeOverOf() refuses what it does not understand", () => {
  for (
    const text of [
      "",
      "{",
      "null",
      "{}",
      '{"pid":"x","workers":1,"ports":{},"sockets":[]}',
      '{"pid":1,"workers":1,"sockets":[]}',
      '{"pid":1,"workers":1,"ports":{},"sockets":1}',
    ]
  ) {
    assertThrows(
      () => takeOverOf([`--take-over=${text}`]),
      UsageError,
      "this one is not understood",
    );
  }
});
