/** Whose socket of a shared address new clients come to. */

import { assert, assertEquals } from "@std/assert";
import { Steering } from "../../../src/net/native/steering.ts";

const SKIPPED = Deno.build.os !== "linux" ||
  Deno.permissions.querySync({ name: "ffi" }).state !== "granted";

const CLIENTS = 60;

Deno.test({
  name: "new clients come to the sockets that are named, until it ends",
  ignore: SKIPPED,
  async fn() {
    const shared = { hostname: "127.0.0.1", reusePort: true } as const;
    const first = Deno.listen({ ...shared, port: 0 });
    const { port } = first.addr;
    const sockets = [first];
    for (let i = 1; i < 4; i++) sockets.push(Deno.listen({ ...shared, port }));
    const came = sockets.map(() => 0);
    const accepting: Promise<void>[] = [];
    function accept(index: number): void {
      accepting.push((async () => {
        for await (const connection of sockets[index]!) {
          came[index] = (came[index] ?? 0) + 1;
          connection.close();
        }
      })());
    }
    sockets.forEach((_, index) => accept(index));
    // Which sockets they come to: each client waits for its end.
    async function served(): Promise<number[]> {
      came.fill(0);
      for (let i = 0; i < CLIENTS; i++) {
        using client = await Deno.connect({ port });
        assertEquals(await client.read(new Uint8Array(1)), null);
      }
      assertEquals(came.reduce((a, b) => a + b), CLIENTS);
      return came.flatMap((count, index) => count > 0 ? [index] : []);
    }
    assertEquals(await served(), [0, 1, 2, 3]);
    const steering = new Steering(0, 2);
    assert(steering.sockets >= 4);
    assertEquals(await served(), [0, 1]);
    // One that listens later comes to nobody's share.
    sockets.push(Deno.listen({ ...shared, port }));
    accept(4);
    assertEquals(await served(), [0, 1]);
    steering.send(2, 2);
    assertEquals(await served(), [2, 3]);
    steering.end();
    assertEquals(await served(), [0, 1, 2, 3, 4]);
    const only = new Steering(2, 1);
    assertEquals(await served(), [2]);
    // The last one has the number of the one that is closed.
    sockets[0]!.close();
    assertEquals(await served(), [2]);
    sockets[1]!.close();
    assertEquals(await served(), [2]);
    // A number that there is not: the system chooses.
    sockets[3]!.close();
    assertEquals(await served(), [2, 4]);
    only.end();
    for (const index of [2, 4]) sockets[index]!.close();
    await Promise.all(accepting);
  },
});
