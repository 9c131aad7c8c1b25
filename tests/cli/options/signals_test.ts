import { assert, assertEquals } from "@std/assert";
import {
  SIGNAL_NAMES,
  signalOf,
  SIGNALS,
} from "../../../src/cli/options/signals.ts";
import { manPage } from "../../../tools/release/man_page.ts";

Deno.test("-s sends what nginx sends, but URG for USR1", () => {
  assertEquals(SIGNAL_NAMES.map((name) => [name, signalOf(name)]), [
    ["stop", "SIGTERM"],
    ["quit", "SIGQUIT"],
    ["reload", "SIGHUP"],
    ["reopen", "SIGURG"],
  ]);
});

Deno.test("each signal is in the page of the manual and in the documentation", () => {
  const page = manPage({ version: "1.2.3", at: new Date(0) });
  const documentation = Deno.readTextFileSync(
    new URL("../../../docs/operation.md", import.meta.url),
  );
  const signals = SIGNALS.flatMap(({ signals }) => signals);
  assertEquals(new Set(signals).size, signals.length);
  for (const signal of signals) {
    const name = signal.slice("SIG".length);
    assert(new RegExp(`^\\.It Dv .*\\b${name}\\b`, "m").test(page), name);
    assert(
      new RegExp(`^\\| .*\`${name}\`.* \\|`, "m").test(documentation),
      name,
    );
  }
});
