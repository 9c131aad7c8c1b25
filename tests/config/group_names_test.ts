import { assertEquals } from "@std/assert";
import { FaultList } from "../../src/config/fault_list.ts";
import {
  groupNames,
  isGroupName,
  useGroupNames,
} from "../../src/config/group_names.ts";
import { parseConfig } from "../../src/config/syntax/parser.ts";

function namesOf(text: string, faults = new FaultList()): string[] {
  const statements = parseConfig(text, "x.conf");
  return [...groupNames(statements, (name) => name === "host", faults)];
}

Deno.test("groupNames() finds the names in all patterns", () => {
  const rows: [text: string, names: string[]][] = [
    ["location ~ ^/(?<a>x)(?P<B>y)(?'c'z) { }", ["a", "b", "c"]],
    ["server { location / { rewrite (?<a>x) /y; } }", ["a"]],
    ["server_name ~^(?<sub>.+)[.]x$;", ["sub"]],
    ["if ($uri ~ ^(?<a_1>.)) { return 200; }", ["a_1"]],
    ["if ($uri ~ ^(?<a>.)(?<=b)(?<!c)(?:d)(?=e)) { }", ["a"]],
    ["rewrite \\\\(?<a>x) /y;", []],
    ["return 200 (?<a>x);", []],
    ["location / { }", []],
  ];
  for (const [text, names] of rows) assertEquals(namesOf(text), names, text);
});

Deno.test("groupNames() tells names that are taken", () => {
  const faults = new FaultList();
  namesOf("server {\n  rewrite ^/(?<Host>.) /x;\n}", faults);
  assertEquals(
    faults.inOrder().map(({ message }) => message),
    ['the duplicate "host" variable in x.conf:2'],
  );
});

Deno.test("useGroupNames() takes the place of the names before", () => {
  useGroupNames(new Set(["a"]));
  assertEquals([isGroupName("a"), isGroupName("b")], [true, false]);
  useGroupNames(new Set(["b"]));
  assertEquals([isGroupName("a"), isGroupName("b")], [false, true]);
  useGroupNames(new Set());
});
