import { assert } from "@std/assert";
import { SharedZone } from "../../../src/core/zones.ts";
import type { Clock } from "../../../src/features/acme/authority/clock.ts";
import { runEngine } from "../../../src/features/acme/authority/engine.ts";
import { Board } from "../../../src/features/acme/board.ts";
import type { Issuer } from "../../../src/features/acme/issuer.ts";
import { MemoryState } from "../../../src/features/acme/state_folder.ts";
import type { Wanted } from "../../../src/features/acme/wanted.ts";
import { hasPebble, Pebble } from "../../support/pebble.ts";
import { eventually } from "../../support/server_process.ts";

const DAY = 24 * 3_600_000;
const PLACE = { file: "x.conf", line: 1 };

/** What an authority that is at work needs for real, in ms. */
const AT_WORK_MS = 200;

/** A clock whose time passes as somebody sleeps. */
class FastClock implements Clock {
  #ahead = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  random(): number {
    return 0.5;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const isForAnswer = ms < 60_000;
    await new Promise((resolve) =>
      setTimeout(resolve, isForAnswer ? Math.min(ms, AT_WORK_MS) : 1)
    );
    signal.throwIfAborted();
    this.#ahead += ms;
  }
}

Deno.test({
  name: "a certificate of days is renewed at two thirds, by any clock",
  ignore: !hasPebble(),
  async fn() {
    await using pebble = await Pebble.start({ lifetime: 6 * DAY / 1000 });
    const { httpPort } = pebble;
    const board = new Board(
      new SharedZone(new SharedArrayBuffer(64 * 1024), 0),
    );
    await using _answers = Deno.serve(
      { hostname: "127.0.0.1", port: httpPort, onListen: () => {} },
      ({ url }) => {
        const token = new URL(url).pathname.split("/").at(-1)!;
        return new Response(board.read().tokens[token]?.text ?? "none");
      },
    );
    const issuer: Issuer = {
      name: "pebble",
      uri: pebble.directory,
      contacts: [],
      statePath: undefined,
      acceptsTerms: true,
      accountKey: "ecdsa:256",
      externalAccount: undefined,
      challenge: "http-01",
      preferredChain: undefined,
      profile: undefined,
      trusted: { path: pebble.rootFile, place: PLACE },
      place: PLACE,
    };
    const wanted: Wanted = {
      id: "a",
      fileName: "a",
      issuer,
      identifiers: [{ type: "dns", value: "a.test" }],
      key: "ecdsa:384",
      place: PLACE,
    };
    const progress = { a: { names: ["a.test"], issuer: "pebble" } };
    board.write({ tokens: {}, hosts: {}, pairs: {}, progress });
    const clock = new FastClock();
    const began = clock.now();
    const ending = new AbortController();
    const running = runEngine({
      wanted: [wanted],
      stored: new Map(),
      states: new Map([[issuer, new MemoryState()]]),
      board,
      signal: ending.signal,
      clock,
    });
    const success = () => board.read().progress.a?.lastSuccess ?? 0;
    await eventually(() => success() > 0, "the first", 20_000);
    assert(success() - began < DAY / 10);
    const first = board.read().pairs.a;
    await eventually(() => success() > began + DAY, "the second", 60_000);
    const days = (success() - began) / DAY;
    assert(days > 3.9 && days < 4.1, `${days}`);
    assert(board.read().pairs.a?.key !== first?.key);
    // The next renewal may have begun: its tokens go as well.
    const tokens = () => Object.keys(board.read().tokens).length;
    await eventually(() => tokens() === 0, "no token", 20_000);
    ending.abort();
    await running;
  },
});
