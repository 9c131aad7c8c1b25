import { assertEquals } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { get } from "../../support/raw_client.ts";
import {
  configured,
  serverError,
  withServer,
} from "../../support/config_support.ts";

Deno.test("allow and deny are asked in order, the first that is for a client", async () => {
  const directives = `
    root site; deny 192.0.2.1;
    location /open { return 200 rewritten; }
    location /a { allow 127.0.0.1; deny all; }
    location /b { deny all; allow 127.0.0.1; }
    location /c { deny 127.0.0.0/8; }
    location /d { allow 10.0.0.0/8; deny ::/0; }
    location /e { deny all; location /e/f { allow all; } }
    location /g { deny all; error_page 403 = @why; }
    location @why { return 200 "$status"; }
  `;
  const files = Object.fromEntries(
    ["a", "b", "c", "d", "e/x", "e/f", "g", "h"].map((
      name,
    ) => [`site/${name}`, name]),
  );
  await withServer(directives, files, async (ask) => {
    const rows: [string, number][] = [
      ["/a", 200],
      ["/b", 403],
      ["/c", 403],
      ["/d", 200],
      ["/e/x", 403],
      ["/e/f", 200],
      ["/g", 200],
      ["/h", 200],
      ["/open", 200],
    ];
    for (const [path, status] of rows) {
      assertEquals((await ask(path)).status, status, path);
    }
  });
});

Deno.test("IPv4 clients of an IPv6 socket are known by both addresses", async () => {
  const server = (listen: string) => `
    server {
      listen ${listen};
      location /who { return 200 "$remote_addr $server_addr"; }
      location /six { deny ::/0; root site; }
      location /four { deny 127.0.0.1; root site; }
      location /none { deny 192.0.2.0/24; root site; }
    }`;
  const rows: [listens: string, who: string, six: number][] = [
    ["[::]:0 ipv6only=off", "::ffff:127.0.0.1 ::ffff:127.0.0.1", 403],
    ["0", "127.0.0.1 127.0.0.1", 200],
  ];
  for (const [listen, who, six] of rows) {
    await using running = new InProcessServer({
      config: `access_log off; ${server(listen)}`,
      files: { "site/six": "6", "site/four": "4", "site/none": "0" },
    });
    const { port } = running;
    assertEquals((await get(port, "/who")).text, who);
    assertEquals((await get(port, "/six")).status, six, listen);
    assertEquals((await get(port, "/four")).status, 403, listen);
    assertEquals((await get(port, "/none")).status, 200, listen);
  }
});

Deno.test("a block with rules of its own has no others, even if none counts", async () => {
  const directives = `
    root site; deny all;
    location /own { deny unix:; location /own/in { } }
    location /same { location /same/in { } }
  `;
  const files = { "site/own": "x", "site/same": "x" };
  await withServer(directives, files, async (ask) => {
    assertEquals((await ask("/own")).status, 200);
    assertEquals((await ask("/own/in")).status, 404);
    assertEquals((await ask("/same/in")).status, 403);
  });
});

Deno.test("allow and deny say what is wrong", () => {
  for (const text of ["deny;", "deny 1.2.3.4 5.6.7.8;"]) {
    assertEquals(
      serverError(text),
      'invalid number of arguments in "deny" directive in x.conf:1',
    );
  }
  for (const text of ["nobody", "1.2.3", "1.2.3.4/99"]) {
    assertEquals(
      serverError(`allow ${text};`),
      `invalid parameter "${text}" in x.conf:1`,
    );
  }
  const warnings: string[] = [];
  configured("server { deny 10.1.0.0/8; }", warnings);
  assertEquals(warnings, [
    "low address bits of 10.1.0.0/8 are meaningless in x.conf:1",
  ]);
});
