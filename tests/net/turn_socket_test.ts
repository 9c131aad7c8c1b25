import { assertEquals } from "@std/assert";
import { CROWD_READS, ReadTurns } from "../../src/net/read_turns.ts";
import { TurnSocket } from "../../src/net/turn_socket.ts";
import { FakeSocket } from "../support/fake_socket.ts";

Deno.test("TurnSocket counts what it reads and waits in a crowd", async () => {
  const turns = new ReadTurns();
  let answered = () => {};
  await turns.open((events) => {
    answered = () => events.answered();
    return Promise.resolve({ ask() {}, close() {} });
  });
  const target = new Uint8Array(10);
  const sockets = Array.from({ length: CROWD_READS }, () => {
    return new TurnSocket(new FakeSocket({ reads: ["one", "more"] }), turns);
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
