import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { read, request } from "../../support/module_support.ts";

function configOf(body: string, source = "$arg_a"): string {
  return `geo ${source} $v {\n${body}\n}\naccess_log /dev/null;
server { listen 127.0.0.1:0; location / { return 200 "[$v]"; } }`;
}

/** What nginx 1.22 says of the same blocks. */
const VALUES: [body: string, address: string, value: string][] = [
  ["10.0.0.0/8 a; 10.1.0.0/16 b; default d;", "10.0.0.1", "a"],
  ["10.0.0.0/8 a; 10.1.0.0/16 b; default d;", "10.1.0.1", "b"],
  ["10.0.0.0/8 a; 10.1.0.0/16 b; default d;", "11.0.0.1", "d"],
  ["10.0.0.0/8 a;", "11.0.0.1", ""],
  ["10.0.0.1 a; 10.0.0.1 b;", "10.0.0.1", "b"],
  ["10.0.0.1 $host;", "10.0.0.1", "$host"],
  ["10.0.0.0/8 a; 10.1.0.0/16 b; delete 10.1.0.0/16;", "10.1.0.1", "a"],
  ["2001:db8::/32 a;", "2001:db8::1", "a"],
  ["10.0.0.0/8 a;", "::ffff:10.0.0.1", "a"],
  ["default d; 255.255.255.255 none;", "foo", "none"],
  ["default d; 255.255.255.255 none;", "", "none"],
  ["0.0.0.0/0 y; default d;", "1.2.3.4", "d"],
  ["default d; 0.0.0.0/0 y;", "1.2.3.4", "y"],
  ["default d; 0.0.0.0/0 y;", "2001:db8::1", "d"],
  ["ranges; 10.0.0.0-10.0.0.255 a; 10.0.0.10-10.0.0.20 b;", "10.0.0.15", "b"],
  ["ranges; 10.0.0.0-10.0.0.255 a; 10.0.0.10-10.0.0.20 b;", "10.0.0.30", "a"],
  ["ranges; default d; 10.0.0.0-10.0.0.255 a;", "2001:db8::1", "d"],
  ["ranges; 0.0.0.0-255.255.255.255 a;", "2001:db8::1", "a"],
];

Deno.test("geo gives the value of the narrowest network", async () => {
  for (const [body, address, value] of VALUES) {
    await using server = new InProcessServer({ config: configOf(body) });
    const { body: answer } = await request(server, `/?a=${address}`);
    assertEquals(
      new TextDecoder().decode(answer),
      `[${value}]`,
      `${address}: ${body}`,
    );
  }
});

Deno.test("geo asks about the client, or whom a proxy names", async () => {
  const rows: [body: string, forwarded: string, value: string][] = [
    ["127.0.0.1 local; default d;", "", "local"],
    ["127.0.0.1 local; default d;", "X-Forwarded-For: 192.0.2.1\r\n", "local"],
    [
      "proxy 127.0.0.0/8; 192.0.2.1 far;",
      "X-Forwarded-For: 192.0.2.1\r\n",
      "far",
    ],
    [
      "proxy 127.0.0.0/8; proxy 10.0.0.0/8; 192.0.2.1 far; 10.0.0.1 near;",
      "X-Forwarded-For: 192.0.2.1, 10.0.0.1\r\n",
      "near",
    ],
    [
      "proxy 127.0.0.0/8; proxy 10.0.0.0/8; proxy_recursive; 192.0.2.1 far;",
      "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 10.0.0.1\r\n",
      "far",
    ],
    [
      "proxy 10.0.0.0/8; 127.0.0.1 local;",
      "X-Forwarded-For: 192.0.2.1\r\n",
      "local",
    ],
  ];
  for (const [body, fields, value] of rows) {
    await using server = new InProcessServer({ config: configOf(body, "") });
    const { body: answer } = await request(server, "/", { fields });
    assertEquals(
      new TextDecoder().decode(answer),
      `[${value}]`,
      `${fields}: ${body}`,
    );
  }
});

Deno.test("geo says what is wrong with a line", () => {
  const rows: [body: string, message: string, line: number][] = [
    ["10.0.0.0/8;", "invalid number of the geo parameters", 2],
    ["10.0.0.0/8 a b;", "invalid number of the geo parameters", 2],
    ["hostnames;", "invalid number of the geo parameters", 2],
    ["\n10.0.0.0/33 a;", 'invalid network "10.0.0.0/33"', 3],
    ["proxy x;", 'invalid network "x"', 2],
    ["delete x;", 'invalid network "x"', 2],
    [
      "default x;\nranges;",
      'the "ranges" directive must be the first directive inside "geo" block',
      3,
    ],
    ["ranges; 10.0.0.0/8 a;", 'invalid range "10.0.0.0/8"', 2],
    ["ranges; 10.0.0.1 a;", 'invalid range "10.0.0.1"', 2],
    ["ranges; 10.0.0.2-10.0.0.1 a;", 'invalid range "10.0.0.2-10.0.0.1"', 2],
    ["ranges; ::1-::2 a;", 'invalid range "::1-::2"', 2],
    [
      "ranges; 10.0.0.1-10.0.0.5 a;\n10.0.0.4-10.0.0.9 b;",
      'range "10.0.0.4-10.0.0.9" overlaps "10.0.0.1-10.0.0.5"',
      3,
    ],
    [
      "ranges; 10.0.0.2-10.0.0.5 a;\n10.0.0.1-10.0.0.9 b;",
      'range "10.0.0.1-10.0.0.9" overlaps "10.0.0.2-10.0.0.5"',
      3,
    ],
  ];
  for (const [body, message, line] of rows) {
    const error = assertThrows(() => read(configOf(body)), Error);
    assertStringIncludes(error.message, message, body);
    assertStringIncludes(error.message, `in x.conf:${line}`, body);
  }
  for (const name of ["v", "$", "$a-b"]) {
    const error = assertThrows(() => read(`geo ${name} { }`), Error);
    assertStringIncludes(error.message, `invalid variable name "${name}"`);
  }
});

Deno.test("geo warns of lines that contradict each other", () => {
  const rows: [body: string, warning: string][] = [
    [
      "10.0.0.1 a;\n10.0.0.1/32 b;",
      'duplicate network "10.0.0.1/32", value: "b", old value: "a" in x.conf:3',
    ],
    [
      "default a;\ndefault b;",
      'duplicate network "default", value: "b", old value: "a" in x.conf:3',
    ],
    [
      "10.0.0.1/8 a;",
      "low address bits of 10.0.0.1/8 are meaningless in x.conf:2",
    ],
    ["delete 10.0.0.0/8;", 'no network "10.0.0.0/8" to delete in x.conf:2'],
    [
      "ranges; default a;\ndefault b;",
      'duplicate default geo range value: "b", old value: "a" in x.conf:3',
    ],
    [
      "ranges; 10.0.0.1-10.0.0.2 a;\n10.0.0.1-10.0.0.2 b;",
      'duplicate range "10.0.0.1-10.0.0.2", value: "b", old value: "a" ' +
      "in x.conf:3",
    ],
    [
      "ranges; delete 10.0.0.1-10.0.0.2;",
      'no address range "10.0.0.1-10.0.0.2" to delete in x.conf:2',
    ],
  ];
  for (const [body, warning] of rows) {
    assertEquals(read(configOf(body)).warnings, [warning], body);
  }
});

Deno.test("geo reads 100,000 networks and finds one in a few steps", () => {
  const lines: string[] = [];
  for (let i = 0; i < 100_000; i++) {
    lines.push(`${10 + (i >> 16)}.${i >> 8 & 255}.${i & 255}.0/24 v${i % 7};`);
  }
  const { warnings } = read(configOf(lines.join("\n")));
  assertEquals(warnings, []);
});
