/** Clients of a soak: good ones, which must never notice the others. */

import { connect, type Socket as NodeSocket } from "node:net";

/** Where the server is, and when clients stop. */
export interface Target {
  /** The port on the loopback address. */
  readonly port: number;
  /** When to stop, in ms of `performance.now()`. */
  readonly until: number;
}

/** What good clients have seen. */
export interface GoodResults {
  /** Answers that were right. */
  answers: number;
  /** What went wrong. */
  readonly errors: string[];
  /** How long each answer took, in ms. */
  readonly latencies: number[];
}

const HOST = "127.0.0.1";
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("latin1");

/** How long a good client waits between two requests, in ms. */
const GOOD_PAUSE_MS = 2;

/** How long a hostile client waits before its next connection, in ms. */
const HOSTILE_PAUSE_MS = 10;

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function over({ until }: Target): boolean {
  return performance.now() >= until;
}

/** Fetches `path` again and again over one connection and checks the body. */
export async function goodClient(
  target: Target,
  path: string,
  body: string,
  results: GoodResults,
): Promise<void> {
  const request = ENCODER.encode(`GET ${path} HTTP/1.1\r\nHost: good\r\n\r\n`);
  while (!over(target)) {
    try {
      using socket = await Deno.connect({ hostname: HOST, port: target.port });
      for (let n = 0; n < 500 && !over(target); n++) {
        const started = performance.now();
        await writeAll(socket, request);
        const answer = await readAnswer(socket, body.length);
        results.latencies.push(performance.now() - started);
        if (!answer.startsWith("HTTP/1.1 200 ") || !answer.endsWith(body)) {
          results.errors.push(`wrong answer: ${answer.slice(0, 60)}`);
          break;
        }
        results.answers++;
        await pause(GOOD_PAUSE_MS);
      }
    } catch (error) {
      results.errors.push(String(error));
    }
  }
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await socket.write(bytes.subarray(at));
  }
}

async function readAnswer(socket: Deno.Conn, length: number): Promise<string> {
  const chunk = new Uint8Array(16 * 1024);
  let text = "";
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    if (end >= 0 && text.length >= end + 4 + length) return text;
    const count = await socket.read(chunk);
    if (count === null) throw new Error(`closed after ${text.length} bytes`);
    text += DECODER.decode(chunk.subarray(0, count));
  }
}

/** Opens a connection that swallows every error. */
function open(target: Target): Promise<NodeSocket> {
  return new Promise((resolve) => {
    const socket = connect({ host: HOST, port: target.port });
    socket.on("error", () => {});
    socket.on("connect", () => resolve(socket));
    socket.on("close", () => resolve(socket));
  });
}

/** A way to misbehave. */
type Misbehaviour = (socket: NodeSocket, target: Target) => Promise<void>;

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

/** Every way in which a hostile or broken client behaves. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  slowHead: (socket, target) =>
    drip(socket, target, `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(500)}`),
  slowBody: (socket, target) => {
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\n");
    return drip(socket, target, "b".repeat(500));
  },
  slowReader: async (socket) => {
    socket.pause();
    socket.write("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    await pause(1500);
  },
  silent: async (socket) => {
    socket.pause();
    await pause(1500);
  },
  halfClose: async (socket) => {
    socket.end("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await pause(100);
  },
  resetInHead: async (socket) => {
    socket.write("GET / HT");
    await pause(5);
    socket.resetAndDestroy();
  },
  resetInBody: async (socket) => {
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nab");
    await pause(5);
    socket.resetAndDestroy();
  },
  resetInAnswer: async (socket) => {
    socket.write("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    await pause(5);
    socket.resetAndDestroy();
  },
  headerBomb: async (socket) => {
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(20_000)}`);
    await pause(100);
  },
  pipelineBomb: async (socket, target) => {
    const batch = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(500);
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

/** Misbehaves in one way, on one connection after the other. */
export async function hostileClient(
  target: Target,
  misbehave: Misbehaviour,
): Promise<void> {
  while (!over(target)) {
    const socket = await open(target);
    await misbehave(socket, target);
    socket.destroy();
    await pause(HOSTILE_PAUSE_MS);
  }
}
