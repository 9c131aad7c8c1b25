/**
 * A module as `limit_req` would be one: `count_zone name size;` declares a
 * zone, `count name;` answers with how often it was asked, by all locations
 * and workers, and how often the module was started and stopped.
 */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../src/config/directive.ts";
import { httpScope } from "../../src/config/scope.ts";
import type { SourcePlace } from "../../src/config/errors.ts";
import type { Environment, Module } from "../../src/core/module.ts";
import type { SharedZone } from "../../src/core/zones.ts";
import { HttpResponse } from "../../src/http/response.ts";

interface Declared {
  readonly name: string;
  readonly bytes: number;
  readonly place: SourcePlace;
}

const KIND = "count";

/** What is counted in a zone, in this order. */
const COUNTED = ["requests", "starts", "stops", "supervised"] as const;

const countZone: Directive<readonly Declared[]> = defineDirective<
  readonly Declared[]
>({
  name: "count_zone",
  contexts: ["http"],
  args: [2, 2],
  repeatable: true,
  default: [],
  parse: ({ args: [name = "", bytes], place }, previous = []) =>
    appended(previous, [{ name, bytes: Number(bytes), place }]),
});

const count: Directive<string | undefined> = defineDirective<
  string | undefined
>({
  name: "count",
  contexts: ["location"],
  args: [1, 1],
  inherit: false,
  default: undefined,
  parse: ({ args: [name] }) => name,
});

function add(zone: SharedZone, what: typeof COUNTED[number]): string {
  return zone.locked(() => {
    const counts = new DataView(zone.bytes.buffer, zone.bytes.byteOffset);
    const at = 4 * COUNTED.indexOf(what);
    counts.setUint32(at, counts.getUint32(at) + 1);
    return COUNTED.map((_, i) => counts.getUint32(4 * i)).join(" ");
  });
}

function addAll(
  what: typeof COUNTED[number],
  { zones }: Environment,
  names: Iterable<string>,
): void {
  for (const name of names) {
    add(zones.get(name, KIND, { file: "x.conf", line: 1 }), what);
  }
}

/** The module. */
export const countingModule: Module = {
  name: "counting",
  directives: [countZone, count],
  prepare(main, { zones }) {
    for (const { name, bytes, place } of httpScope(main).get(countZone)) {
      zones.open(name, { kind: KIND, bytes, place });
    }
  },
  create(scope, { zones }) {
    const name = scope.get(count);
    if (name === undefined) return undefined;
    const zone = zones.get(name, KIND, scope.placeOf(count)!);
    return {
      content: () =>
        new HttpResponse(200, {
          body: new TextEncoder().encode(add(zone, "requests")),
        }),
    };
  },
  start(_main, environment) {
    const names = [...environment.zones.memory.keys()];
    addAll("starts", environment, names);
    return () => addAll("stops", environment, names);
  },
  supervise(_main, environment) {
    addAll("supervised", environment, environment.zones.memory.keys());
  },
};
