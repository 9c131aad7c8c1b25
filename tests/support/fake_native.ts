/** A scripted transport that can what sockets of the system can. */

import type { FilePart, KeptBytes } from "../../src/http/response.ts";
import type { ReadWaiter } from "../../src/net/transport.ts";
import { FakeTransport } from "./fake_transport.ts";
import { bytesOf } from "./latin1.ts";

/** What was asked of it beside what {@linkcode FakeTransport} has. */
export class FakeNative extends FakeTransport {
  readonly sendsFiles = true;
  /** Who waits. */
  readonly waiters: ReadWaiter[] = [];
  /** The parts of files. */
  readonly parts: FilePart[] = [];
  /** What writes were told beside the bytes. */
  readonly told: (readonly [boolean | undefined, KeptBytes | undefined])[] = [];
  /** What reads give that need no waiting. */
  readonly now: string[] = [];

  readNow(target: Uint8Array, waiter: ReadWaiter): number | undefined {
    const next = this.now.shift();
    if (next === undefined) {
      this.waiters.push(waiter);
      return undefined;
    }
    target.set(bytesOf(next));
    return next.length;
  }

  override write(
    bytes: Uint8Array,
    more?: boolean,
    kept?: KeptBytes,
  ): Promise<number> {
    this.told.push([more, kept]);
    return super.write(bytes);
  }

  sendFile(part: FilePart): number {
    this.parts.push(part);
    return part.length;
  }
}
