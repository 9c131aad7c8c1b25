import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { InProcessServer } from "../../../support/in_process_server.ts";
import { ask, get } from "../../../support/raw_client.ts";

const CONFIG = `
access_log off;
server {
    listen 127.0.0.1:0;
    server_name a.example;
    location = /status { status_page; }
    location = /locked { status_page; auth_basic x; auth_basic_user_file users; }
    location = /denied { status_page; deny all; }
    location / { return 200 x; }
}
`;

// The password is "secret".
const USERS = "u:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";

function start(): InProcessServer {
  return new InProcessServer({ config: CONFIG, files: { users: USERS } });
}

async function asking(port: number, target: string, fields = "") {
  return await ask(
    port,
    `GET ${target} HTTP/1.1\r\nHost: a\r\n${fields}Connection: close\r\n\r\n`,
  );
}

Deno.test("status_page is a page for people, and data for who asks for it", async () => {
  await using server = start();
  const rows:
    readonly (readonly [target: string, accept: string, json: boolean])[] = [
      ["/status", "", false],
      ["/status", "Accept: */*\r\n", false],
      ["/status", "Accept: text/html,*/*;q=0.8\r\n", false],
      ["/status", "Accept: application/json\r\n", true],
      ["/status?format=json", "Accept: text/html\r\n", true],
      ["/status?format=html", "Accept: application/json\r\n", false],
      ["/status?a=format=json", "", false],
    ];
  for (const [target, accept, json] of rows) {
    const response = await asking(server.port, target, accept);
    assertEquals(response.status, 200);
    assertEquals(
      response.field("content-type"),
      json ? "application/json" : "text/html; charset=utf-8",
      `${target} ${accept}`,
    );
    assertEquals(response.field("vary"), "Accept");
    assertEquals(response.field("cache-control"), "no-store");
    assertEquals(response.field("x-content-type-options"), "nosniff");
    if (json) assertEquals(JSON.parse(response.text).format, 1);
    else assertMatch(response.text, /^<!doctype html>/);
  }
});

Deno.test("status_page: the policy allows its own script and style, and nothing else", async () => {
  await using server = start();
  const { text, field } = await get(server.port, "/status");
  const inside = (tag: string) => {
    const found = [...text.matchAll(
      new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, "g"),
    )];
    assertEquals(found.length, 1, tag);
    return createHash("sha256").update(found[0]![1]!, "latin1").digest(
      "base64",
    );
  };
  assertEquals(
    field("content-security-policy"),
    "default-src 'none'; " +
      `script-src 'sha256-${inside("script")}'; ` +
      `style-src 'sha256-${inside("style")}'; ` +
      "connect-src 'self'; img-src data:; base-uri 'none'; " +
      "form-action 'none'; frame-ancestors 'none'",
  );
  // Nothing the policy would refuse, and nothing from elsewhere.
  assertEquals(/ style=| on\w+=|<(?:img|iframe|form)\b/.test(text), false);
  const links = [...text.matchAll(/(?:src|href)="([^"]*)"/g)]
    .map(([, link]) => link!);
  assertEquals(
    links.filter((link) =>
      !/^(?:data:image\/svg\+xml,|\?format=json$)/.test(link)
    ),
    [],
  );
  assertEquals(await get(server.port, "/status").then((one) => one.text), text);
});

Deno.test("status_page: HEAD, OPTIONS, and methods that it has not", async () => {
  await using server = start();
  const { text } = await get(server.port, "/status");
  const rows: readonly (readonly [string, number])[] = [
    ["HEAD", 200],
    ["OPTIONS", 204],
    ["POST", 405],
    ["DELETE", 405],
  ];
  for (const [method, status] of rows) {
    const response = await ask(
      server.port,
      `${method} /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      { head: method === "HEAD" },
    );
    assertEquals(response.status, status, method);
    if (method !== "HEAD") continue;
    assertEquals(response.text, "");
    assertEquals(
      response.field("content-length"),
      String(text.length),
    );
  }
});

Deno.test("status_page: who may not see it sees neither page nor data", async () => {
  await using server = start();
  const password = `Authorization: Basic ${btoa("u:secret")}\r\n`;
  for (const format of ["", "?format=json"]) {
    const status = async (target: string, fields = "") =>
      (await asking(server.port, target + format, fields)).status;
    assertEquals(await status("/denied"), 403);
    assertEquals(await status("/locked"), 401);
    assertEquals(await status("/locked", password), 200);
    assertEquals(
      await status("/locked", "Accept: application/json\r\n"),
      401,
    );
  }
});

Deno.test("status_page: the data count what happens", async () => {
  await using server = start();
  await get(server.port, "/x");
  const data = JSON.parse((await get(server.port, "/status?format=json")).text);
  assertEquals(data.requests.begun, 2);
  assertEquals(data.requests.statuses, {
    "1xx": 0,
    "2xx": 1,
    "3xx": 0,
    "4xx": 0,
    "5xx": 0,
    other: 0,
  });
  assertEquals(data.requests.durations.length, data.durationBounds.length + 1);
  assertEquals(data.servers.length, 1);
  assertEquals(data.servers[0].name, "a.example");
  assertEquals(data.servers[0].statuses["2xx"], 1);
  assertEquals(data.workers.each.length, 1);
  assertEquals(data.workers.each[0].statuses["2xx"], 1);
  assertEquals(data.reload.at, null);
  assertEquals(data.reload.fault, null);
  assert(data.time >= data.startedAt);
  assert(data.process.residentBytes > 2 ** 20);
});
