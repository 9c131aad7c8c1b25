import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { EngineRemains } from "../../../src/net/tls/engine_remains.ts";
import { Authority } from "../../support/certificates.ts";

const MB = 1024 * 1024;

Deno.test("EngineRemains asks for memory when much waits to be collected", () => {
  const asked: [closed: number, bytes: number][] = [];
  let closed = 0;
  const remains = new EngineRemains((bytes) => asked.push([closed, bytes]));
  while (closed < 10_000) {
    closed++;
    remains.add();
  }
  const every = Math.ceil(32 * MB / (9 * 1024));
  assertEquals(asked, [[every, 96 * MB], [2 * every, 96 * MB]]);
});

/** How many engines are made and closed. */
const ENGINES = 24_000;

/** They would take 210 MB with nobody to collect them. */
const MOST_BYTES = 150 * MB;

Deno.test("engines that are closed take no memory for ever", async () => {
  using authority = await Authority.create();
  await authority.issue("a", "a.test", 1);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${fromFileUrl(new URL("../../../deno.json", import.meta.url))}`,
      // As the program is started.
      "--v8-flags=--max-semi-space-size=1,--no-maglev",
      "--no-check",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      fromFileUrl(new URL("../../support/engine_probe.ts", import.meta.url)),
      authority.path("a"),
      String(ENGINES),
    ],
  }).output();
  const bytes = Number(new TextDecoder().decode(stdout));
  assert(bytes > 0, new TextDecoder().decode(stderr));
  assert(bytes < MOST_BYTES, `${ENGINES} engines took ${bytes} bytes`);
});
