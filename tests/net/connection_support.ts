/** Connections over scripted transports. */

import { Connection } from "../../src/net/connection.ts";
import type {
  ConnectionOptions,
  ConnectionTimeouts,
} from "../../src/net/connection_options.ts";
import type {
  DeadlineKind,
  EndReason,
} from "../../src/net/connection_state.ts";
import { DeadlineSweep } from "../../src/net/deadlines.ts";
import { FairReads } from "../../src/scheduling/fair_reads.ts";
import {
  FakeTransport,
  type FakeTransportScript,
} from "../support/fake_transport.ts";
import { bytesOf, textOf } from "../support/latin1.ts";

/** No deadlines at all. */
export const NO_TIMEOUTS: ConnectionTimeouts = {
  headerMs: 0,
  bodyMs: 0,
  sendMs: 0,
  keepaliveMs: 0,
  lingeringTimeMs: 5000,
  lingeringMs: 0,
};

/** A connection, its transport, and how it ended. */
export class Fixture implements Disposable {
  readonly transport: FakeTransport;
  readonly connection: Connection;
  readonly sweep = new DeadlineSweep<Connection>(5);
  /** The reasons that were told to the server. */
  readonly ends: EndReason[] = [];
  /** The errors that were told with them. */
  readonly errors: unknown[] = [];
  /** The deadlines that have passed. */
  readonly passed: DeadlineKind[] = [];
  /** What is said to a client that is late; nothing if it is empty. */
  lastWord = "";

  constructor(
    script: FakeTransportScript = {},
    timeouts: Partial<ConnectionTimeouts> = {},
    options: Partial<ConnectionOptions> = {},
  ) {
    this.transport = new FakeTransport(script);
    const { addresses } = this.transport;
    this.connection = new Connection(this.transport, {
      addresses,
      sweep: this.sweep,
      fairReads: new FairReads(),
      maxInputBytes: 32 * 1024,
      timeouts: { ...NO_TIMEOUTS, ...timeouts },
      events: {
        ended: (reason, error) => {
          this.ends.push(reason);
          this.errors.push(error);
        },
        deadlinePassed: (kind) => {
          this.passed.push(kind);
          if (this.lastWord === "") return false;
          this.connection.sendLast(bytesOf(this.lastWord));
          return true;
        },
      },
      ...options,
    });
  }

  /** All that has come and was not taken. */
  get unread(): string {
    const { bytes, start, end } = this.connection.input;
    return textOf(bytes.subarray(start, end));
  }

  [Symbol.dispose](): void {
    this.connection.end("done");
  }
}

/** Waits `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
