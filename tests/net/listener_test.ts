import { assert, assertEquals, assertThrows } from "@std/assert";
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

Deno.test({
  name: "Listener accepts on all copies of a socket, until it is closed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { port, close } = freePort();
    const shared = { ...LOOPBACK, port, reusePort: true };
    const listener = new Listener({ ...shared, copies: 3 });
    close();
    let accepted = 0;
    const run = listener.run((socket) => {
      accepted++;
      socket.close();
    });
    // The system shares them out: with 30 no socket is left out.
    for (let i = 0; i < 30; i++) {
      using socket = await Deno.connect({ port });
      assertEquals(await socket.read(new Uint8Array(1)), null);
    }
    assertEquals(accepted, 30);
    await listener.closeQuietly();
    await run;
    // Nothing is left of them.
    new Listener({ ...LOOPBACK, port }).close();
  },
});

Deno.test({
  name: "Listener leaves nothing behind if one of its copies cannot be bound",
  ignore: Deno.build.os !== "linux",
  fn() {
    let bound = 0;
    const { port, close } = freePort();
    onSystem((options, usual) => {
      if (++bound === 3) throw new Error("no more");
      return usual(options);
    }, () => {
      const shared = { ...LOOPBACK, port, reusePort: true };
      assertThrows(() => new Listener({ ...shared, copies: 3 }), BindError);
    });
    close();
    assertEquals(bound, 3);
    new Listener({ ...LOOPBACK, port }).close();
  },
});

/** A port that nobody else has until it is closed, and that can be shared. */
function freePort(): { readonly port: number; close(): void } {
  const holder = Deno.listen({
    hostname: LOOPBACK.hostname,
    port: 0,
    reusePort: true,
  });
  return { port: holder.addr.port, close: () => holder.close() };
}

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

/**
 * Runs `test`, until it waits, on a system where `listen` does not do as it
 * usually does.
 */
function onSystem(
  listen: (
    address: Deno.TcpListenOptions,
    usual: typeof Deno.listen,
  ) => Deno.TcpListener,
  test: () => void | Promise<void>,
): void | Promise<void> {
  const usual = Deno.listen;
  Deno.listen =
    ((address: Deno.TcpListenOptions) =>
      listen(address, usual)) as typeof Deno.listen;
  try {
    return test();
  } finally {
    Deno.listen = usual;
  }
}

/** Who is answered at a listener of all addresses, and when it is closed. */
async function answeredAt(listener: Listener): Promise<string[]> {
  const answered: string[] = [];
  const run = listener.run((socket) => socket.close());
  for (const hostname of ["127.0.0.1", "::1"]) {
    try {
      using socket = await Deno.connect({ hostname, port: listener.port });
      if (await socket.read(new Uint8Array(1)) === null) {
        answered.push(hostname);
      }
    } catch {
      // Nobody listens there.
    }
  }
  listener.close();
  await run;
  return answered;
}

Deno.test("Listener takes a socket that accepts nobody for broken, until it does", async () => {
  const broken: [code: string, error: Error][] = [
    ["EINVAL", new Error("Invalid argument")],
    ["ECONNABORTED", new Deno.errors.ConnectionAborted()],
    ["ENOTCONN", new Deno.errors.NotConnected()],
  ];
  for (const [code, error] of broken) {
    let tries = 0;
    let accepted = 0;
    const isOver = Promise.withResolvers<Deno.TcpConn>();
    await onSystem((options, usual) => {
      const listener = usual(options);
      const fails = () => {
        tries++;
        // Two more than are taken for clients that are gone.
        if (tries === 1003) return Promise.resolve({} as Deno.TcpConn);
        if (tries > 1003) return isOver.promise;
        return Promise.reject(Object.assign(error, { code }));
      };
      return Object.assign(listener, { accept: fails });
    }, async () => {
      const listener = new Listener(LOOPBACK);
      const run = listener.run(() => accepted++);
      const begun = performance.now();
      while (accepted === 0) await new Promise((go) => setTimeout(go, 2));
      // The first pause is 10 ms, and the second twice that.
      assert(performance.now() - begun >= 30, code);
      listener.close();
      isOver.reject(new Deno.errors.BadResource());
      await run;
    });
  }
});

const EVERYWHERE = { hostname: "::", port: 0, backlog: 16, takesIpv4: true };

Deno.test("Listener serves IPv4 at :: where the system does", async () => {
  assertEquals(await answeredAt(new Listener(EVERYWHERE)), [
    "127.0.0.1",
    "::1",
  ]);
});

Deno.test("Listener serves IPv4 at :: where the system has no IPv6", async () => {
  await onSystem(({ hostname, ...rest }, usual) => {
    if (hostname === "::") {
      throw Object.assign(new Error("no IPv6"), { code: "EAFNOSUPPORT" });
    }
    return usual({ hostname: hostname!, ...rest });
  }, async () => {
    const listener = new Listener(EVERYWHERE);
    assertThrows(
      () => new Listener({ ...EVERYWHERE, takesIpv4: false }),
      BindError,
    );
    assertEquals(await answeredAt(listener), ["127.0.0.1"]);
  });
});

Deno.test("Listener serves IPv4 at :: where the system keeps it apart", async () => {
  const bound: string[] = [];
  await onSystem(({ hostname, ...rest }, usual) => {
    bound.push(hostname!);
    // A socket of one IPv6 address leaves IPv4 alone.
    return usual({ hostname: hostname === "::" ? "::1" : hostname!, ...rest });
  }, async () => {
    const listener = new Listener(EVERYWHERE);
    assertEquals(bound, ["::", "::", "0.0.0.0", "0.0.0.0"]);
    assertEquals(await answeredAt(listener), ["127.0.0.1", "::1"]);
  });
});
