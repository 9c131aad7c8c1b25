import { assertEquals } from "@std/assert";
import {
  LineSender,
  MAX_WAITING_CHARACTERS,
} from "../../src/cluster/line_sender.ts";
import type { FromWorker } from "../../src/cluster/messages.ts";
import { bytesOf } from "../support/latin1.ts";

function sending() {
  const sent: FromWorker[] = [];
  const sender = new LineSender((message) => sent.push(message));
  /** The lines for the error log in each message. */
  const lines = () =>
    sent.map((message) =>
      message.kind === "diagnostics"
        ? message.lines.map(({ line }) => line)
        : []
    );
  return { sent, sender, lines };
}

Deno.test("LineSender: lines of a log are written when the master has taken them", async () => {
  const { sent, sender } = sending();
  const taken: number[] = [];
  const bytes = bytesOf("one\n");
  const writes = [1, 2].map((n) =>
    sender.sendLog(`/log/${n}`, bytes).then(() => taken.push(n))
  );
  bytes.fill(0);
  assertEquals(sent.map((message) => message.kind), ["log", "log"]);
  assertEquals(
    sent[0],
    { kind: "log", path: "/log/1", lines: bytesOf("one\n") },
    "a copy",
  );
  sender.logTaken();
  await writes[0];
  assertEquals(taken, [1]);
  sender.logTaken();
  sender.logTaken();
  await writes[1];
  assertEquals(taken, [1, 2]);
});

Deno.test("LineSender: error lines gather until the master has taken the last", () => {
  const { sender, lines } = sending();
  for (const line of ["a", "b", "c"]) sender.sendDiagnostic("error", line);
  assertEquals(lines(), [["a"]]);
  sender.diagnosticsTaken();
  assertEquals(lines(), [["a"], ["b", "c"]]);
  sender.diagnosticsTaken();
  sender.sendDiagnostic("warn", "d");
  assertEquals(lines(), [["a"], ["b", "c"], ["d"]]);
});

Deno.test("LineSender: a master that is too slow costs lines, not memory", () => {
  const { sent, sender } = sending();
  const line = "x".repeat(1000);
  const fits = Math.floor(MAX_WAITING_CHARACTERS / line.length);
  for (let i = 0; i < 1 + fits + 7; i++) sender.sendDiagnostic("error", line);
  assertEquals(sent.length, 1);
  sender.diagnosticsTaken();
  assertEquals(sent.at(-1), {
    kind: "diagnostics",
    lines: Array(fits).fill({ level: "error", line }),
    dropped: 7,
  });
  sender.diagnosticsTaken();
  assertEquals(sent.length, 2);
});

Deno.test("LineSender: at the end nothing waits", () => {
  const { sender, lines } = sending();
  for (const line of ["a", "b"]) sender.sendDiagnostic("error", line);
  sender.flushDiagnostics();
  sender.flushDiagnostics();
  assertEquals(lines(), [["a"], ["b"]]);
});
