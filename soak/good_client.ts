/**
 * A client that does everything right, on one connection after the other, and
 * is not content with anything that is not.
 */

import type { SoakGeneration } from "./reloads.ts";
import type { Period } from "./history.ts";
import { type Answer, ConnectionEnded, Wire } from "./wire.ts";
import type { World } from "./world.ts";

/**
 * How much later than the server says that it has reloaded each of several
 * workers may serve the new configuration, in ms.
 */
const WORKERS_SETTLE_MS = 2000;

/** A request. */
export interface Ask {
  /** Its target. */
  readonly path: string;
  /** `GET` if it is not said. */
  readonly method?: string;
  /** Fields besides `Host` and `User-Agent`, each with its CRLF. */
  readonly fields?: string;
  /** What follows the head, in pieces that are sent one by one. */
  readonly body?: readonly string[];
}

/** How requests are made. */
export interface AskOptions {
  /** How long to wait before each read of the answer, in ms. */
  readonly slowMs?: number;
  /** Whether nothing is sent after the requests, not even later. */
  readonly halfClose?: boolean;
  /** Whether the connection may end in between, in a period. */
  mayBeCut?(period: Period): boolean;
}

/** An answer, and the configuration it is of. */
export interface Told {
  /** The answer. */
  readonly answer: Answer;
  /** The configuration that has answered. */
  readonly generation: SoakGeneration;
}

/** A client that keeps to the rules and checks every answer. */
export class GoodClient implements Disposable {
  /** What it shares with others. */
  readonly world: World;
  readonly #id: string;
  readonly #port: number;
  #wire: Wire | undefined;
  #requests = 0;
  /** How many answers its connection has brought. */
  #onWire = 0;
  /** The number of the last configuration that answered on the connection. */
  #lastNumber = 0;

  /** A client of a port; its requests are marked with `id`. */
  constructor(world: World, id: string, port: number = world.ports.site) {
    this.world = world;
    this.#id = id;
    this.#port = port;
  }

  /** Says that something is wrong. */
  problem(text: string): void {
    const seconds = (performance.now() - this.world.until) / 1000;
    this.world.problems.add(`${seconds.toFixed(2)} s, ${this.#id}: ${text}`);
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
    const wire = await this.#connected();
    if (wire === undefined) return told;
    const askedAt = performance.now();
    try {
      await this.#send(wire, asks, marks);
      if (options.halfClose === true) await wire.closeWrite();
      for (const { method } of asks) {
        const answer = await wire.answer(askedAt, {
          head: method === "HEAD",
          ...(options.slowMs === undefined ? {} : { slowMs: options.slowMs }),
        });
        audit.answered(marks[answered]!, answer.status);
        if (options.slowMs === undefined) {
          latencies.add(answer.endedAt - askedAt);
        }
        const generation = this.#generationOf(answer);
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
    this.#wire?.close();
    this.#wire = undefined;
    this.#lastNumber = this.#onWire = 0;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #connected(): Promise<Wire | undefined> {
    try {
      return this.#wire ??= await Wire.connect(this.#port);
    } catch (error) {
      this.problem(`no connection: ${error}`);
      return undefined;
    }
  }

  async #send(
    wire: Wire,
    asks: readonly Ask[],
    marks: readonly string[],
  ): Promise<void> {
    let text = "";
    for (const [i, { method = "GET", path, fields, body }] of asks.entries()) {
      text += `${method} ${path} HTTP/1.1\r\nHost: good\r\n` +
        `User-Agent: ${marks[i]}\r\n${fields ?? ""}\r\n`;
      if (body === undefined) continue;
      for (const piece of body) {
        await wire.send(text);
        text = piece;
      }
    }
    await wire.send(text);
  }

  /** Which configuration has answered, if it may have. */
  #generationOf(answer: Answer): SoakGeneration | undefined {
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
    if (generation.number < this.#lastNumber) {
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
