/** Reloads the server's configuration again and again, and notes when. */

import { join } from "@std/path";
import type { Random } from "../fuzz/random.ts";
import {
  brokenConfigurations,
  configuration,
  type ConfigurationOptions,
  type Kind,
  KINDS,
} from "./configurations.ts";
import { History } from "./history.ts";
import { pause, waitUntil } from "./pause.ts";

/** About how long each configuration is in force, in ms. */
const RELOAD_INTERVAL_MS = 1000;

/** Of so many reloads one is of a broken configuration. */
const BROKEN_EVERY = 4;

/** How long a reload may take, in ms. */
const RELOAD_TIMEOUT_MS = 15_000;

/** A configuration that is or was in force. */
export interface SoakGeneration {
  /** Its number, which its answers say. */
  readonly number: number;
  /** How it differs from others. */
  readonly kind: Kind;
}

/** The server, as far as reloads are concerned. */
export interface Reloadable {
  /** The folder of its configuration. */
  readonly folder: string;
  /** What it has said of its reloads so far: see {@linkcode outcomesIn}. */
  readonly stderr: string;
  /** Sends it a signal. */
  signal(signal: Deno.Signal): void;
}

/** How many reloads were done and refused, by what the server says. */
export function outcomesIn(log: string): { done: number; refused: number } {
  return {
    done: log.match(/configuration reloaded$/gm)?.length ?? 0,
    refused: log.match(/configuration was not reloaded/g)?.length ?? 0,
  };
}

/** Reloads the server now and then. */
export class Reloads {
  /** What is in force, and was. */
  readonly history: History<SoakGeneration>;
  /** How many configurations came into force. */
  done = 0;
  /** How many broken ones were refused. */
  refused = 0;
  readonly #options: ConfigurationOptions;
  readonly #random: Random;
  readonly #problem: (text: string) => void;
  readonly #generations = new Map<number, SoakGeneration>();
  #number = 0;
  #tries = 0;

  /** `problem` is told what went wrong. */
  constructor(
    options: ConfigurationOptions,
    random: Random,
    problem: (text: string) => void,
  ) {
    this.#options = options;
    this.#random = random;
    this.#problem = problem;
    this.history = new History(this.#generation(0));
  }

  /** The text of the configuration that comes first. */
  get firstText(): string {
    return this.#text(this.history.last);
  }

  /** The generation of a number, `undefined` if there was none. */
  find(number: number): SoakGeneration | undefined {
    return this.#generations.get(number);
  }

  /** Reloads each kind once, and comes back to the first. */
  async once(server: Reloadable): Promise<void> {
    do if (!await this.#reload(server)) return; while (!this.#isFirst);
  }

  /** Comes back to the first kind, so that the server is what it was. */
  async back(server: Reloadable): Promise<void> {
    while (!this.#isFirst) if (!await this.#reload(server)) return;
  }

  get #isFirst(): boolean {
    return this.history.last.kind === KINDS[0];
  }

  /** Reloads until `until`, in ms of `performance.now()`. */
  async run(server: Reloadable, until: number): Promise<void> {
    // Held by the soak, so the server cannot have it.
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = taken.addr;
    for (;;) {
      const wait = RELOAD_INTERVAL_MS / 2 +
        this.#random.below(RELOAD_INTERVAL_MS);
      if (performance.now() + wait >= until) return;
      await pause(wait);
      const goesOn = ++this.#tries % BROKEN_EVERY === 0
        ? await this.#refuse(server, port)
        : await this.#reload(server);
      if (!goesOn) return;
    }
  }

  async #reload(server: Reloadable): Promise<boolean> {
    const next = this.#generation(this.#number + 1);
    const before = outcomesIn(server.stderr);
    this.#write(server, this.#text(next));
    const done = this.history.begin(next);
    server.signal("SIGHUP");
    const isOver = await waitUntil(() => {
      const now = outcomesIn(server.stderr);
      return now.done > before.done || now.refused > before.refused;
    }, RELOAD_TIMEOUT_MS);
    done();
    if (isOver && outcomesIn(server.stderr).done > before.done) {
      this.done++;
      return true;
    }
    this.#problem(
      `reload ${next.number} was ${isOver ? "refused" : "not done in time"}`,
    );
    return false;
  }

  async #refuse(server: Reloadable, takenPort: number): Promise<boolean> {
    const good = this.#text({
      number: this.#number + 1_000_000,
      kind: this.#random.pick(KINDS),
    });
    const broken = Object.entries(brokenConfigurations(good, takenPort));
    const [what, text] = broken[this.refused % broken.length]!;
    const before = outcomesIn(server.stderr);
    this.#write(server, text);
    server.signal("SIGHUP");
    const isOver = await waitUntil(
      () => outcomesIn(server.stderr).refused > before.refused,
      RELOAD_TIMEOUT_MS,
    );
    if (isOver) {
      this.refused++;
      return true;
    }
    this.#problem(`a configuration with ${what} was not refused`);
    return false;
  }

  #generation(number: number): SoakGeneration {
    this.#number = number;
    const kind = KINDS[number % KINDS.length]!;
    const generation = { number, kind };
    this.#generations.set(number, generation);
    return generation;
  }

  #text({ kind, number }: SoakGeneration): string {
    return configuration(kind, number, this.#options);
  }

  #write({ folder }: Reloadable, text: string): void {
    Deno.writeTextFileSync(join(folder, "webserv.conf"), text);
  }
}
