/**
 * A question to the runtime: has it looked at its sockets since I asked?
 * Nothing else tells. Timers wait for a millisecond, and rounds of
 * `setImmediate` or of a `MessageChannel` go by without a look (measured).
 * So one byte is sent over the loopback interface to the program itself: when
 * it is read, the runtime has asked the system what is ready since.
 */

const LOOPBACK = "127.0.0.1";

const BYTE = new Uint8Array(1);

/** What answers, at some time after it was asked, once each time. */
export interface LoopProbe {
  /** Asks. */
  ask(): void;
  /** Gives it up; nothing is answered any more. */
  close(): void;
}

/** Whom a probe tells. */
export interface ProbeEvents {
  /** The runtime has looked at its sockets. */
  answered(): void;
  /** It never answers again. */
  lost(): void;
}

/**
 * A probe over a connection of the program with itself. Permissions are asked
 * for before it returns.
 *
 * @throws what `Deno.listen` and `Deno.connect` throw
 */
export async function openLoopProbe(events: ProbeEvents): Promise<LoopProbe> {
  const [asking, answering] = await connectedPair();
  let closed = false;
  function close(): void {
    if (closed) return;
    closed = true;
    asking.close();
    answering.close();
  }
  function lose(): void {
    if (closed) return;
    close();
    events.lost();
  }
  async function listen(): Promise<void> {
    const buffer = new Uint8Array(BYTE.length);
    try {
      while (await answering.read(buffer) !== null) events.answered();
    } catch {
      // It is lost either way.
    }
    lose();
  }
  asking.setNoDelay(true);
  listen();
  return {
    ask: () => void asking.write(BYTE).catch(lose),
    close,
  };
}

/** Both ends of one connection; whoever else knocks is sent away. */
async function connectedPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const asking = await Deno.connect({
    hostname: LOOPBACK,
    port: listener.addr.port,
  });
  try {
    for (;;) {
      const answering = await listener.accept();
      if (answering.remoteAddr.port === asking.localAddr.port) {
        return [asking, answering];
      }
      answering.close();
    }
  } catch (error) {
    asking.close();
    throw error;
  }
}
