/** The sockets of the system, where the tests may use them (`--allow-ffi`). */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { KeptPart } from "../../../src/http/kept_bytes.ts";
import { BodyImages } from "../../../src/net/native/body_images.ts";
import { CLibrary, EventList } from "../../../src/net/native/c_library.ts";
import { EventLoop, eventLoop } from "../../../src/net/native/event_loop.ts";
import {
  type NativeAddress,
  NativeListener,
} from "../../../src/net/native/native_listener.ts";
import { SLICE_MS } from "../../../src/scheduling/time_slices.ts";
import { Fixture } from "../connection_support.ts";
import { NOT_BY_DESCRIPTOR } from "../../../src/net/transport.ts";
import type { NativeSocket } from "../../../src/net/native/native_socket.ts";

const SKIPPED = Deno.build.os !== "linux" ||
  Deno.permissions.querySync({ name: "ffi" }).state !== "granted";

/** "Bad file descriptor". */
const EBADF = 9;

const LOOPBACK: NativeAddress = {
  hostname: "127.0.0.1",
  port: 0,
  backlog: 64,
};

/** Both ends of one connection, and what has to be closed. */
interface Pair {
  readonly client: Deno.TcpConn;
  readonly server: NativeSocket;
}

function test(
  name: string,
  fn: (loop: EventLoop) => Promise<void> | void,
): void {
  Deno.test({
    name,
    ignore: SKIPPED,
    async fn() {
      const loop = new EventLoop(new CLibrary());
      await fn(loop);
      assertEquals(loop.users, 0);
      await loop.ended;
    },
  });
}

async function withPair(
  loop: EventLoop,
  use: (pair: Pair) => Promise<void>,
  options: Partial<NativeAddress> = {},
): Promise<void> {
  const listener = new NativeListener(loop, { ...LOOPBACK, ...options });
  try {
    const [client, server] = await Promise.all([
      Deno.connect({ port: (listener.addr as Deno.NetAddr).port }),
      listener.accept(),
    ]);
    try {
      await use({ client, server });
    } finally {
      client.close();
      try {
        server.close();
      } catch {
        // The test has closed it.
      }
    }
  } finally {
    listener.close();
  }
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("EventLoop has a round for who asks for one, with no descriptors", async (loop) => {
  const rounds: number[] = [];
  await new Promise<void>((resolve) => {
    loop.again({
      ready(events) {
        rounds.push(events);
        loop.again({
          ready(events) {
            rounds.push(events);
            resolve();
          },
        });
      },
    });
  });
  assertEquals(rounds, [0, 0]);
  await loop.ended;
  // It can be used again.
  await withPair(loop, async ({ client, server }) => {
    await client.write(Uint8Array.of(1));
    assertEquals(await server.read(new Uint8Array(2)), 1);
  });
});

test("EventLoop can be used at any moment while it ends", async (loop) => {
  const { library } = loop;
  /** Ends when a descriptor of its own has been told of. */
  async function use(): Promise<void> {
    const bell = library.bell();
    const { promise, resolve } = Promise.withResolvers<void>();
    const slot = loop.add(bell, { ready: () => resolve() });
    library.ring(bell);
    await promise;
    loop.remove(slot);
    library.close(bell);
  }
  const turn = () =>
    new Promise<void>((resolve) => loop.again({ ready: () => resolve() }));
  for (const next of [use, turn]) {
    for (let steps = 0; steps < 30; steps++) {
      await use();
      for (let i = 0; i < steps; i++) await undefined;
      const isLate = new Promise((_, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`not told after ${steps} steps`)),
          1000,
        );
        next().finally(() => clearTimeout(timer)).then(() => reject(), reject);
      });
      await isLate.catch((error) => {
        if (error !== undefined) throw error;
      });
    }
  }
});

for (const asked of ["nobody else has", "somebody else has"]) {
  test(`EventLoop has another round for who asks within one for which ${asked} asked`, (loop) =>
    withPair(loop, async ({ client, server }) => {
      const rounds: number[] = [];
      await new Promise<void>((resolve) => {
        const later = {
          ready() {
            rounds.push(loop.round);
            if (rounds.length === 4) resolve();
            else loop.again(later);
          },
        };
        const waiter = {
          readable() {
            rounds.push(loop.round);
            loop.again(later);
          },
        };
        assertEquals(server.readNow(new Uint8Array(8), waiter), undefined);
        if (asked === "somebody else has") {
          const other = {
            ready() {
              if (rounds.length === 0) loop.again(other);
            },
          };
          loop.again(other);
        }
        client.write(bytes("hello"));
      });
      assertEquals(new Set(rounds).size, rounds.length);
    }));
}

test("whoever is told of input is told when that was", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const times: (number | undefined)[] = [];
    for (const text of ["one", "two"]) {
      const before = performance.now();
      await new Promise<void>((resolve) => {
        const waiter = {
          readable(now?: number) {
            times.push(now);
            resolve();
          },
        };
        assertEquals(server.readNow(new Uint8Array(8), waiter), undefined);
        client.write(bytes(text));
      });
      const [now = -1] = times.splice(0);
      assert(before <= now && now <= performance.now(), `${now}`);
      server.readNow(new Uint8Array(8), { readable: () => {} });
    }
  }));

test("who reads without a promise in small pieces lets others come first", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const LENGTH = 1000;
    const byRound = new Map<number, number>();
    let received = 0;
    await new Promise<void>((resolve, reject) => {
      const one = new Uint8Array(1);
      const waiter = {
        readable() {
          // As a protocol does that gets on with each byte.
          while (received < LENGTH) {
            const count = server.readNow(one, waiter);
            if (count === undefined) break;
            if (count !== 1) return reject(new Error(`read ${count}`));
            received++;
            byRound.set(loop.round, (byRound.get(loop.round) ?? 0) + 1);
          }
          if (received === LENGTH) resolve();
        },
      };
      assertEquals(server.readNow(one, waiter), undefined);
      client.write(new Uint8Array(LENGTH));
    });
    assert(byRound.size >= LENGTH / 32, `${byRound.size} rounds`);
  }));

test("what is read and written is what the other side has", (loop) =>
  withPair(loop, async ({ client, server }) => {
    assertEquals(server.remoteAddr, {
      ...client.localAddr,
      transport: "tcp",
    });
    assertEquals(server.localAddr, { ...client.remoteAddr, transport: "tcp" });
    const target = new Uint8Array(16);
    const reading = server.read(target);
    assert(reading instanceof Promise);
    await client.write(bytes("hello"));
    assertEquals(await reading, 5);
    assertEquals(target.subarray(0, 5), bytes("hello"));
    assertEquals(await server.write(bytes("world")), 5);
    const answer = new Uint8Array(16);
    assertEquals(await client.read(answer), 5);
    await client.closeWrite();
    assertEquals(await server.read(target), null);
    assertEquals(await server.read(target), null);
    await server.closeWrite();
    assertEquals(await client.read(answer), null);
  }));

/** Uses so many connections at once. */
async function withPairs(
  loop: EventLoop,
  count: number,
  use: (servers: readonly NativeSocket[]) => Promise<void>,
  servers: readonly NativeSocket[] = [],
): Promise<void> {
  if (count === 0) return await use(servers);
  await withPair(
    loop,
    ({ server }) => withPairs(loop, count - 1, use, [...servers, server]),
  );
}

test("many large bodies send no more in a round than others can wait for", async (loop) => {
  const piece = new Uint8Array(48 * 1024);
  const bodies = 20;
  const pieces = 24;
  const most = 2 * (2 * 1024 * 1024 + piece.length) + bodies * piece.length;
  const sent = new Map<number, number>();
  const count = loop.sent.bind(loop);
  loop.sent = (bytes) => {
    sent.set(loop.round, (sent.get(loop.round) ?? 0) + bytes);
    count(bytes);
  };
  await withPairs(loop, bodies, async (servers) => {
    // As much as a socket takes of a client that does not read.
    await Promise.all(servers.map(async (server) => {
      for (let left = pieces * piece.length; left > 0;) {
        left -= await server.write(
          piece.subarray(0, Math.min(left, piece.length)),
        );
      }
    }));
  });
  const sums = [...sent.values()];
  const all = sums.reduce((sum, bytes) => sum + bytes);
  assertEquals(all, bodies * pieces * piece.length);
  assert(Math.max(...sums) <= most, `${sums}`);
});

test("an answer is not put off by large bodies, but for what is left of it", (loop) =>
  withPairs(loop, 1, async ([server]) => {
    const piece = new Uint8Array(48 * 1024);
    loop.sent(1024 ** 3);
    assertEquals(server!.write(piece), piece.length);
    const { round } = loop;
    const rest = server!.write(piece);
    assert(rest instanceof Promise);
    assertEquals([await rest, loop.round > round], [piece.length, true]);
  }));

test("whoever is closed on sees the end, also with bytes that nobody read", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const target = new Uint8Array(16);
    await client.write(bytes("one"));
    await server.read(target);
    await server.write(bytes("answer"));
    // The last read has emptied the socket, and more comes before the close.
    await client.write(bytes("two"));
    server.close();
    const answer = new Uint8Array(16);
    assertEquals(await client.read(answer), 6);
    assertEquals(await client.read(answer), null);
  }));

test("a listening socket takes other options while somebody waits", async (loop) => {
  const listener = new NativeListener(loop, {
    ...LOOPBACK,
    backlog: 1,
    deferSeconds: 5,
  });
  const { port } = listener.addr as Deno.NetAddr;
  listener.adapt(16, { receiveBuffer: 65_536, keepAlive: true });
  // Room for all of them, and nobody has to send anything first.
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => Deno.connect({ port })),
  );
  listener.adapt(16, {});
  const waiting = new Set(
    clients.map(({ localAddr }) => (localAddr as Deno.NetAddr).port),
  );
  for (const _ of clients) {
    const server = await listener.accept();
    assert(waiting.delete((server.remoteAddr as Deno.NetAddr).port));
    server.close();
  }
  for (const client of clients) client.close();
  listener.close();
  assertThrows(() => listener.adapt(16, {}), Error);
});

test("a read of nothing is refused, not taken for the end", (loop) =>
  withPair(loop, async ({ server }) => {
    await assertRejects(async () => {
      await server.read(new Uint8Array(0));
    }, RangeError);
  }));

test("memory that is gone is refused", (loop) =>
  withPair(loop, async ({ server }) => {
    const buffer = new ArrayBuffer(64);
    const view = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    await assertRejects(async () => {
      await server.read(view);
    }, RangeError);
  }));

test("a full socket takes what is written later, in order", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const size = 16 * 1024 * 1024;
    const content = crypto.getRandomValues(new Uint8Array(65536));
    async function send(): Promise<void> {
      for (let sent = 0; sent < size;) {
        const from = sent % content.length;
        sent += await server.write(content.subarray(from));
      }
    }
    const sending = send();
    const piece = new Uint8Array(100_000);
    for (let at = 0; at < size;) {
      const count = await client.read(piece) ?? 0;
      for (let i = 0; i < count; i += 997) {
        assertEquals(piece[i], content[(at + i) % content.length]);
      }
      at += count;
    }
    await sending;
  }));

test("closing rejects what is pending, and tells who waits, once", (loop) =>
  withPair(loop, async ({ server }) => {
    const reading = server.read(new Uint8Array(8));
    server.close();
    await assertRejects(async () => {
      await reading;
    }, Deno.errors.BadResource);
    assertThrows(() => server.close(), Deno.errors.BadResource);
    assertThrows(() => server.write(bytes("x")), Deno.errors.BadResource);
    await withPair(loop, async ({ server }) => {
      let told = 0;
      const { promise, resolve } = Promise.withResolvers<void>();
      const waiter = {
        readable() {
          told++;
          resolve();
        },
      };
      assertEquals(server.readNow(new Uint8Array(8), waiter), undefined);
      server.close();
      assertEquals(told, 0, "not while it is closed");
      await promise;
      assertEquals(told, 1);
    });
  }));

test("what happens to a descriptor is not told to its next user", async (loop) => {
  // Two sockets are ready in one question. The first closes the second, whose
  // number the system gives at once to a connection that waits already.
  const listener = new NativeListener(loop, LOOPBACK);
  const { port } = listener.addr as Deno.NetAddr;
  const connect = () => Deno.connect({ port });
  const clients = [await connect(), await connect()];
  const first = await listener.accept();
  const second = await listener.accept();
  clients.push(await connect());
  const target = new Uint8Array(8);
  const { promise, resolve } = Promise.withResolvers<NativeSocket>();
  const told: string[] = [];
  let later: NativeSocket | undefined;
  const waiter = (name: string, other: () => NativeSocket) => ({
    readable() {
      told.push(name);
      if (later !== undefined) return;
      other().close();
      later = listener.accept() as NativeSocket;
      const isThere = later.readNow(target, {
        readable: () => void told.push("third"),
      });
      assertEquals(isThere, undefined);
      resolve(later);
    },
  });
  first.readNow(target, waiter("one", () => second));
  second.readNow(target, waiter("other", () => first));
  await Promise.all(clients.slice(0, 2).map((each) => each.write(bytes("a"))));
  const third = await promise;
  await new Promise((resolve) => setTimeout(resolve, 50));
  // The one that was closed is told of that; the third of nothing.
  assertEquals(told.toSorted(), ["one", "other"]);
  await clients[2]!.write(bytes("third"));
  while (told.length < 3) await new Promise((go) => setTimeout(go, 5));
  assertEquals(third.readNow(target, { readable: () => {} }), 5);
  for (const each of clients) each.close();
  third.close();
  for (const each of [first, second]) {
    try {
      each.close();
    } catch {
      // It was closed by the other.
    }
  }
  listener.close();
});

async function readAll(client: Deno.Conn, length: number): Promise<Uint8Array> {
  const received = new Uint8Array(length);
  for (let at = 0; at < received.length;) {
    at += await client.read(received.subarray(at)) ?? received.length;
  }
  return received;
}

test("a body that is kept is sent from a copy, and is what it was", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const head = bytes("head");
    const kept = new Uint8Array(1024 + 100_000);
    crypto.getRandomValues(kept.subarray(0, 65_536));
    kept.set(head, 1020);
    const answer = kept.subarray(1020);
    const body = kept.subarray(1024);
    for (let i = 0; i < 6; i++) {
      const reading = readAll(client, answer.length);
      for (let sent = 0; sent < answer.length;) {
        sent += await server.write(
          answer.subarray(sent),
          false,
          sent === 0 ? { from: head.length, body, at: 0 } : undefined,
        );
      }
      assertEquals(await reading, answer);
      assertEquals(loop.images.bytes, i < 2 ? 0 : 100_000);
    }
  }));

test("parts of a body that is kept are sent from one copy of it", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const body = new Uint8Array(200_000);
    for (let i = 0; i < body.length; i++) body[i] = i % 251;
    for (const [start, end] of [[0, 40_000], [7, 65_543], [150_000, 200_000]]) {
      for (let i = 0; i < 3; i++) {
        const source = new KeptPart(body, start!, end!).open();
        const reading = readAll(client, end! - start!);
        for (let piece; (piece = source.pull()) !== undefined;) {
          for (let sent = 0; sent < piece.length;) {
            const kept = sent === 0 ? source.kept : undefined;
            sent += await server.write(piece.subarray(sent), false, kept);
          }
        }
        assertEquals(await reading, body.subarray(start, end));
      }
      assertEquals(loop.images.bytes, 200_000);
    }
  }));

test("copies of bodies have a budget, and are closed", (loop) => {
  const images = new BodyImages(loop.library, { budget: 100_000, most: 2 });
  const made = (length: number) => {
    const body = new Uint8Array(length);
    for (let i = 0; i < 2; i++) {
      assertEquals(images.of(body, body.length), undefined);
    }
    return { body, file: images.of(body, body.length) };
  };
  const one = made(40_000);
  assert(one.file !== undefined);
  assertEquals(images.of(one.body, 40_000), one.file);
  const more = new Uint8Array(one.body.buffer, 1000);
  assertEquals(images.of(more, more.length), undefined, "another body");
  assertEquals(images.of(one.body, 32 * 1024), one.file);
  assertEquals(images.of(one.body, 32 * 1024 - 1), undefined, "a small part");
  const two = made(40_000);
  images.of(one.body, 40_000);
  made(40_000);
  assertEquals(images.bytes, 80_000);
  assertEquals(images.of(two.body, 40_000), undefined, "used longest ago");
  assert(images.of(one.body, 40_000) !== undefined);
  for (const length of [100, 200_000]) {
    assertEquals(made(length).file, undefined, `${length}`);
  }
  images.close();
  assertEquals(images.bytes, 0);
  assertEquals(images.of(one.body, 40_000), undefined);
});

test("a thousand connections, closed as they are told of, mix up nothing", async (loop) => {
  const listener = new NativeListener(loop, LOOPBACK);
  const { port } = listener.addr as Deno.NetAddr;
  let served = 0;
  async function serve(socket: NativeSocket): Promise<void> {
    const target = new Uint8Array(64);
    const count = await socket.read(target);
    await socket.write(target.subarray(0, count ?? 0));
    socket.close();
    served++;
  }
  const accepting = (async () => {
    for (let i = 0; i < 1000; i++) serve(await listener.accept());
  })();
  async function ask(name: string): Promise<void> {
    using client = await Deno.connect({ port });
    await client.write(bytes(name));
    const answer = new Uint8Array(64);
    const count = await client.read(answer);
    assertEquals(answer.subarray(0, count ?? 0), bytes(name));
  }
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => ask(`client ${round} ${i}`)),
    );
  }
  await accepting;
  assertEquals(served, 1000);
  listener.close();
});

test("files are sent by their descriptor, and their end is told", async (loop) => {
  const path = Deno.makeTempFileSync({ prefix: "webserv_test_" });
  const content = crypto.getRandomValues(new Uint8Array(60_000));
  Deno.writeFileSync(path, content);
  const { openSync, closeSync } = await import("node:fs");
  const file = openSync(path, "r");
  try {
    await withPair(loop, async ({ client, server }) => {
      assert(server.sendsFiles);
      const part = { file, offset: 1000, length: 50_000 };
      let sent = 0;
      while (sent < part.length) {
        sent += await server.sendFile({
          file,
          offset: part.offset + sent,
          length: part.length - sent,
        });
      }
      const received = new Uint8Array(part.length);
      for (let at = 0; at < received.length;) {
        at += await client.read(received.subarray(at)) ?? 0;
      }
      assertEquals(received, content.slice(1000, 51_000));
      assertEquals(
        await server.sendFile({ file, offset: 60_000, length: 5 }),
        0,
      );
    });
  } finally {
    closeSync(file);
    Deno.removeSync(path);
  }
});

test("what sendfile cannot be used with is read, or sent from memory", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const body = crypto.getRandomValues(new Uint8Array(60_000));
    const { library } = loop;
    for (const errno of [22, 38, 95]) {
      library.sendFile = () => -errno;
      const part = { file: 0, offset: 0, length: 5 };
      assertEquals(server.sendFile(part), NOT_BY_DESCRIPTOR);
      // The third time it would go out from a copy.
      for (let i = 0; i < 3; i++) {
        const reading = readAll(client, body.length);
        for (let sent = 0; sent < body.length;) {
          const rest = body.subarray(sent);
          sent += await server.write(rest, false, { from: 0, body, at: sent });
        }
        assertEquals(await reading, body);
      }
    }
    library.sendFile = () => -5;
    assertThrows(
      () => server.sendFile({ file: 0, offset: 0, length: 5 }),
      Error,
      "Input/output error (os error 5)",
    );
  }));

test("a client that is gone is an error of a class that is known", (loop) =>
  withPair(loop, async ({ client, server }) => {
    client.close();
    await assertRejects(
      async () => {
        for (let i = 0; i < 100; i++) {
          await server.write(new Uint8Array(1024));
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      },
      Error,
      "(os error",
    );
  }).catch((error) => {
    // Its end of the pair was closed by the test.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }));

test("an address in use is refused as the runtime does", (loop) => {
  const listener = new NativeListener(loop, LOOPBACK);
  const { port } = listener.addr as Deno.NetAddr;
  const error = assertThrows(
    () => new NativeListener(loop, { ...LOOPBACK, port }),
    Deno.errors.AddrInUse,
  );
  assertEquals(error.message, "Address already in use (os error 98)");
  const shared = { ...LOOPBACK, reusePort: true };
  const one = new NativeListener(loop, shared);
  const other = new NativeListener(loop, {
    ...shared,
    port: (one.addr as Deno.NetAddr).port,
  });
  for (const each of [listener, one, other]) each.close();
});

test("a socket of IPv6 leaves IPv4 alone, or takes it", async (loop) => {
  for (const ipv6Only of [true, false]) {
    const listener = new NativeListener(loop, {
      ...LOOPBACK,
      hostname: "::",
      ipv6Only,
    });
    const { port } = listener.addr as Deno.NetAddr;
    const connecting = Deno.connect({ hostname: "127.0.0.1", port });
    if (ipv6Only) {
      await assertRejects(() => connecting, Deno.errors.ConnectionRefused);
    } else {
      const [client, server] = await Promise.all([
        connecting,
        listener.accept(),
      ]);
      assertEquals(server.localAddr, {
        transport: "tcp",
        hostname: "::ffff:127.0.0.1",
        port,
      });
      client.close();
      server.close();
    }
    listener.close();
  }
});

test("whoever waits at the end is still accepted", async (loop) => {
  const listener = new NativeListener(loop, { ...LOOPBACK, backlog: 512 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  assert(accepting instanceof Promise);
  // More than in one round; the loop is not asked in between.
  const clients = await Promise.all(
    Array.from({ length: 100 }, () => Deno.connect({ port })),
  );
  const first = await accepting;
  const rest = listener.rest();
  listener.close();
  assertEquals(rest.length + 1, clients.length);
  for (const each of [first, ...rest, ...clients]) each.close();
});

test("a crowd is accepted in portions, and nobody is left out", async (loop) => {
  const listener = new NativeListener(loop, { ...LOOPBACK, backlog: 512 });
  const { port } = listener.addr as Deno.NetAddr;
  const clients = await Promise.all(
    Array.from({ length: 200 }, () => Deno.connect({ port })),
  );
  const byRound = new Map<number, number>();
  const accept = loop.library.accept.bind(loop.library);
  loop.library.accept = (fd) => {
    byRound.set(loop.round, (byRound.get(loop.round) ?? 0) + 1);
    return accept(fd);
  };
  for (const _ of clients) {
    const accepting = listener.accept();
    const socket = accepting instanceof Promise ? await accepting : accepting;
    socket.close();
  }
  const counts = [...byRound.values()];
  const most = Math.max(...counts);
  assert(most > 1 && most <= 64, `${counts}`);
  for (const client of clients) client.close();
  listener.close();
});

/** Numbers of errors that are tried again at once, and that wait. */
const EINTR = 4;

/** Makes a call of the library fail so often, and then do as ever. */
function failing(
  library: CLibrary,
  call: "accept" | "receive" | "send" | "sendFile",
  errors: readonly number[],
): { left(): number } {
  const usual = library[call].bind(library) as (...args: never[]) => number;
  const steps = [...errors];
  library[call] = (...args: never[]) => {
    const errno = steps.shift();
    return errno === undefined ? usual(...args) : -errno;
  };
  return { left: () => steps.length };
}

test("a call that a signal interrupts is made again", (loop) =>
  withPair(loop, async ({ client, server }) => {
    const { library } = loop;
    const part = { file: loop.library.memoryFile(bytes("file")), offset: 0 };
    const rows: [Parameters<typeof failing>[1], () => unknown][] = [
      ["send", () => server.write(bytes("text"))],
      ["sendFile", () => server.sendFile({ ...part, length: 4 })],
    ];
    for (const [call, action] of rows) {
      const { left } = failing(library, call, [EINTR, EINTR]);
      assertEquals([await action(), left()], [4, 0], call);
    }
    const target = new Uint8Array(8);
    await client.write(bytes("back"));
    const { left } = failing(library, "receive", [EINTR, EINTR]);
    assertEquals([await server.read(target), left()], [4, 0]);
    library.close(part.file);
  }));

test("what accept says is an error of the class that the runtime has", async (loop) => {
  const listener = new NativeListener(loop, LOOPBACK);
  const { port } = listener.addr as Deno.NetAddr;
  const rows: [errno: number, code: string][] = [
    [22, "EINVAL"],
    [23, "ENFILE"],
    [24, "EMFILE"],
    [71, "EPROTO"],
    [103, "ECONNABORTED"],
    [105, "ENOBUFS"],
  ];
  for (const [errno, code] of rows) {
    const client = await Deno.connect({ port });
    failing(loop.library, "accept", [EINTR, errno]);
    const error = assertThrows(() => listener.accept(), Error, "(os error");
    assertEquals((error as { code?: string }).code, code);
    const isAborted = error instanceof Deno.errors.ConnectionAborted;
    assertEquals(isAborted, errno === 103);
    // Whoever waited is there the next time.
    const socket = await listener.accept();
    assertEquals(
      (socket.remoteAddr as Deno.NetAddr).port,
      (client.localAddr as Deno.NetAddr).port,
    );
    socket.close();
    client.close();
  }
  listener.close();
});

test("a deferred client is accepted with its first bytes", (loop) =>
  withPairDeferred(loop));

async function withPairDeferred(loop: EventLoop): Promise<void> {
  const listener = new NativeListener(loop, {
    ...LOOPBACK,
    deferSeconds: 5,
    keepAlive: true,
    keepIdle: 30,
    keepInterval: 5,
    keepCount: 3,
    receiveBuffer: 65536,
    sendBuffer: 65536,
    fastOpen: 16,
  });
  const { port } = listener.addr as Deno.NetAddr;
  const client = await Deno.connect({ port });
  let isAccepted = false;
  const accepting = (async () => {
    const socket = await listener.accept();
    isAccepted = true;
    return socket;
  })();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert(!isAccepted, "it has sent nothing");
  await client.write(bytes("x"));
  const server = await accepting;
  const target = new Uint8Array(8);
  assertEquals(server.readNow(target, { readable: () => {} }), 1);
  client.close();
  server.close();
  listener.close();
}

test("an event list has what was put into it", () => {
  const list = new EventList(2);
  list.want(7, 0xffff_ffff);
  assertEquals([list.slot(0), list.generation(0)], [7, 0xffff_ffff]);
  assertEquals(list.bytes.length % list.capacity, 0);
});

Deno.test({
  name: "an epoll that is broken is not asked for ever",
  ignore: SKIPPED,
  async fn() {
    const library = new CLibrary();
    let asked = 0;
    // Another thread does not say which error it was.
    library.epollNow = () => asked === 0 ? 0 : -EBADF;
    library.epollWait = () => {
      if (++asked > 1) return Promise.reject(new Error("asked again"));
      return Promise.resolve(-1);
    };
    const loop = new EventLoop(library);
    const bell = library.bell();
    const slot = loop.add(bell, { ready: () => {} });
    await assertRejects(() => loop.ended, Error, "Bad file descriptor");
    assertEquals(asked, 1);
    loop.remove(slot);
    library.close(bell);
  },
});

Deno.test({
  name: "whoever pauses between portions goes on when others were told of once",
  ignore: SKIPPED,
  async fn() {
    const loop = eventLoop()!;
    using fixture = new Fixture();
    const { connection, transport } = fixture;
    Object.assign(transport, { isFair: true });
    const usual = globalThis.setTimeout;
    let timers = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof usual>) => {
      timers++;
      return usual(...args);
    }) as typeof usual;
    try {
      assertEquals(connection.slice(), undefined);
      const until = performance.now() + 2 * SLICE_MS;
      while (performance.now() < until);
      const { round } = loop;
      // More than go on after one pause.
      const turns = Array.from({ length: 40 }, () => connection.slice());
      assert(turns.every((turn) => turn instanceof Promise));
      await Promise.all(turns);
      assert(loop.round >= round + 3, `${loop.round - round} rounds`);
      assertEquals(timers, 0);
    } finally {
      globalThis.setTimeout = usual;
    }
    await loop.ended;
  },
});

Deno.test({
  name: "a thread has one loop, or says why not",
  ignore: SKIPPED,
  fn() {
    assert(eventLoop() !== undefined);
    assert(eventLoop() === eventLoop());
  },
});
