import { assertEquals, assertThrows } from "@std/assert";
import {
  ConfigError,
  ConfigErrors,
  faultsOf,
} from "../../src/config/errors.ts";
import { COMMAND_LINE, FaultList } from "../../src/config/fault_list.ts";

function fault(file: string, line: number, what = "x"): ConfigError {
  return new ConfigError(what, { file, line });
}

function messages(faults: FaultList): string[] {
  return faults.inOrder().map(({ message }) => message);
}

Deno.test("FaultList.inOrder() follows the files as they are read", () => {
  const faults = new FaultList();
  faults.noteInclude("/a", { file: "/main", line: 5 });
  faults.noteInclude("/b", { file: "/a", line: 2 });
  faults.noteInclude("/b", { file: "/main", line: 1 });
  for (
    const [file, line] of [
      ["/main", 9],
      ["/b", 7],
      ["/a", 3],
      ["/main", 5],
      ["/a", 1],
      ["/main", 2],
      [COMMAND_LINE, 1],
    ] as const
  ) faults.add(fault(file, line));
  assertEquals(messages(faults), [
    `x in ${COMMAND_LINE}:1`,
    "x in /main:2",
    "x in /main:5",
    "x in /a:1",
    "x in /b:7",
    "x in /a:3",
    "x in /main:9",
  ]);
});

Deno.test("FaultList.add() keeps the order of a line, and one of the same", () => {
  const faults = new FaultList();
  faults.add(fault("/m", 1, "b"));
  faults.add(fault("/m", 1, "a"));
  faults.add(fault("/m", 1, "b"));
  assertEquals(messages(faults), ["b in /m:1", "a in /m:1"]);
  const more = new FaultList();
  more.add(new ConfigErrors(fault("/m", 1), faults.inOrder()));
  assertEquals(messages(more), messages(faults));
});

Deno.test("FaultList.throwIfFound() throws one fault, or all in one", () => {
  const faults = new FaultList();
  faults.throwIfFound();
  assertEquals(faults.found, false);
  const second = fault("/m", 2);
  faults.add(second);
  const one = assertThrows(() => faults.throwIfFound());
  assertEquals(one === second, true);
  assertEquals(faultsOf(one), [second]);
  const first = fault("/m", 1);
  faults.add(first);
  const all = assertThrows(() => faults.throwIfFound(), ConfigErrors);
  assertEquals(all.message, first.message);
  assertEquals(faultsOf(all), [first, second]);
});

Deno.test("FaultList.attempt() takes errors of configuration only", () => {
  const faults = new FaultList();
  assertEquals(faults.attempt(() => 7), 7);
  assertEquals(
    faults.attempt(() => {
      throw fault("/m", 3);
    }),
    undefined,
  );
  assertEquals(messages(faults), ["x in /m:3"]);
  assertThrows(
    () =>
      faults.attempt(() => {
        throw new RangeError("else");
      }),
    RangeError,
  );
});

Deno.test("FaultList knows the files whose braces do not fit", () => {
  const faults = new FaultList();
  faults.noteMisshapen("/a");
  assertEquals([faults.isMisshapen("/a"), faults.isMisshapen("/b")], [
    true,
    false,
  ]);
});
