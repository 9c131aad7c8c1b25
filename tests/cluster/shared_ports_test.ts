import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import { Listener } from "../../src/net/listener.ts";
import type { ListenerPlan } from "../../src/server/setup/listener_plan.ts";
import { sharedPorts } from "../../src/cluster/shared_ports.ts";

const PLACE = { file: "x.conf", line: 3 };

function planOf(...ports: number[]) {
  const listeners = ports.map((port) =>
    ({
      hostname: "127.0.0.1",
      port,
      backlog: 1,
      groups: new Map(),
      address: { hostname: "127.0.0.1", port, place: PLACE },
    }) as unknown as ListenerPlan
  );
  return { listeners };
}

Deno.test("sharedPorts() makes a number of port 0, and keeps it", () => {
  const first = sharedPorts(planOf(0, 0), new Map());
  const [one, two] = [...first.values()];
  assert(one! > 0 && two! > 0 && one !== two);
  // Who serves them already does not keep them from being served.
  using _held = held(one!);
  const second = sharedPorts(planOf(0, 0), first);
  assertEquals(second, first);
});

Deno.test({
  name: "sharedPorts() refuses an address that others share",
  ignore: Deno.build.os !== "linux",
  fn() {
    const other = new Listener({
      hostname: "127.0.0.1",
      port: 0,
      backlog: 1,
      reusePort: true,
    });
    const error = assertThrows(
      () => sharedPorts(planOf(0, other.port), new Map()),
      ConfigError,
    );
    assertEquals(
      error.message,
      `bind() to 127.0.0.1:${other.port} failed ` +
        "(98: Address already in use) in x.conf:3",
    );
    other.close();
    const ports = sharedPorts(planOf(other.port), new Map());
    assertEquals([...ports.values()], [other.port]);
  },
});

function held(port: number): Disposable {
  const listener = new Listener({ hostname: "127.0.0.1", port, backlog: 1 });
  return { [Symbol.dispose]: () => listener.close() };
}
