import { assert, assertEquals } from "@std/assert";
import { DebuggerPort } from "../../src/cli/debugger.ts";
import { freePort } from "../support/free_ports.ts";
import { eventually } from "../support/server_process.ts";

/** The version of a runtime that opens a debugger. */
const version = "2.9.6";

/** Whether the runtime could open its debugger: it binds as this does. */
function canBeOpened(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("a port that is held cannot be listened on", async () => {
  const port = freePort();
  const held = new DebuggerPort({ port, version });
  assert(!held.held);
  assert(canBeOpened(port));
  held.hold();
  assert(held.held);
  assert(!canBeOpened(port));
  held.hold();
  await held.release();
  assert(!held.held);
  // Another test may be given it for a moment.
  await eventually(() => canBeOpened(port), "it is free");
});

Deno.test("whoever connects to it is turned away", async () => {
  const port = freePort();
  const held = new DebuggerPort({ port, version });
  held.hold();
  for (let i = 0; i < 3; i++) {
    using client = await Deno.connect({ hostname: "127.0.0.1", port });
    assertEquals(await client.read(new Uint8Array(1)), null);
  }
  await held.release();
});

Deno.test("two programs of a user hold it together", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const port = freePort();
  const [one, two] = [
    new DebuggerPort({ port, version }),
    new DebuggerPort({ port, version }),
  ];
  one.hold();
  two.hold();
  assert(one.held && two.held);
  await one.release();
  assert(!canBeOpened(port));
  await two.release();
});

Deno.test("a port that another program has is held when it is free", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  const held = new DebuggerPort({ port, version });
  held.hold();
  assert(!held.held);
  other.close();
  // Its timer does not keep a program alive.
  const alive = setInterval(() => {}, 100);
  await eventually(() => held.held, "the port is held");
  clearInterval(alive);
  assert(!canBeOpened(port));
  await held.release();
});

Deno.test("a runtime without a debugger leaves the port alone", () => {
  const port = freePort();
  for (const old of ["2.6.8", "2.6.10", "1.46.0"]) {
    const held = new DebuggerPort({ port, version: old });
    held.hold();
    assert(!held.held, old);
    assert(canBeOpened(port), old);
  }
});
