import { assert, assertEquals } from "@std/assert";
import { progressGauges } from "../../../src/features/acme/progress.ts";
import type { Board } from "../../../src/features/acme/board.ts";
import {
  metricsText,
  processText,
} from "../../../src/features/status/metrics_text.ts";
import { gaugeOf } from "../../../src/features/tls/lifetimes.ts";
import { emptySnapshot } from "../../../src/core/statistics.ts";

/** The cells of a row of a table. */
function cells(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}

Deno.test("docs/operation.md has each metric with its labels, in the words of the page", () => {
  const empty = emptySnapshot();
  const text = metricsText({
    ...empty,
    servers: [{ ...empty, name: "a", listen: "b" }],
  }) + processText({ processorSeconds: 1, openDescriptors: 1 });
  const labels = (name: string) => {
    const sample = new RegExp(`^${name}(?:_bucket)?\\{(.*)\\} `, "m").exec(
      text,
    );
    return [...(sample?.[1] ?? "").matchAll(/(\w+)="/g)]
      .map(([, label]) => `\`${label}\``).join(", ");
  };
  const shown = [
    ...[...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name, help]) => [
      `\`${name}\``,
      labels(name!),
      help!,
    ]),
    // Their labels are those of samples, and there are none without one. TLS
    // and ACME have one in common.
    ...new Map(
      [gaugeOf(() => []), ...progressGauges([], {} as Board)]
        .map((gauge) => [gauge.name, gauge]),
    ).values().map(({ name, help }) => [`\`${name}\``, undefined, help]),
  ];
  const page = Deno.readTextFileSync(
    new URL("../../../docs/operation.md", import.meta.url),
  );
  const [, table = ""] = /<!-- metrics -->([^]*)<!-- end of metrics -->/
    .exec(page) ?? [];
  const told = table.split("\n").filter((line) => line.startsWith("| `"))
    .map(cells);
  assert(told.length > 30);
  assertEquals(
    told.map(([name, labels, help], i) => [
      name,
      shown[i]?.[1] === undefined ? undefined : labels,
      help,
    ]),
    shown,
  );
});
