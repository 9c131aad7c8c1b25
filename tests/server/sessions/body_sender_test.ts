import { assertEquals } from "@std/assert";
import type { Exchange } from "../../../src/core/exchange.ts";
import type { Outgoing } from "../../../src/http/http1/outgoing.ts";
import type { BodySource, FilePart } from "../../../src/http/response.ts";
import { NOT_BY_DESCRIPTOR } from "../../../src/net/transport.ts";
import { sendBody } from "../../../src/server/sessions/body_sender.ts";
import { Fixture } from "../../net/connection_support.ts";
import { bytesOf } from "../../support/latin1.ts";

const CONTENT = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join("");

/** A file as a body; what is sent of it by whom. */
class FileBody implements BodySource {
  readonly length = CONTENT.length;
  at = 0;
  pulled = 0;

  pull(): Uint8Array | undefined {
    const piece = CONTENT.slice(this.at, this.at + 3000);
    this.at += piece.length;
    this.pulled += piece.length;
    return piece === "" ? undefined : bytesOf(piece);
  }

  lend(limit: number): FilePart {
    const length = Math.min(CONTENT.length - this.at, limit);
    return { file: 7, offset: this.at, length };
  }

  taken(count: number): void {
    this.at += count;
  }

  close(): void {}
}

Deno.test("sendBody() sends a file by its descriptor, or reads the rest where that is no way", async () => {
  const rows: [sent: number[], pulled: number][] = [
    [[CONTENT.length - 1], 1],
    [[1, 4000, CONTENT.length - 4002], 1],
    [[NOT_BY_DESCRIPTOR], CONTENT.length],
    [[5, 2000, NOT_BY_DESCRIPTOR], CONTENT.length - 2005],
  ];
  for (const [sent, pulled] of rows) {
    using fixture = new Fixture();
    const { transport, connection } = fixture;
    const steps = [...sent];
    Object.assign(transport, {
      sendsFiles: true,
      sendFile({ offset, length }: FilePart) {
        const count = steps.shift()!;
        return count < 0 ? count : transport.write(
          bytesOf(CONTENT.slice(offset, offset + Math.min(count, length))),
        );
      },
    });
    const source = new FileBody();
    const outgoing = { source, framing: "length" } as unknown as Outgoing;
    const isWhole = await sendBody(connection, outgoing, {} as Exchange);
    assertEquals([isWhole, source.pulled], [true, pulled], String(sent));
    assertEquals(transport.written, CONTENT);
    assertEquals(connection.bytesOut, CONTENT.length);
    assertEquals(steps, []);
  }
});
