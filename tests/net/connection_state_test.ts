import { assertEquals, assertThrows } from "@std/assert";
import {
  type ConnectionState,
  endReasonOf,
  FINAL_STATE,
  transition,
  TRANSITIONS,
} from "../../src/net/connection_state.ts";
import { systemError } from "../../src/os_error.ts";

const STATES = Object.keys(TRANSITIONS) as ConnectionState[];

Deno.test("transition() allows what the table allows and nothing else", () => {
  const allowed: Record<ConnectionState, readonly ConnectionState[]> = {
    reading: ["writing", "closed", "error"],
    writing: ["reading", "closed", "error"],
    closed: [],
    error: [],
  };
  for (const from of STATES) {
    for (const to of STATES) {
      if (allowed[from].includes(to)) assertEquals(transition(from, to), to);
      else assertThrows(() => transition(from, to), Error, `${from} to ${to}`);
    }
  }
});

Deno.test("FINAL_STATE has an error for failures alone", () => {
  for (const [reason, state] of Object.entries(FINAL_STATE)) {
    assertEquals(state, reason === "error" ? "error" : "closed", reason);
  }
});

Deno.test("endReasonOf() tells a client that left from a fault", () => {
  const rows: [unknown, string][] = [
    [new Deno.errors.ConnectionReset(), "reset"],
    [new Deno.errors.ConnectionAborted(), "reset"],
    [new Deno.errors.BrokenPipe(), "broken_pipe"],
    [new Deno.errors.NotConnected(), "broken_pipe"],
    [new Deno.errors.TimedOut(), "unreachable"],
    ...[100, 101, 110, 111, 112, 113].map((number): [unknown, string] => [
      systemError(number),
      "unreachable",
    ]),
    [systemError(104), "reset"],
    [systemError(5), "error"],
    [systemError(105), "error"],
    [new Deno.errors.BadResource(), "error"],
    [new Deno.errors.Interrupted(), "error"],
    [new Error("x"), "error"],
    ["x", "error"],
    [undefined, "error"],
  ];
  for (const [error, reason] of rows) {
    assertEquals(endReasonOf(error), reason, String(error));
  }
});
