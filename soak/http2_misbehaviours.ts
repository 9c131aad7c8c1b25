/** Clients that misbehave over HTTP/2, each in its way. */

import type { Socket } from "node:net";
import { Flag, FrameType, PREFACE } from "../src/http/http2/frames.ts";
import {
  block,
  frame,
  request,
  reset,
  settings,
} from "../tests/support/http2_client.ts";
import { pause } from "./pause.ts";

/** How many frames are sent at a time. */
const BURST = 200;

/**
 * How long after a burst the connection stays, in ms: the good ones are to be
 * disturbed, not to be without a processor.
 */
const PAUSE_MS = 300;

/** A setting for the window of each stream (RFC 9113 §6.5.2). */
const INITIAL_WINDOW_SIZE = 4;

/** The code with which a client that does not want an answer resets it. */
const CANCEL = 8;

/** Fields of a request of the hostile host. */
function hostile(path: string) {
  return [
    [":method", "GET"],
    [":scheme", "http"],
    [":authority", "hostile"],
    [":path", path],
  ] as const;
}

function start(socket: Socket, ...first: Uint8Array[]): void {
  socket.write(PREFACE);
  socket.write(settings());
  for (const bytes of first) socket.write(bytes);
}

function* burst(make: (id: number) => Uint8Array): Generator<Uint8Array> {
  for (let n = 0; n < BURST; n++) yield make(2 * n + 1);
}

/** Every way to be hostile in frames. */
export const HTTP2_MISBEHAVIOURS: Readonly<
  Record<string, (socket: Socket) => Promise<void>>
> = {
  rapidReset: async (socket) => {
    start(
      socket,
      ...burst((id) => request(id, hostile("/big.bin"))).flatMap((asked, n) => [
        asked,
        reset(2 * n + 1, CANCEL),
      ]),
    );
    await pause(PAUSE_MS);
  },
  zeroWindow: async (socket) => {
    socket.write(PREFACE);
    socket.write(settings([INITIAL_WINDOW_SIZE, 0]));
    for (let id = 1; id < 100; id += 2) {
      socket.write(request(id, hostile("/big.bin")));
    }
    await pause(1500);
  },
  manyStreams: async (socket) => {
    start(socket, ...burst((id) => request(id, hostile("/big.bin"))));
    await pause(PAUSE_MS);
  },
  pings: async (socket) => {
    const ping = frame(FrameType.Ping, Flag.None, 0, "12345678");
    socket.pause();
    start(socket, ...burst(() => ping));
    await pause(PAUSE_MS);
  },
  settingsFlood: async (socket) => {
    socket.pause();
    start(socket, ...burst(() => settings()));
    await pause(PAUSE_MS);
  },
  continuations: async (socket) => {
    start(socket, frame(FrameType.Headers, Flag.None, 1, block(hostile("/"))));
    for (
      const bytes of burst(() =>
        frame(FrameType.Continuation, Flag.None, 1, block([["x", "y"]]))
      )
    ) socket.write(bytes);
    await pause(PAUSE_MS);
  },
  halfRequest: async (socket) => {
    start(socket, request(1, hostile("/"), Flag.EndHeaders));
    await pause(300);
  },
  resetInAnswers: async (socket) => {
    start(socket, request(1, hostile("/big.bin")));
    await pause(5);
    socket.resetAndDestroy();
  },
  garbageFrames: async (socket) => {
    start(socket, crypto.getRandomValues(new Uint8Array(2000)));
    await pause(20);
  },
};
