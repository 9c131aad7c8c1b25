import { assertEquals } from "@std/assert";
import { nearestName } from "../../src/config/nearest.ts";

const NAMES = ["root", "alias", "server", "server_name", "index", "etag"];

Deno.test("nearestName() finds slips of the pen and nothing else", () => {
  const rows: [name: string, expected: string | undefined][] = [
    ["rot", "root"],
    ["roott", "root"],
    ["sever", "server"],
    ["servername", "server_name"],
    ["sevrer_naem", undefined],
    ["serve_nmae", "server_name"],
    ["etga", undefined],
    ["x", undefined],
    ["", undefined],
    ["completely_else", undefined],
    ["proxy", undefined],
  ];
  for (const [name, expected] of rows) {
    assertEquals(nearestName(name, NAMES), expected, name);
  }
  assertEquals(nearestName("root", []), undefined);
});
