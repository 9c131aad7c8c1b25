import { assertEquals } from "@std/assert";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { hostnameOfKey, retained } from "../../src/server/listeners.ts";
import type { ListenerPlan } from "../../src/server/setup/listener_plan.ts";

function plansOf(...listens: string[]): readonly ListenerPlan[] {
  const servers = listens.map((listen) => `server { listen ${listen}; }`);
  const statements = parseConfig(`access_log off; ${servers.join(" ")}`, "x");
  const source = { file: "/x", prefix: "/", statements };
  const silent = () => {};
  const configuration = readConfiguration(source, silent);
  const { plan, environment } = prepareGeneration(configuration, silent);
  environment.logs.close();
  return plan.listeners;
}

Deno.test("hostnameOfKey() is the address before the port", () => {
  assertEquals(hostnameOfKey("0.0.0.0:80"), "0.0.0.0");
  assertEquals(hostnameOfKey(":::80"), "::");
  assertEquals(hostnameOfKey("127.0.0.1:0 3"), "127.0.0.1");
});

Deno.test("retained() are narrower sockets whose clients are served", () => {
  const rows: [bound: string[], listens: string[], stay: string[]][] = [
    [["0.0.0.0:80"], ["80"], []],
    [["0.0.0.0:80"], ["80", "[::]:80"], ["0.0.0.0:80"]],
    [["0.0.0.0:80"], ["[::]:80 ipv6only=off"], ["0.0.0.0:80"]],
    [["0.0.0.0:80"], ["[::]:80"], []],
    [["127.0.0.1:80", "127.0.0.1:81"], ["80"], ["127.0.0.1:80"]],
    [["127.0.0.1:80"], ["[::]:80", "127.0.0.1:80"], ["127.0.0.1:80"]],
    [["127.0.0.2:80"], ["[::]:80", "127.0.0.1:80"], []],
    [["::1:80"], ["80"], []],
    [["::1:80"], ["[::]:80"], ["::1:80"]],
    [[":::80"], ["80"], []],
    [["0.0.0.0:80"], ["127.0.0.1:80"], []],
  ];
  for (const [bound, listens, stay] of rows) {
    const ports = new Map(
      bound.map((key) => [key, Number(key.slice(key.lastIndexOf(":") + 1))]),
    );
    assertEquals(
      [...retained(plansOf(...listens), ports).keys()],
      stay,
      `${bound} for ${listens}`,
    );
  }
});
