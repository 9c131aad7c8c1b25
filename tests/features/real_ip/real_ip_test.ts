import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { read, request } from "../../support/module_support.ts";

const SHOW = 'return 200 "$remote_addr|$remote_port|$realip_remote_addr";';

async function shown(config: string, fields: string): Promise<string> {
  await using server = new InProcessServer({
    config: `access_log /dev/null; ${config}`,
  });
  const { body } = await request(server, "/in/a", { fields });
  return new TextDecoder().decode(body).replace(/\|\d{5}\|/, "|own|");
}

function serverWith(text: string): string {
  return `server { listen 127.0.0.1:0; ${
    text === "" ? "" : `${text};`
  } location / { ${SHOW} } }`;
}

Deno.test("real_ip believes those it is told to believe", async () => {
  const rows: [text: string, fields: string, shown: string][] = [
    ["", "X-Real-IP: 192.0.2.1\r\n", "127.0.0.1|own|127.0.0.1"],
    [
      "set_real_ip_from 10.0.0.0/8",
      "X-Real-IP: 192.0.2.1\r\n",
      "127.0.0.1|own|127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.0/8",
      "X-Real-IP: 192.0.2.1\r\n",
      "192.0.2.1||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.0/8",
      "X-Real-IP: 192.0.2.1:8080\r\n",
      "192.0.2.1|8080|127.0.0.1",
    ],
    ["set_real_ip_from 127.0.0.0/8", "", "127.0.0.1|own|127.0.0.1"],
    [
      "set_real_ip_from localhost; real_ip_header X-Forwarded-For; " +
      "real_ip_recursive on",
      "X-Forwarded-For: 192.0.2.2, 192.0.2.1, ::1, 127.0.0.1\r\n",
      "192.0.2.1||127.0.0.1",
    ],
    [
      "set_real_ip_from localhost; real_ip_header X-Forwarded-For; " +
      "real_ip_recursive on",
      "X-Forwarded-For: 192.0.2.1, 127.0.0.2\r\n",
      "127.0.0.2||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.0/8",
      "X-Real-IP: nobody\r\n",
      "127.0.0.1|own|127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.0/8",
      "X-Forwarded-For: 192.0.2.1\r\n",
      "127.0.0.1|own|127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For",
      "X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\n",
      "192.0.2.2||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.1; set_real_ip_from 192.0.2.2; " +
      "real_ip_header X-Forwarded-For; real_ip_recursive on",
      "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2\r\n",
      "192.0.2.1||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.1; real_ip_header CF-Connecting-IP",
      "cf-connecting-ip: 2001:db8::1\r\n",
      "2001:db8::1||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.1; real_ip_header proxy_protocol",
      "X-Real-IP: 192.0.2.1\r\n",
      "127.0.0.1|own|127.0.0.1",
    ],
    [
      "set_real_ip_from unix:; real_ip_header X-Real-IP",
      "X-Real-IP: 192.0.2.1\r\n",
      "127.0.0.1|own|127.0.0.1",
    ],
  ];
  for (const [text, fields, expected] of rows) {
    assertEquals(
      await shown(serverWith(text), fields),
      expected,
      text + fields,
    );
  }
});

Deno.test("real_ip is inherited, and a block with its own has no others", async () => {
  const fields = "X-Real-IP: 192.0.2.1\r\nX-Other: 192.0.2.2\r\n";
  const rows: [config: string, shown: string][] = [
    [
      "set_real_ip_from 127.0.0.1; real_ip_header X-Other; " + serverWith(""),
      "192.0.2.2||127.0.0.1",
    ],
    [
      "set_real_ip_from 127.0.0.1; " + serverWith("set_real_ip_from 10.0.0.1"),
      "127.0.0.1|own|127.0.0.1",
    ],
    // The rewrite module answers before a location's rules are followed.
    [
      `server { listen 127.0.0.1:0; location / {
       set_real_ip_from 127.0.0.1; ${SHOW} } }`,
      "127.0.0.1|own|127.0.0.1",
    ],
    // What the server has found stays.
    [
      `server { listen 127.0.0.1:0; set_real_ip_from 127.0.0.1;
       location / { real_ip_header X-Other; ${SHOW} } }`,
      "192.0.2.1||127.0.0.1",
    ],
  ];
  for (const [config, expected] of rows) {
    assertEquals(await shown(config, fields), expected, config);
  }
});

Deno.test("real_ip decides what allow and deny are asked about", async () => {
  const rows: [where: "server" | "location", client: string, status: number][] =
    [
      ["server", "192.0.2.1", 403],
      ["server", "192.0.2.2", 200],
      ["location", "192.0.2.1", 403],
      ["location", "192.0.2.2", 200],
    ];
  for (const [where, client, status] of rows) {
    const trust = "set_real_ip_from 127.0.0.1;";
    await using server = new InProcessServer({
      config: `access_log /dev/null; server { listen 127.0.0.1:0; root www;
        ${where === "server" ? trust : ""}
        location / { ${where === "location" ? trust : ""} deny 192.0.2.1; } }`,
      files: { "www/index.html": "home" },
    });
    const fields = `X-Real-IP: ${client}\r\n`;
    const answer = await request(server, "/", { fields });
    assertEquals(answer.status, status, `${where} ${client}`);
  }
});

Deno.test("set_real_ip_from says what is wrong with a network", () => {
  for (const text of ["proxy.example", "10.0.0.0/33", "all", "localhost."]) {
    const error = assertThrows(() => read(`set_real_ip_from ${text};`), Error);
    assertStringIncludes(error.message, `invalid network "${text}"`);
    assertStringIncludes(error.message, "in x.conf:1");
  }
  assertEquals(read("set_real_ip_from 10.0.0.1/8;").warnings, [
    "low address bits of 10.0.0.1/8 are meaningless in x.conf:1",
  ]);
});
