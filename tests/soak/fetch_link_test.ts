import { assertEquals, assertRejects } from "@std/assert";
import { makeCertificate } from "../../bench/certificate.ts";
import { FetchLink } from "../../soak/fetch_link.ts";
import { ConnectionEnded } from "../../soak/wire.ts";
import { InProcessServer } from "../support/in_process_server.ts";

Deno.test("FetchLink speaks what it is told, and never anything else", async () => {
  const folder = await Deno.makeTempDir();
  const { cert, key } = (await makeCertificate(folder))!;
  await using server = new InProcessServer({
    config: `
      error_log stderr emerg;
      http {
        access_log off; http2 on;
        ssl_certificate ${cert}; ssl_certificate_key ${key};
        server {
          listen 127.0.0.1:0; listen 127.0.0.1:0 ssl; root www;
          location /says { return 200 "$server_protocol $scheme $http_user_agent"; }
          location /up { client_max_body_size 10; return 200 "$content_length"; }
          location /closed { return 444; }
        }
      }`,
    files: { "www/a.txt": "a".repeat(200_000) },
  });
  const [plain, secure] = server.server.addresses
    .toSorted((a, b) =>
      Number(a.plan.group!.tls !== undefined) -
      Number(b.plan.group!.tls !== undefined)
    )
    .map(({ port }) => port) as [number, number];
  const certificate = await Deno.readTextFile(cert);
  const rows = [
    [plain, undefined, true, "HTTP/2.0 http me"],
    [secure, certificate, true, "HTTP/2.0 https me"],
    [secure, certificate, false, "HTTP/1.1 https me"],
  ] as const;
  for (const [port, certificate, http2, expected] of rows) {
    const link = new FetchLink({ port, certificate, http2 });
    const texts: string[] = [];
    const asks = [
      { path: "/says" },
      { path: "/a.txt", fields: "Range: bytes=0-2\r\n" },
      { path: "/up", method: "POST", fields: "Content-Length: 3\r\n" },
      { path: "/up", method: "POST", body: ["a", "b"] },
    ];
    const marks = asks.map(() => "me");
    for await (const { status, body } of link.exchange(asks, marks, {})) {
      texts.push(`${status} ${new TextDecoder().decode(body)}`);
    }
    assertEquals(texts, [`200 ${expected}`, "206 aaa", "200 3", "200 "]);
    for await (
      const { body } of link.exchange([{ path: "/a.txt" }], ["me"], {
        slowMs: 1,
      })
    ) assertEquals(body.length, 200_000);
    await assertRejects(
      async () => {
        for await (
          const _ of link.exchange([{ path: "/closed" }], ["me"], {})
        );
      },
      ConnectionEnded,
    );
    link.close();
  }
  await Deno.remove(folder, { recursive: true });
});
