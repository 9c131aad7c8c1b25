/** Clients that misbehave, each in its way. */

import { connect, type Socket as NodeSocket } from "node:net";
import { HTTP2_MISBEHAVIOURS } from "./http2_misbehaviours.ts";
import { pause } from "./pause.ts";

/** Where the server is, and when clients stop. */
export interface Target {
  /** The port on the loopback address. */
  readonly port: number;
  /** The port of the same site with TLS. */
  readonly securePort: number;
  /** When to stop, in ms of `performance.now()`. */
  readonly until: number;
}

const HOST = "127.0.0.1";

/** How long a hostile client waits before its next connection, in ms. */
const HOSTILE_PAUSE_MS = 10;

function over({ until }: Target): boolean {
  return performance.now() >= until;
}

/** Opens a connection that swallows every error. */
function open(port: number): Promise<NodeSocket> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port });
    socket.on("error", () => {});
    socket.on("connect", () => resolve(socket));
    socket.on("close", () => resolve(socket));
  });
}

/** A way to misbehave. */
type Misbehaviour = (socket: NodeSocket, target: Target) => Promise<void>;

/** Those who do not finish a handshake, or do not know of TLS at all. */
const TLS_MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  silentBeforeTls: () => pause(1500),
  halfHandshake: async (socket) => {
    // The head of a record with the first bytes of a ClientHello.
    socket.write(Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3));
    await pause(300);
  },
  plainOnTls: async (socket) => {
    socket.write("GET / HTTP/1.1\r\nHost: hostile\r\n\r\n");
    await pause(50);
  },
  resetInHandshake: async (socket) => {
    socket.write(Uint8Array.of(22, 3, 1));
    await pause(5);
    socket.resetAndDestroy();
  },
};

async function drip(
  socket: NodeSocket,
  target: Target,
  text: string,
): Promise<void> {
  for (const character of text) {
    if (socket.destroyed || over(target)) return;
    socket.write(character);
    await pause(50);
  }
}

/** Every way in which a client of HTTP/1.1 behaves that is hostile or broken. */
const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  slowHead: (socket, target) =>
    drip(
      socket,
      target,
      `GET / HTTP/1.1\r\nHost: hostile\r\nX: ${"a".repeat(500)}`,
    ),
  slowBody: (socket, target) => {
    socket.write(
      "POST / HTTP/1.1\r\nHost: hostile\r\nContent-Length: 9999\r\n\r\n",
    );
    return drip(socket, target, "b".repeat(500));
  },
  slowReader: async (socket) => {
    socket.pause();
    socket.write("GET /big.bin HTTP/1.1\r\nHost: hostile\r\n\r\n");
    await pause(1500);
  },
  silent: async (socket) => {
    socket.pause();
    await pause(1500);
  },
  halfClose: async (socket) => {
    socket.end("GET / HTTP/1.1\r\nHost: hostile\r\n\r\n");
    await pause(100);
  },
  resetInHead: async (socket) => {
    socket.write("GET / HT");
    await pause(5);
    socket.resetAndDestroy();
  },
  resetInBody: async (socket) => {
    socket.write(
      "POST / HTTP/1.1\r\nHost: hostile\r\nContent-Length: 99\r\n\r\nab",
    );
    await pause(5);
    socket.resetAndDestroy();
  },
  resetInAnswer: async (socket) => {
    socket.write("GET /big.bin HTTP/1.1\r\nHost: hostile\r\n\r\n");
    await pause(5);
    socket.resetAndDestroy();
  },
  headerBomb: async (socket) => {
    socket.write(
      `GET / HTTP/1.1\r\nHost: hostile\r\n${"X: y\r\n".repeat(20_000)}`,
    );
    await pause(100);
  },
  pipelineBomb: async (socket, target) => {
    const batch = "GET /bomb.html HTTP/1.1\r\nHost: hostile\r\n\r\n".repeat(
      500,
    );
    socket.pause();
    for (let n = 0; n < 20 && !socket.destroyed && !over(target); n++) {
      socket.write(batch);
      await pause(20);
    }
  },
  garbage: async (socket) => {
    socket.write(crypto.getRandomValues(new Uint8Array(500)));
    await pause(20);
  },
  churn: (socket) => {
    socket.destroy();
    return Promise.resolve();
  },
};

/** Every way in which a hostile or broken client behaves. */
export const ALL_MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  ...MISBEHAVIOURS,
  ...HTTP2_MISBEHAVIOURS,
  ...TLS_MISBEHAVIOURS,
};

/** Misbehaves in one way, on one connection after the other. */
export async function hostileClient(
  target: Target,
  misbehave: Misbehaviour,
): Promise<void> {
  while (!over(target)) {
    const isOfTls = Object.values(TLS_MISBEHAVIOURS).includes(misbehave);
    const socket = await open(isOfTls ? target.securePort : target.port);
    await misbehave(socket, target);
    socket.destroy();
    await pause(HOSTILE_PAUSE_MS);
  }
}
