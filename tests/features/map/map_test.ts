import { assert, assertEquals } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { ask } from "../../support/raw_client.ts";
import { faultsIn } from "../../config/config_support.ts";
import { FaultList } from "../../../src/config/fault_list.ts";
import { readConfiguration } from "../../../src/server/setup/configuration.ts";
import { mapModule } from "../../../src/features/map/map.ts";

const { directives } = mapModule;

/** What a server says whose maps are `maps`, of `text`. */
async function answers(
  maps: string,
  text: string,
  paths: readonly string[],
): Promise<string[]> {
  await using server = new InProcessServer({
    config: `access_log off; ${maps}
      server { listen 127.0.0.1:0; location / { return 200 "${text}"; } }`,
  });
  const texts: string[] = [];
  for (const path of paths) {
    const request = `GET ${path} HTTP/1.0\r\nHost: a.example\r\n\r\n`;
    const { status, text } = await ask(server.port, request);
    texts.push(status === 200 ? text : String(status));
  }
  return texts;
}

Deno.test("map: all lines that are wrong are told, with their places", () => {
  const config = `map $a $b {
  default $c;
  x 1;
  X 2;
  y;
  default 3;
}
map a b { }
map_hash_max_size x;`;
  assertEquals(faultsIn(config, directives), [
    'unknown "a" variable in x.conf:1',
    'unknown "c" variable in x.conf:2',
    'conflicting parameter "x" in x.conf:4',
    "invalid number of the map parameters in x.conf:5",
    "duplicate default map parameter in x.conf:6",
    'invalid variable name "b" in x.conf:8',
    '"map_hash_max_size" directive invalid number in x.conf:9',
  ]);
});

Deno.test("map: a file with lines is included, and has places of its own", () => {
  const folder = Deno.makeTempDirSync();
  const file = `${folder}/x.conf`;
  const lines = `${folder}/lines.map`;
  Deno.writeTextFileSync(lines, "/a 1;\n/b $nobody;\n/A 2;");
  Deno.writeTextFileSync(file, "map $uri $b {\n include lines.map;\n /b 3;\n}");
  const faults = new FaultList();
  readConfiguration({ file, prefix: folder }, () => {}, { faults });
  assertEquals(faults.inOrder().map(({ message }) => message), [
    `unknown "nobody" variable in ${lines}:2`,
    `conflicting parameter "/a" in ${lines}:3`,
    `conflicting parameter "/b" in ${file}:3`,
  ]);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("map: values that are made of one another end in an error", async () => {
  const maps = `map $b $a { default $b; }
    map $a $b { default $a; }
    map $uri $c { default fine; }`;
  assertEquals(await answers(maps, "$a", ["/"]), ["500"]);
  assertEquals(await answers(maps, "$c", ["/"]), ["fine"]);
});

/** Most time for 10,000 lines to be read, in ms, on a busy machine. */
const MOST_MS = 2000;

Deno.test("map: 10,000 lines are read fast, and looked up", async () => {
  const lines = Array.from(
    { length: 10_000 },
    (_, i) => `/old/${i} /new/${i};`,
  );
  const start = performance.now();
  const found = await answers(
    `map $uri $new { ${lines.join("\n")} }`,
    "$new",
    ["/old/0", "/old/9999", "/old/10000"],
  );
  assertEquals(found, ["/new/0", "/new/9999", ""]);
  const took = performance.now() - start;
  assert(took < MOST_MS, `${took} ms`);
});
