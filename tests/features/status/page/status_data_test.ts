import { assertEquals } from "@std/assert";
import { emptySnapshot } from "../../../../src/core/statistics.ts";
import { statusData } from "../../../../src/features/status/page/status_data.ts";

const GAUGES = [{
  name: "webserv_a",
  help: "A.",
  samples: () => [
    { labels: { file: "a" }, value: 1 },
    { labels: { file: "b" }, value: 2 },
  ],
}, {
  name: "webserv_a",
  help: "A.",
  samples: () => [{ labels: { file: "b" }, value: 3 }],
}, { name: "webserv_none", help: "None.", samples: () => [] }];

const EMPTY = emptySnapshot();

const DATA = statusData(
  1000,
  {
    ...EMPTY,
    each: [2, 1].map((id) => ({
      ...EMPTY,
      id,
      startedAt: 1,
      connections: 0,
      heapUsed: 0,
    })),
    servers: [{ ...EMPTY, name: "a", listen: "b" }],
  },
  GAUGES,
  { processorSeconds: 1, openDescriptors: undefined },
);

/** Objects whose names are data. */
const OPEN =
  /^(?:.*\.statuses|requests\.byProtocol|memory|timeouts|limits|gauges|gauges\.\*\[\]\.labels)$/;

/** The paths of all values, as the table writes them. */
function pathsOf(value: unknown, path: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((one) => pathsOf(one, `${path}[]`));
  }
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([name, one]) => {
    const key = OPEN.test(path) ? "*" : name;
    return pathsOf(one, path === "" ? key : `${path}.${key}`);
  });
}

Deno.test("docs/operation.md has each field of the status data, and no other", () => {
  const page = Deno.readTextFileSync(
    new URL("../../../../docs/operation.md", import.meta.url),
  );
  const [, table = ""] =
    /<!-- status data -->([^]*)<!-- end of status data -->/.exec(page) ?? [];
  const told = table.split("\n").filter((line) => line.startsWith("| `"))
    .flatMap((line) =>
      [...line.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
    );
  assertEquals(told.toSorted(), [...new Set(pathsOf(DATA, ""))].toSorted());
});

Deno.test("statusData() survives JSON, and says what is not known", () => {
  assertEquals(JSON.parse(JSON.stringify(DATA)), DATA);
  assertEquals(DATA.process.openDescriptors, null);
  assertEquals(DATA.reload.at, null);
  assertEquals(DATA.reload.fault, null);
  assertEquals(DATA.workers.each.map(({ id }) => id), [1, 2]);
});

Deno.test("statusData() has a number of several modules once", () => {
  assertEquals(DATA.gauges, {
    webserv_a: [
      { labels: { file: "a" }, value: 1 },
      { labels: { file: "b" }, value: 3 },
    ],
  });
});
