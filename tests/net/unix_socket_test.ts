import { assertEquals, assertThrows } from "@std/assert";
import { checkAddress, Listener } from "../../src/net/listener.ts";
import { checkUnixSocket, UnixSocket } from "../../src/net/unix_socket.ts";

const SKIPPED = Deno.build.os === "windows";

function test(name: string, fn: (path: string) => Promise<void> | void): void {
  Deno.test({
    name,
    ignore: SKIPPED,
    async fn() {
      const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
      try {
        await fn(`${folder}/a.sock`);
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    },
  });
}

function bound(
  path: string,
  takesOver: boolean,
): UnixSocket<Deno.UnixListener> {
  return new UnixSocket(
    path,
    takesOver,
    (path) => Deno.listen({ transport: "unix", path }),
  );
}

function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path.slice(0, path.lastIndexOf("/")))]
    .map(({ name }) => name).sort();
}

test("UnixSocket lets everybody in, and removes its file", (path) => {
  const socket = bound(path, false);
  assertEquals(Deno.lstatSync(path).mode! & 0o777, 0o666);
  socket.takePlace();
  assertEquals(namesIn(path), ["a.sock"]);
  socket.close();
  assertEquals(namesIn(path), []);
});

test("UnixSocket leaves alone what is not its own", (path) => {
  Deno.writeTextFileSync(path, "x");
  assertThrows(() => bound(path, false), Deno.errors.AddrInUse);
  assertEquals(Deno.readTextFileSync(path), "x");
  Deno.removeSync(path);
  const socket = bound(path, false);
  Deno.removeSync(path);
  Deno.writeTextFileSync(path, "y");
  socket.close();
  assertEquals(Deno.readTextFileSync(path), "y");
});

test("UnixSocket takes the place of another, and nobody is lost", async (path) => {
  const old = bound(path, false);
  const first = await Deno.connect({ transport: "unix", path });
  const fresh = bound(path, true);
  const second = await Deno.connect({ transport: "unix", path });
  fresh.takePlace();
  const third = await Deno.connect({ transport: "unix", path });
  for (const socket of [old, old, fresh]) {
    (await socket.listener.accept()).close();
  }
  for (const client of [first, second, third]) client.close();
  old.close();
  assertEquals(namesIn(path), ["a.sock"]);
  fresh.close();
  assertEquals(namesIn(path), []);
});

test("UnixSocket that gives up leaves the other one there", async (path) => {
  const old = bound(path, false);
  const fresh = bound(path, true);
  assertEquals(namesIn(path).length, 2);
  fresh.close();
  assertEquals(namesIn(path), ["a.sock"]);
  const client = await Deno.connect({ transport: "unix", path });
  client.close();
  old.close();
  assertEquals(namesIn(path), []);
});

test("UnixSocket has the longest path that the system takes", (path) => {
  const folder = path.slice(0, -"a.sock".length);
  for (const length of [1, 3, 107 - folder.length]) {
    const long = folder + "x".repeat(length);
    const old = bound(long, false);
    const fresh = bound(long, true);
    fresh.takePlace();
    old.close();
    fresh.close();
    assertEquals(namesIn(path), []);
  }
});

test("checkUnixSocket() makes nothing", (path) => {
  checkUnixSocket(path);
  assertEquals(namesIn(path), []);
  Deno.writeTextFileSync(path, "");
  assertThrows(() => checkUnixSocket(path), Deno.errors.AddrInUse);
  assertThrows(() => checkUnixSocket(`${path}/x`), Deno.errors.NotADirectory);
  assertThrows(() => checkUnixSocket(`${path}.d/x`), Deno.errors.NotFound);
});

test("Listener names the Unix socket that cannot be bound", (path) => {
  const hostname = `unix:${path}`;
  const address = { hostname, path, port: 0, backlog: 1 };
  const listener = new Listener(address);
  assertEquals(listener.port, 0);
  const message = `bind() to ${hostname} failed (98: Address already in use)`;
  assertThrows(() => new Listener(address), Error, message);
  assertThrows(() => checkAddress(address), Error, message);
  listener.close();
  assertThrows(
    () => checkAddress({ ...address, path: `${path}/x` }),
    Error,
    `bind() to ${hostname} failed (2: No such file or directory)`,
  );
});
