/**
 * A socket that is read from in turns. It stands below what reads by itself
 * and ahead of its user, as TLS does: a turn its user took would come too late.
 */

import type { ReadTurns } from "./read_turns.ts";
import type { Socket } from "./socket.ts";

/** See the top of the file. */
export class TurnSocket implements Socket {
  /** See `Deno.Conn`. */
  readonly localAddr: Deno.Addr;
  /** See `Deno.Conn`. */
  readonly remoteAddr: Deno.Addr;
  readonly #socket: Socket;
  readonly #turns: ReadTurns;

  /** Reads from `socket` when `turns` say so. */
  constructor(socket: Socket, turns: ReadTurns) {
    this.localAddr = socket.localAddr;
    this.remoteAddr = socket.remoteAddr;
    this.#socket = socket;
    this.#turns = turns;
  }

  /** Waits for a turn and reads. */
  async read(target: Uint8Array): Promise<number | null> {
    if (this.#turns.crowded) await this.#turns.wait();
    const count = await this.#socket.read(target);
    this.#turns.received();
    return count;
  }

  /** See `Deno.Conn`. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#socket.write(bytes);
  }

  /** See `Deno.Conn`. */
  closeWrite(): Promise<void> {
    return this.#socket.closeWrite();
  }

  /** See `Deno.Conn`. */
  close(): void {
    this.#socket.close();
  }

  /** See `Deno.TcpConn`. */
  setNoDelay(noDelay?: boolean): void {
    this.#socket.setNoDelay?.(noDelay);
  }
}
