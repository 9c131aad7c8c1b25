/**
 * A model of how Deno's runtime completes reads: see `read_turns.ts`. Every
 * client has sent its next request as soon as it has been answered.
 */

import type {
  LoopProbe,
  ProbeEvents,
} from "../../src/scheduling/loop_probe.ts";

/** How many operations complete in one round: tokio's budget. */
const BUDGET = 128;

/** A runtime whose rounds the test decides. */
export class FakeRuntime {
  /** Ready for the next round, in the order they were woken. */
  #ready: (() => void)[] = [];
  /** What the system will say is ready when it is asked. */
  #arrived: (() => void)[] = [];

  /** A read that the system will have something for. */
  read(): Promise<void> {
    return new Promise((resolve) => this.#arrived.push(resolve));
  }

  /** A probe whose byte is read like everything else. */
  openProbe(events: ProbeEvents): Promise<LoopProbe> {
    return Promise.resolve({
      ask: () => void this.read().then(() => events.answered()),
      close() {},
    });
  }

  /** One round: what is ready completes, then the system is asked. */
  async round(): Promise<void> {
    const served = this.#ready.slice(0, BUDGET);
    const putOff = this.#ready.slice(BUDGET);
    // Those put off are woken after those who are new.
    this.#ready = [...this.#arrived, ...putOff];
    this.#arrived = [];
    for (const complete of served) complete();
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }
}
