/**
 * A client that does everything right, on one connection after the other, and
 * is not content with anything that is not.
 */

import type { SoakGeneration } from "./reloads.ts";
import { FetchLink } from "./fetch_link.ts";
import { type Ask, type AskOptions, type Link, WireLink } from "./link.ts";
import { type Answer, ConnectionEnded } from "./wire.ts";
import type { World } from "./world.ts";

/**
 * How much later than the server says that it has reloaded each of several
 * workers may serve the new configuration, in ms.
 */
const WORKERS_SETTLE_MS = 2000;

/** An answer, and the configuration it is of. */
export interface Told {
  /** The answer. */
  readonly answer: Answer;
  /** The configuration that has answered. */
  readonly generation: SoakGeneration;
}

/** The protocols that good clients speak; the first is spoken as bytes. */
export const WAYS = ["HTTP/1.1", "h2c", "HTTP/1.1 over TLS", "h2"] as const;

/** One of them. */
export type GoodWay = (typeof WAYS)[number];

/** A client that keeps to the rules and checks every answer. */
export class GoodClient implements Disposable {
  /** What it shares with others. */
  readonly world: World;
  /** What it speaks. */
  readonly way: GoodWay;
  readonly #id: string;
  #link: Link | undefined;
  #requests = 0;
  /** How many answers its connection has brought. */
  #onWire = 0;
  /** The number of the last configuration that answered on the connection. */
  #lastNumber = 0;

  /** A client of the site; its requests are marked with `id`. */
  constructor(world: World, id: string, way: GoodWay) {
    this.world = world;
    this.way = way;
    this.#id = id;
  }

  /** Says that something is wrong. */
  problem(text: string): void {
    const seconds = (performance.now() - this.world.until) / 1000;
    this.world.problems.add(
      `${seconds.toFixed(2)} s, ${this.#id}, ${this.way}: ${text}`,
    );
  }

  /** Tells what is wrong, and counts what is not. */
  judge(what: string, problem: string | undefined): void {
    const { counts } = this.world;
    if (problem !== undefined) return this.problem(`${what}: ${problem}`);
    counts.answers++;
    for (
      const [map, key] of [
        [counts.byScenario, what],
        [counts.byWay, this.way],
      ] as const
    ) map.set(key, (map.get(key) ?? 0) + 1);
  }

  /** Makes one request; `undefined` when its answer never came whole. */
  async ask(ask: Ask, options: AskOptions = {}): Promise<Told | undefined> {
    return (await this.askAll([ask], options))[0];
  }

  /**
   * Makes requests, all at once, and reads their answers. There are fewer when
   * the connection has ended as agreed; what is wrong has been told.
   */
  async askAll(
    asks: readonly Ask[],
    options: AskOptions = {},
  ): Promise<Told[]> {
    const { audit, latencies } = this.world;
    const marks = asks.map(() => `soak/${this.#id}.${++this.#requests}`);
    const told: Told[] = [];
    let answered = 0;
    const link = await this.#connected();
    if (link === undefined) return told;
    const askedAt = performance.now();
    try {
      for await (const answer of link.exchange(asks, marks, options)) {
        audit.answered(marks[answered]!, answer.status);
        if (options.slowMs === undefined) {
          latencies.add(answer.endedAt - askedAt);
        }
        const generation = this.#generationOf(answer, link.ordered);
        answered++;
        this.#onWire++;
        if (generation !== undefined) told.push({ answer, generation });
        const isLast = generation === undefined ||
          answer.field("connection") === "close";
        if (!isLast) continue;
        this.close();
        break;
      }
    } catch (error) {
      this.#failed(error, askedAt, asks, answered, options);
      this.close();
    }
    for (const mark of marks.slice(answered)) audit.cut(mark);
    if (options.halfClose === true) this.close();
    return told;
  }

  /** Ends the connection, if there is one. */
  close(): void {
    this.#link?.close();
    this.#link = undefined;
    this.#lastNumber = this.#onWire = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #connected(): Promise<Link | undefined> {
    const { ports, certificate } = this.world;
    const isSecure = this.way === "h2" || this.way === "HTTP/1.1 over TLS";
    try {
      return this.#link ??= this.way === "HTTP/1.1"
        ? await WireLink.connect(ports.site)
        : new FetchLink({
          port: isSecure ? ports.secure : ports.site,
          certificate: isSecure ? certificate : undefined,
          http2: this.way === "h2c" || this.way === "h2",
        });
    } catch (error) {
      this.problem(`no connection: ${error}`);
      return undefined;
    }
  }

  /** Which configuration has answered, if it may have. */
  #generationOf(
    answer: Answer,
    isOrdered: boolean,
  ): SoakGeneration | undefined {
    const { reloads, workers } = this.world;
    const text = answer.field("x-generation");
    const generation = reloads.find(Number(text));
    const settleMs = workers > 1 ? WORKERS_SETTLE_MS : 0;
    const possible = reloads.history.during({
      from: answer.askedAt - settleMs,
      to: answer.endedAt,
    });
    if (generation === undefined || !possible.includes(generation)) {
      const numbers = possible.map(({ number }) => number).join(" or ");
      this.problem(
        `${answer.status} of configuration ${text}, expected ${numbers}`,
      );
      return undefined;
    }
    if (isOrdered && generation.number < this.#lastNumber) {
      this.problem(`configuration ${text} after ${this.#lastNumber}`);
    }
    this.#lastNumber = generation.number;
    if (answer.field("x-mark") !== generation.kind.mark) {
      this.problem(`the wrong fields for configuration ${text}`);
    }
    return generation;
  }

  #failed(
    error: unknown,
    askedAt: number,
    asks: readonly Ask[],
    answered: number,
    options: AskOptions,
  ): void {
    const period = { from: askedAt, to: performance.now() };
    if (!(error instanceof ConnectionEnded)) {
      this.problem(`${asks[answered]?.path}: ${error}`);
    } else if (options.mayBeCut?.(period) === true) {
      this.world.counts.cuts++;
    } else {
      const { method = "GET", path } = asks[answered]!;
      this.problem(
        `${method} ${path}, ${answered + 1} of ${asks.length}, after ` +
          `${Math.round(period.to - period.from)} ms, ${this.#onWire} before ` +
          `on its connection: ${error.message}`,
      );
    }
  }
}
