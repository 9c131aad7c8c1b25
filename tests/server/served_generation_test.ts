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
  const owner = new ServedGeneration(generation, () => void state.ended++);
  owner.closed.then(() => state.closed = true);
  const { environment } = generation;
  return {
    folder,
    owner,
    state,
    environment,
    lookUp: () => environment.files.of().lookup(contained(`${folder}/a.txt`)),
  };
}

Deno.test("a generation that nobody uses ends when another takes its place", async () => {
  const { folder, owner, state } = served();
  assert(!owner.isOpen);
  owner.retire();
  assertEquals(state.ended, 1);
  await owner.closed;
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a generation ends with its last session, and only once retired", async () => {
  const { folder, owner, state, environment } = served();
  owner.enter();
  owner.enter();
  owner.leave();
  assert(owner.isOpen);
  owner.retire();
  await Promise.resolve();
  assertEquals(state, { ended: 0, closed: false });
  // Its log still takes lines, which are written before it is closed.
  const log = environment.logs.open(`${folder}/access.log`);
  log.appendLines(new TextEncoder().encode("the last answer\n"));
  owner.leave();
  assertEquals(state.ended, 1);
  await owner.closed;
  assertEquals(
    Deno.readTextFileSync(`${folder}/access.log`),
    "the last answer\n",
  );
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("without sessions a generation goes on until it is retired", () => {
  const { folder, owner, state } = served();
  owner.enter();
  owner.leave();
  assertEquals([owner.isOpen, state.ended], [false, 0]);
  owner.retire();
  assertEquals(state.ended, 1);
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("what it keeps for requests to come goes at once, and again at the end", () => {
  const { folder, owner, environment, lookUp } = served();
  owner.enter();
  lookUp();
  assertEquals(environment.files.size, 1);
  owner.retire();
  assertEquals(environment.files.size, 0);
  lookUp(); // the request in flight
  assertEquals(environment.files.size, 1);
  owner.leave();
  assertEquals(environment.files.size, 0);
  Deno.removeSync(folder, { recursive: true });
});
