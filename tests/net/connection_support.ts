/** Connections over scripted sockets. */

import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import { Connection } from "../../src/net/connection.ts";
import type {
  ConnectionOptions,
  ConnectionTimeouts,
} from "../../src/net/connection_options.ts";
import type { EndReason } from "../../src/net/connection_state.ts";
import { DeadlineSweep } from "../../src/net/deadlines.ts";
import { ReadTurns } from "../../src/net/read_turns.ts";
import { FakeSocket, type FakeSocketScript } from "../support/fake_socket.ts";
import { bytesOf } from "../support/latin1.ts";

/** No deadlines at all. */
export const NO_TIMEOUTS: ConnectionTimeouts = {
  headerMs: 0,
  bodyMs: 0,
  sendMs: 0,
  keepaliveMs: 0,
  lingeringTimeMs: 5000,
  lingeringMs: 0,
};

/** What is sent for a request that did not come in time. */
export const TIMEOUT_ANSWER = "HTTP/1.1 408 Request Timeout\r\n\r\n";

/** A connection, its socket, and how it ended. */
export class Fixture implements Disposable {
  readonly socket: FakeSocket;
  readonly connection: Connection;
  readonly sweep = new DeadlineSweep<Connection>(5);
  /** The reasons that were told to the server. */
  readonly ends: EndReason[] = [];
  /** The errors that were told with them. */
  readonly errors: unknown[] = [];
  /** How often an answer to a late request was asked for. */
  timeouts = 0;

  constructor(
    script: FakeSocketScript = {},
    timeouts: Partial<ConnectionTimeouts> = {},
    options: Partial<ConnectionOptions> = {},
  ) {
    this.socket = new FakeSocket(script);
    this.connection = new Connection(this.socket, {
      sweep: this.sweep,
      turns: new ReadTurns(),
      limits: DEFAULT_HEAD_LIMITS,
      timeouts: { ...NO_TIMEOUTS, ...timeouts },
      events: {
        ended: (reason, error) => {
          this.ends.push(reason);
          this.errors.push(error);
        },
        requestTimedOut: () => {
          this.timeouts++;
          return bytesOf(TIMEOUT_ANSWER);
        },
      },
      ...options,
    });
  }

  /** Waits for more of a request; whether there is any. */
  async fill(): Promise<boolean> {
    const { connection } = this;
    connection.awaitRequest();
    try {
      while (!connection.ended) {
        const count = await connection.read();
        if (!connection.received(count)) return false;
        if (count !== 0) return true;
      }
    } catch (error) {
      connection.failed(error);
    }
    return false;
  }

  /** The target of the next request; `undefined` when the input ends. */
  async next(): Promise<string | undefined> {
    const { connection } = this;
    for (;;) {
      const head = connection.parseRequest();
      if (head !== undefined) return head.target;
      if (!await this.fill()) return undefined;
    }
  }

  /** Answers `text` to the current request and is ready for the next. */
  async answer(text: string): Promise<boolean> {
    const written = await this.connection.write(bytesOf(text));
    if (written) this.connection.finishExchange();
    return written;
  }

  [Symbol.dispose](): void {
    this.connection.end("done");
  }
}

/** Waits `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
