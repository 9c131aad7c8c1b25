import { assertEquals } from "@std/assert";
import { type StandardStream, Terminal } from "../../src/cli/terminal.ts";

/** Streams that are terminals or not, then and now. */
const ROWS: readonly {
  readonly name: string;
  readonly streams: readonly (readonly [before: boolean, now: boolean])[];
  readonly isPiped?: boolean;
  readonly isGone?: boolean;
  readonly isDetached?: boolean;
}[] = [
  {
    name: "an open terminal",
    streams: [[true, true], [true, true], [true, true]],
  },
  {
    name: "a closed terminal",
    streams: [[true, false], [true, false], [true, false]],
    isGone: true,
  },
  {
    name: "a closed terminal, output in a file",
    streams: [[true, false], [false, false], [false, false]],
    isGone: true,
  },
  {
    name: "files only, as after nohup",
    streams: [[false, false], [false, false], [false, false]],
    isDetached: true,
  },
  {
    name: "pipes",
    streams: [[false, false], [false, false], [false, false]],
    isPiped: true,
  },
  {
    name: "pipes, and a terminal to read from",
    streams: [[true, true], [false, false], [false, false]],
    isPiped: true,
  },
];

Deno.test("Terminal tells whether anybody is there", () => {
  for (
    const { name, streams, isPiped = false, isGone = false, isDetached = false }
      of ROWS
  ) {
    let time: 0 | 1 = 0;
    const all: StandardStream[] = streams.map((states) => ({
      isTerminal: () => states[time],
    }));
    const terminal = new Terminal(all, isPiped);
    assertEquals(terminal.isGone, false, name);
    time = 1;
    assertEquals(terminal.isGone, isGone, name);
    assertEquals(terminal.isDetached, isDetached, name);
  }
});
