/** The numbers of modules, as one list for whoever shows them. */

import type { Gauge, GaugeSample } from "../../core/module.ts";

/** A gauge, and its numbers now. */
interface GatheredGauge extends Pick<Gauge, "name" | "help"> {
  /** At least one, each with other labels. */
  readonly samples: readonly GaugeSample[];
}

/** The gauges that have numbers now; several may have a part in one. */
export function gathered(gauges: readonly Gauge[]): GatheredGauge[] {
  const byName = Map.groupBy(gauges, ({ name }) => name);
  return Array.from(byName, ([name, parts]) => {
    const samples = new Map(
      parts.flatMap((part) => part.samples())
        .map((sample) => [JSON.stringify(sample.labels), sample]),
    );
    return { name, help: parts[0]!.help, samples: [...samples.values()] };
  }).filter(({ samples }) => samples.length > 0);
}
