import { assert, assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { ServedGeneration } from "../../src/server/served_generation.ts";
import { contained } from "../support/contained.ts";

/** A generation that is served from a folder, and what becomes of it. */
function served() {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  Deno.writeTextFileSync(`${folder}/a.txt`, "content");
  const file = `${folder}/webserv.conf`;
  const text = "server { listen 127.0.0.1:0; access_log access.log; }";
  const configuration = readConfiguration({
    file,
    prefix: folder,
    statements: parseConfig(text, file),
  }, () => {});
  const generation = prepareGeneration(configuration, () => {});
  const state = { ended: 0, closed: false };
  const current = new ServedGeneration(generation, () => void state.ended++);
  current.closed.then(() => state.closed = true);
  const { environment } = generation;
  return {
    folder,
    current,
    state,
    environment,
    lookUp: () => environment.files.of().lookup(contained(`${folder}/a.txt`)),
  };
}

Deno.test("a generation that nobody uses ends when another takes its place", async () => {
  const { folder, current, state } = served();
  assert(!current.isOpen);
  current.retire();
  assertEquals(state.ended, 1);
  await current.closed;
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a generation ends with its last session, and only once retired", async () => {
  const { folder, current, state, environment } = served();
  current.enter();
  current.enter();
  current.leave();
  assert(current.isOpen);
  current.retire();
  await Promise.resolve();
  assertEquals(state, { ended: 0, closed: false });
  // Its log still takes lines, which are written before it is closed.
  const log = environment.logs.open(`${folder}/access.log`);
  log.appendLines(new TextEncoder().encode("the last answer\n"));
  current.leave();
  assertEquals(state.ended, 1);
  await current.closed;
  assertEquals(
    Deno.readTextFileSync(`${folder}/access.log`),
    "the last answer\n",
  );
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("without sessions a generation goes on until it is retired", () => {
  const { folder, current, state } = served();
  current.enter();
  current.leave();
  assertEquals([current.isOpen, state.ended], [false, 0]);
  current.retire();
  assertEquals(state.ended, 1);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("what it keeps for requests to come goes at once, and again at the end", () => {
  const { folder, current, environment, lookUp } = served();
  current.enter();
  lookUp();
  assertEquals(environment.files.size, 1);
  current.retire();
  assertEquals(environment.files.size, 0);
  lookUp(); // the request in flight
  assertEquals(environment.files.size, 1);
  current.leave();
  assertEquals(environment.files.size, 0);
  Deno.removeSync(folder, { recursive: true });
});
