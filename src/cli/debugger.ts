/**
 * Deno's debugger, kept shut. The runtime (2.9.6) opens one on 127.0.0.1:9229
 * when the process gets `USR1`, and has no option against it: whoever reaches
 * it, any user of the machine, can make the program do anything. Closing it
 * afterwards is too late, so its port is taken before it can be: where
 * something listens already, the runtime opens nothing.
 *
 * It looks at the signal between two turns of the event loop, and listens to
 * it only when the modules are loaded. A program that takes the port before it
 * first awaits anything never has an open debugger (measured, with signals
 * from the first moment on).
 */

import { close } from "node:inspector";
import { log } from "../logging/logger.ts";

/** Where the runtime opens its debugger. */
export const DEBUGGER_ADDRESS = { hostname: "127.0.0.1", port: 9229 } as const;

/** The first version of the runtime that may do so: 2.6 does not. */
const OPENS_SINCE = [2, 7] as const;

/**
 * The pause between two connections that are turned away, in ms: whoever comes
 * again and again must not keep the program busy.
 */
const TURNED_AWAY_MS = 10;

/**
 * How often a port that another program has is tried again, in ms: it is to be
 * held before a signal comes, and a try costs some 40 µs.
 */
const RETRY_MS = 100;

/**
 * When a debugger that could not be kept shut is closed, in ms from the
 * signal: it opens some 2 ms later, after whatever else is to be done.
 */
const CLOSE_AFTER_MS = [0, 1, 2, 3, 5, 10, 20, 50, 100, 250, 500, 1000, 3000];

function opensDebugger(version: string): boolean {
  if (Deno.build.os === "windows") return false;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OPENS_SINCE[0] ||
    (major === OPENS_SINCE[0] && minor >= OPENS_SINCE[1]);
}

/** How a {@linkcode DebuggerPort} is made. */
interface DebuggerPortOptions {
  /** The port, for tests. */
  readonly port?: number;
  /** The version of the runtime. */
  readonly version?: string;
}

/** The port of the debugger. */
export class DebuggerPort {
  readonly #port: number;
  readonly #isNeeded: boolean;
  #listener: Deno.TcpListener | undefined;
  #turningAway: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isTold = false;

  constructor(
    { port = DEBUGGER_ADDRESS.port, version = Deno.version.deno }:
      DebuggerPortOptions = {},
  ) {
    this.#port = port;
    this.#isNeeded = opensDebugger(version);
  }

  /** Whether no debugger can be opened because the port is held here. */
  get held(): boolean {
    return this.#listener !== undefined;
  }

  /**
   * Holds the port from now on. Other processes of this user share it
   * (`SO_REUSEPORT`); while another program has it, it is tried again until
   * {@linkcode release}.
   */
  hold(): void {
    if (!this.#isNeeded || this.held || this.#timer !== undefined) return;
    if (!this.#listen()) this.#tryAgain();
  }

  /**
   * Gives the port up: the configuration itself listens on it. Settles when
   * it is free.
   */
  async release(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#listener?.ref();
    this.#listener?.close();
    this.#listener = undefined;
    await this.#turningAway;
  }

  /**
   * Says that the port is not held, if it is not. There is a way to reopen
   * logs without the signal that opens the debugger, and who reads this should
   * take it.
   */
  reportIfTaken(level: "warn" | "info"): void {
    if (this.#timer === undefined || this.#isTold) return;
    this.#isTold = true;
    log.log(
      level,
      `${DEBUGGER_ADDRESS.hostname}:${this.#port} cannot be held: when it is ` +
        "free Deno may open a debugger there at USR1, open to every local " +
        'user; to reopen logs use "webserv -s reopen", which sends URG',
    );
  }

  /** `USR1` has come. */
  signalled(): void {
    if (!this.#isNeeded || this.held) return;
    for (const ms of CLOSE_AFTER_MS) {
      Deno.unrefTimer(setTimeout(closeDebugger, ms));
    }
  }

  #listen(): boolean {
    try {
      const listener = Deno.listen({
        hostname: DEBUGGER_ADDRESS.hostname,
        port: this.#port,
        tcpBacklog: 1,
        reusePort: true,
      });
      listener.unref();
      this.#listener = listener;
      this.#turningAway = turnAway(listener);
      return true;
    } catch {
      return false; // Another program has it, or it is not allowed.
    }
  }

  #tryAgain(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // The runtime itself may have been first.
      closeDebugger();
      if (!this.#listen()) return this.#tryAgain();
      if (this.#isTold) log.notice(`port ${this.#port} is held now`);
    }, RETRY_MS);
    Deno.unrefTimer(this.#timer);
  }
}

/** Closes every connection that comes, until the listener is closed. */
async function turnAway(listener: Deno.TcpListener): Promise<void> {
  for (;;) {
    try {
      (await listener.accept()).close();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource) return;
    }
    await new Promise((resolve) => setTimeout(resolve, TURNED_AWAY_MS));
  }
}

function closeDebugger(): void {
  try {
    close();
  } catch {
    // A runtime without a debugger.
  }
}
