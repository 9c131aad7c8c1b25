import { assertEquals } from "@std/assert";
import {
  clientPersists,
  hasToken,
} from "../../../src/http/http1/keep_alive.ts";
import { headOf } from "../../support/heads.ts";

Deno.test("clientPersists() follows RFC 9112 §9.3", () => {
  const rows: [string[], now: string, old: string][] = [
    [[], "persist", "close"],
    [["close"], "close", "close"],
    [["Close"], "close", "close"],
    [["CLOSE"], "close", "close"],
    [["  close\t"], "close", "close"],
    [["close,"], "close", "close"],
    [[",close"], "close", "close"],
    [["a, close"], "close", "close"],
    [["a ,\tclOse , b"], "close", "close"],
    [["a", "close"], "close", "close"],
    [["close", "a"], "close", "close"],
    [["keep-alive, close"], "close", "close"],
    [["close, keep-alive"], "close", "close"],
    [["keep-alive"], "persist", "persist"],
    [["Keep-Alive"], "persist", "persist"],
    [["a, keep-alive"], "persist", "persist"],
    [["a", "KEEP-ALIVE"], "persist", "persist"],
    [["upgrade"], "persist", "close"],
    [[""], "persist", "close"],
    [["closed"], "persist", "close"],
    [["not-close"], "persist", "close"],
    [["close keep-alive"], "persist", "close"],
    [["keep-alives"], "persist", "close"],
    [["keepalive"], "persist", "close"],
    [['"close"'], "persist", "close"],
    [["\xa0close"], "persist", "close"], // no-break space is no whitespace
    [["close;a"], "persist", "close"],
  ];
  for (const [values, now, old] of rows) {
    const fields = values.map((value) => `Connection: ${value}`);
    const label = values.join("|");
    assertEquals(
      clientPersists(headOf("GET / HTTP/1.1", ...fields)) ? "persist" : "close",
      now,
      label,
    );
    assertEquals(
      clientPersists(headOf("GET / HTTP/1.0", ...fields)) ? "persist" : "close",
      old,
      `1.0 ${label}`,
    );
  }
});

Deno.test("hasToken() finds members of a list", () => {
  const rows: [string, string, boolean][] = [
    ["a", "a", true],
    ["A", "a", true],
    ["b,a", "a", true],
    ["b , a ", "a", true],
    ["", "a", false],
    [",", "a", false],
    ["ab", "a", false],
    ["a b", "a", false],
    ["a=b", "a", false],
  ];
  for (const [list, token, expected] of rows) {
    assertEquals(hasToken(list, token), expected, list);
  }
});
