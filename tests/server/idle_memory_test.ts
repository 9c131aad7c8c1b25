/**
 * How much an idle connection takes: counted in live objects and buffers after
 * a collection, which is the same on every machine, however busy.
 */

import { assert } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { RawClient } from "../support/raw_client.ts";

/** How many connections are counted. */
const CONNECTIONS = 1000;

/**
 * What one may take, in bytes. It takes 3,920 with small requests, of which
 * about 2,400 are the runtime's, and 4,310 with those of browsers.
 */
const MAX_BYTES = 4100;
const MAX_BROWSER_BYTES = 4500;

/** A server's process, asked for its memory. */
class Probe implements AsyncDisposable {
  readonly #child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${fromFileUrl(new URL("../../deno.json", import.meta.url))}`,
      "--v8-flags=--expose-gc",
      "--allow-net",
      "--allow-read",
      "--allow-write",
      "--allow-env=WEBSERV_TEST_EVENTS",
      "--allow-ffi",
      fromFileUrl(new URL("../support/memory_probe.ts", import.meta.url)),
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  readonly #answers = this.#child.stdout
    .pipeThrough(new TextDecoderStream()).getReader();
  readonly #questions = this.#child.stdin.getWriter();

  /** The next number it prints. */
  async next(): Promise<number> {
    const { value } = await this.#answers.read();
    return Number(value);
  }

  /** How many bytes its objects take. */
  async bytes(): Promise<number> {
    await this.#questions.write(new TextEncoder().encode("\n"));
    return await this.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#questions.close().catch(() => {});
    await this.#answers.cancel();
    await this.#child.status;
  }
}

Deno.test("an idle connection takes no more than it did", async () => {
  await using probe = new Probe();
  const port = await probe.next();
  using clients = new DisposableStack();
  for (
    const [fields, most] of [
      ["", MAX_BYTES],
      [`Accept: ${"x".repeat(550)}\r\n`, MAX_BROWSER_BYTES],
    ] as const
  ) {
    const connect = async () => {
      const client = clients.use(await RawClient.connect(port));
      await client.send(`GET /a.txt HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
      await client.response();
    };
    // What the first ones bring with them is not theirs.
    for (let i = 0; i < CONNECTIONS; i++) await connect();
    const before = await probe.bytes();
    for (let i = 0; i < CONNECTIONS; i++) await connect();
    const bytes = (await probe.bytes() - before) / CONNECTIONS;
    assert(bytes < most, `an idle connection takes ${bytes} bytes`);
  }
});
