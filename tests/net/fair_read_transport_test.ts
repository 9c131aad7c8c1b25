import { assertEquals } from "@std/assert";
import { CROWD_READS, FairReads } from "../../src/scheduling/fair_reads.ts";
import { FairReadTransport } from "../../src/net/fair_read_transport.ts";
import { FakeTransport } from "../support/fake_transport.ts";

Deno.test("FairReadTransport counts what it reads and waits in a crowd", async () => {
  const turns = new FairReads();
  let answered = () => {};
  await turns.open((events) => {
    answered = () => events.answered();
    return Promise.resolve({ ask() {}, close() {} });
  });
  const target = new Uint8Array(10);
  const sockets = Array.from({ length: CROWD_READS }, () => {
    return new FairReadTransport(
      new FakeTransport({ reads: ["one", "more"] }),
      turns,
    );
  });
  await Promise.all(sockets.map((socket) => socket.read(target)));
  assertEquals(turns.crowded, true);

  let count: number | null | undefined;
  const reading = sockets[0]!.read(target).then((read) => count = read);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  assertEquals(count, undefined);
  answered();
  await reading;
  assertEquals(count, 4);
});
