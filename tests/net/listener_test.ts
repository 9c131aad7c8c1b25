import { assert, assertEquals, assertThrows } from "@std/assert";
import { plainAddress } from "../../src/net/address.ts";
import { BindError, Listener } from "../../src/net/listener.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0, backlog: 16 };

Deno.test("Listener accepts until it is closed", async () => {
  const listener = new Listener(LOOPBACK);
  assert(listener.port > 0);
  let accepted = 0;
  const run = listener.run((socket) => {
    accepted++;
    socket.close();
  });
  for (let i = 0; i < 5; i++) {
    const socket = await Deno.connect({ port: listener.port });
    assertEquals(await socket.read(new Uint8Array(1)), null);
    socket.close();
  }
  assertEquals(accepted, 5);
  listener.close();
  listener.close();
  await run;
});

Deno.test({
  name: "Listener.closeQuietly() loses nobody who came before",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const shared = { ...LOOPBACK, reusePort: true };
    const stays = new Listener(shared);
    const goes = new Listener({ ...shared, port: stays.port });
    let accepted = 0;
    const accept = (socket: Pick<Deno.Conn, "close">) => {
      accepted++;
      socket.close();
    };
    const sockets = await Promise.all(
      Array.from({ length: 10 }, () => Deno.connect({ port: stays.port })),
    );
    // Some of them wait in the queue of the one that goes.
    const staysRun = stays.run(accept);
    const goesRun = goes.run(accept);
    await goes.closeQuietly();
    assert(goes.closed);
    // The system lets go of the socket when the accept that waits has ended.
    await goesRun;
    for (const socket of sockets) {
      assertEquals(await socket.read(new Uint8Array(1)), null);
      socket.close();
    }
    assertEquals(accepted, 10);
    const late = await Deno.connect({ port: stays.port });
    assertEquals(await late.read(new Uint8Array(1)), null);
    late.close();
    stays.close();
    await stays.closeQuietly();
    await staysRun;
  },
});

Deno.test("Listener says why an address cannot be bound", () => {
  const first = new Listener(LOOPBACK);
  const rows: [string, number, string][] = [
    ["127.0.0.1", first.port, "98: Address already in use"],
    ["192.0.2.1", 0, "99: Cannot assign requested address"],
  ];
  for (const [hostname, port, reason] of rows) {
    const error = assertThrows(
      () => new Listener({ hostname, port, backlog: 1 }),
      BindError,
    );
    assertEquals(
      error.message,
      `bind() to ${hostname}:${port} failed (${reason})`,
    );
  }
  first.close();
});

Deno.test("plainAddress() shows mapped addresses as IPv4", () => {
  const rows: [string, string][] = [
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["192.0.2.1", "192.0.2.1"],
    ["::1", "::1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    ["2001:db8::ffff:1", "2001:db8::ffff:1"],
  ];
  for (const [hostname, expected] of rows) {
    assertEquals(plainAddress(hostname), expected);
  }
});
