import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { read, request } from "../../support/module_support.ts";

function configOf(body: string): string {
  return `split_clients "\${arg_a}" $v {\n${body}\n}\naccess_log /dev/null;
server { listen 127.0.0.1:0; location / { return 200 "$v"; } }`;
}

async function valueOf(server: InProcessServer, a: string): Promise<string> {
  const { body } = await request(server, `/?a=${a}`);
  return new TextDecoder().decode(body);
}

Deno.test("split_clients gives each share its value, by the hash of nginx", async () => {
  // "a" is at 57.2 %, "ab" at 10.4 %, "127.0.0.1" at 71.1 % of all hashes.
  const rows: [body: string, a: string, value: string][] = [
    ["57% one; * two;", "a", "two"],
    ["57.2% one; * two;", "a", "one"],
    ["10% one; 47.2% two; * three;", "a", "two"],
    ["10% one; 47.2% two; * three;", "ab", "two"],
    ["10.41% one;", "ab", "one"],
    ["10.4% one;", "ab", ""],
    ["100% one;", "127.0.0.1", "one"],
    ["71.12% one; 0.01% two;", "127.0.0.1", "two"],
    ['* "";', "a", ""],
    ["0.01% one; * $host;", "a", "$host"],
  ];
  for (const [body, a, value] of rows) {
    await using server = new InProcessServer({ config: configOf(body) });
    assertEquals(await valueOf(server, a), value, `${a}: ${body}`);
  }
});

Deno.test("split_clients divides many as it says", async () => {
  const config = configOf("25% one; 25% two; * three;");
  await using server = new InProcessServer({ config });
  const counts = new Map<string, number>();
  for (let i = 0; i < 400; i++) {
    const value = await valueOf(server, `client${i}`);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  for (const [value, share] of [["one", 100], ["two", 100], ["three", 200]]) {
    const off = Math.abs(counts.get(`${value}`)! - Number(share));
    assert(off < 40, `${value}: ${counts.get(`${value}`)} of about ${share}`);
  }
});

Deno.test("split_clients says what is wrong with a line", () => {
  const rows: [body: string, message: string, line: number][] = [
    ["10 one;", 'invalid percent value "10"', 2],
    ["\n0% one;", 'invalid percent value "0%"', 3],
    ["0.001% one;", 'invalid percent value "0.001%"', 2],
    ["-1% one;", 'invalid percent value "-1%"', 2],
    ["% one;", 'invalid percent value "%"', 2],
    ["x% one;", 'invalid percent value "x%"', 2],
    ["60% one;\n41% two;", "percent total is greater than 100%", 3],
    ["* one;\n1% two;", "percent total is greater than 100%", 3],
    ["50%;", "invalid number of the split_clients parameters", 2],
    ["50% one two;", "invalid number of the split_clients parameters", 2],
  ];
  for (const [body, message, line] of rows) {
    const error = assertThrows(() => read(configOf(body)), Error);
    assertStringIncludes(error.message, message, body);
    assertStringIncludes(error.message, `in x.conf:${line}`, body);
  }
});
