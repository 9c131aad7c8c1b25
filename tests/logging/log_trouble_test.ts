import { assertEquals } from "@std/assert";
import {
  type LogTrouble,
  TroubleReporter,
} from "../../src/logging/log_trouble.ts";

/** A clock that stands still until it is set. */
function withClock(run: (setNow: (nowMs: number) => void) => void): void {
  const realNow = Date.now;
  let nowMs = 1_000_000;
  Date.now = () => nowMs;
  try {
    run((value) => nowMs = value);
  } finally {
    Date.now = realNow;
  }
}

Deno.test("TroubleReporter reports at once and then once a second", () => {
  withClock((setNow) => {
    const troubles: LogTrouble[] = [];
    const reporter = new TroubleReporter("x", (each) => troubles.push(each));
    const error = new Error("full");
    reporter.report();
    assertEquals(troubles, []);
    reporter.dropped(1);
    for (let i = 0; i < 999; i++) reporter.dropped(1);
    reporter.failed(error);
    assertEquals(troubles, [{ path: "x", droppedLines: 1, error: undefined }]);
    setNow(1_000_999);
    reporter.report();
    assertEquals(troubles.length, 1);
    setNow(1_001_000);
    reporter.report();
    reporter.report();
    assertEquals(troubles.slice(1), [{ path: "x", droppedLines: 999, error }]);
  });
});

Deno.test("TroubleReporter reports after the clock was set back", () => {
  withClock((setNow) => {
    let reports = 0;
    const reporter = new TroubleReporter("x", () => reports++);
    reporter.dropped(1);
    setNow(0);
    reporter.dropped(1);
    assertEquals(reports, 2);
  });
});

Deno.test("TroubleReporter.reportNow does not wait for the second to end", () => {
  withClock(() => {
    const counts: number[] = [];
    const reporter = new TroubleReporter(
      "x",
      ({ droppedLines }) => counts.push(droppedLines),
    );
    reporter.dropped(1);
    reporter.dropped(2);
    reporter.reportNow();
    reporter.reportNow();
    assertEquals(counts, [1, 2]);
  });
});

Deno.test("TroubleReporter does not call a listener from within itself", () => {
  withClock(() => {
    let depth = 0;
    let deepest = 0;
    const reporter = new TroubleReporter("x", () => {
      depth++;
      deepest = Math.max(deepest, depth);
      reporter.dropped(1);
      depth--;
    });
    reporter.dropped(1);
    assertEquals(deepest, 1);
  });
});
