/**
 * By Unix sockets and through proxies nginx and webserv answer alike: what the
 * ends of a connection are, whom rules are for, where redirects lead.
 */

import { assertEquals } from "@std/assert";
import { freePort } from "../support/free_ports.ts";
import {
  hasNginx,
  nginxHead,
  nginxTempPaths,
  startNginx,
} from "../support/nginx.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import { RawClient } from "../support/raw_client.ts";

const SAYS = "$remote_addr|$server_addr|$server_port|$binary_remote_addr|" +
  "$proxy_protocol_addr|$proxy_protocol_port|$proxy_protocol_server_addr|" +
  "$proxy_protocol_server_port|$host|$scheme";

const servers = (folder: string, port: number) => `
  server {
    listen unix:${folder}/a.sock;
    listen unix:${folder}/p.sock proxy_protocol;
    listen 127.0.0.1:${port} proxy_protocol;
    server_name first.example;
    root ${folder};
    location / { return 200 "${SAYS}"; }
    location /denied { deny unix:; }
    location /allowed { allow unix:; deny all; }
    location /there { return 302 /elsewhere; }
  }
  server {
    listen unix:${folder}/a.sock;
    server_name second.example *.second.example;
    server_name_in_redirect on;
    location / { return 302 /second; }
  }
`;

const HEADER = "PROXY TCP4 192.0.2.9 198.51.100.1 4711 80\r\n";
const BINARY = "\r\n\r\n\0\r\nQUIT\n";
const PROXIED = "\xc0\0\x02\x09\xc6\x33\x64\x01\x12\x67\0\x50";

/** Socket, what comes before the request, host and path. */
const ROWS: readonly [socket: string, before: string, url: string][] = [
  ["a.sock", "", "a.example/"],
  ["a.sock", "", "a.example:81/there"],
  ["a.sock", "", "a.example/denied"],
  ["a.sock", "", "a.example/allowed"],
  ["a.sock", "", "second.example/"],
  ["a.sock", "", "x.second.example/"],
  ["p.sock", HEADER, "a.example/"],
  ["p.sock", "", "a.example/"],
  ["port", HEADER, "a.example/"],
  ["port", HEADER, "a.example/denied"],
  ["port", HEADER, "a.example/allowed"],
  ["port", "PROXY TCP6 ::1 2001:db8::5 1 2\r\n", "a.example/"],
  ["port", "PROXY UNKNOWN\r\n", "a.example/"],
  ["port", "PROXY TCP4 192.0.2.9 198.51.100.1 4711\r\n", "a.example/"],
  ["port", "PROXY TCP4 192.0.2.9 198.51.100.1 4711 80\n", "a.example/"],
  ["port", `${BINARY}\x21\x11\0\x0c${PROXIED}`, "a.example/"],
  ["port", `${BINARY}\x21\x11\0\x10${PROXIED}\x04\0\x01x`, "a.example/"],
  ["port", `${BINARY}\x21\x12\0\x0c${PROXIED}`, "a.example/"],
  ["port", `${BINARY}\x20\0\0\0`, "a.example/"],
  ["port", `${BINARY}\x31\x11\0\x0c${PROXIED}`, "a.example/"],
  ["port", "", "a.example/"],
];

/** What a server answers; nothing if it says none. */
async function answers(folder: string, port: number): Promise<string[]> {
  const all: string[] = [];
  for (const [socket, before, url] of ROWS) {
    const slash = url.indexOf("/");
    using client = socket === "port"
      ? await RawClient.connect(port)
      : await RawClient.connectUnix(`${folder}/${socket}`);
    await client.send(
      `${before}GET ${url.slice(slash)} HTTP/1.1\r\nHost: ${
        url.slice(0, slash)
      }\r\nConnection: close\r\n\r\n`,
    );
    const response = await client.response().catch(() => undefined);
    const text = response?.status === 200 ? response.text : "";
    all.push(
      `${socket} ${JSON.stringify(before)} ${url}: ${response?.status} ${
        response?.field("location")
      } ${text.replaceAll(folder, "").replaceAll(String(port), "PORT")}`,
    );
  }
  return all;
}

Deno.test({
  name: "nginx and webserv answer alike by Unix sockets and through proxies",
  ignore: !hasNginx(),
  async fn() {
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    const port = freePort();
    const file = `${folder}/nginx.conf`;
    Deno.writeTextFileSync(
      file,
      `${nginxHead(folder)}\nhttp {\naccess_log off;\n${
        nginxTempPaths(folder)
      }${servers(folder, port)}}`,
    );
    try {
      let expected: string[];
      {
        await using _nginx = await startNginx({ folder, file, port });
        expected = await answers(folder, port);
      }
      await using _webserv = new InProcessServer({
        config: `access_log off;\n${servers(folder, port)}`,
      });
      assertEquals(await answers(folder, port), expected);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
