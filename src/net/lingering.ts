/** What is done with a client that may still be sending, before a close. */

import { nextTask } from "../scheduling/pause.ts";
import type { ConnectionTimeouts } from "./connection_options.ts";
import type { Transport } from "./transport.ts";

/** How much is read and dropped at a time before a close, in bytes (nginx). */
const LINGERING_BUFFER_BYTES = 4096;

/** How long the last bytes have to go out, whatever is configured, in ms. */
export const LEAST_LINGERING_MS = 500;

/** What is asked of the connection. */
interface Lingering {
  readonly ended: boolean;
  readonly timeouts: ConnectionTimeouts;
  bytesIn: number;
  slice(): Promise<void> | undefined;
}

/** The clock of its deadline. */
interface LingeringClock {
  /** The time, in ms. */
  time(): number;
  /** Sets the deadline to `ms` from the time that was asked for last; 0 for
   * none. */
  allow(ms: number): void;
}

/**
 * Closes the sending side, and reads and drops what the client still sends for
 * a bounded time.
 */
export async function lingerOn(
  transport: Transport,
  connection: Lingering,
  clock: LingeringClock,
): Promise<void> {
  const { lingeringMs, lingeringTimeMs } = connection.timeouts;
  try {
    const until = clock.time() + lingeringTimeMs;
    // Over TLS this waits until everything is written.
    clock.allow(Math.max(lingeringMs, LEAST_LINGERING_MS));
    await transport.closeWrite();
    const scratch = new Uint8Array(LINGERING_BUFFER_BYTES);
    while (!connection.ended) {
      const left = until - clock.time();
      if (left <= 0) break;
      clock.allow(Math.min(left, lingeringMs || left));
      const count = await transport.read(scratch);
      if (count === null) break;
      connection.bytesIn += count;
      if (count === 0) await nextTask();
      // Most have nothing more to say, and wait for nobody.
      const turn = connection.slice();
      if (turn === undefined) continue;
      // What others take is no delay of this client.
      clock.allow(0);
      await turn;
    }
  } catch {
    // The client has gone: that is what was waited for.
  }
}
