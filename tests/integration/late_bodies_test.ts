/**
 * Who does not want the body of a request answers before it has come. Where
 * the connection ends with that, the client sends on, and must see the answer
 * and the end of the stream rather than a reset (RFC 9112 §9.6).
 */

import { assertEquals, assertMatch } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { bytesOf, textOf } from "../support/latin1.ts";
import { ServerProcess } from "../support/server_process.ts";

const CONFIG = `
http {
    server {
        listen 127.0.0.1:0;
        listen 127.0.0.1:0 ssl;
        ssl_certificate server.crt;
        ssl_certificate_key server.key;
        location = /small { return 200 taken; }
        location = /never { keepalive_timeout 0; return 200 taken; }
        location = /once { keepalive_requests 1; return 200 taken; }
        location = /error { keepalive_timeout 0; return 500 taken; }
        location = /page { keepalive_timeout 0; }
    }
}
`;

/** What comes after the answer, in bytes: more than one read takes. */
const PIECE = "x".repeat(100_000);
const PIECES = 3;

/** Why the connection ends: the request line, and a field. */
const ENDS: Readonly<Record<string, readonly [string, string]>> = {
  "the client wants that": ["POST /small HTTP/1.1", "Connection: close"],
  "HTTP/1.0": ["POST /small HTTP/1.0", "A: b"],
  "keepalive_timeout 0": ["POST /never HTTP/1.1", "A: b"],
  "keepalive_requests 1": ["POST /once HTTP/1.1", "A: b"],
  "an error where none is kept": ["POST /error HTTP/1.1", "A: b"],
  "a GET that finds nothing": ["GET /page HTTP/1.1", "Connection: close"],
};

/** How the body comes: its field, a piece of it, and its end. */
const FRAMINGS: Readonly<Record<string, readonly [string, string, string]>> = {
  "a length": [`Content-Length: ${PIECE.length * PIECES}`, PIECE, ""],
  chunks: [
    "Transfer-Encoding: chunked",
    `${PIECE.length.toString(16)}\r\n${PIECE}\r\n`,
    "0\r\n\r\n",
  ],
};

async function send(socket: Deno.Conn, text: string): Promise<void> {
  for (let rest = bytesOf(text); rest.length > 0;) {
    rest = rest.subarray(await socket.write(rest));
  }
}

/** All that comes; `body` is sent when the answer is there. */
async function converse(
  socket: Deno.Conn,
  head: string,
  body: readonly string[],
): Promise<string> {
  await send(socket, head);
  const buffer = new Uint8Array(64 * 1024);
  let text = "";
  let sending: Promise<void> | undefined;
  for (let count; (count = await socket.read(buffer)) !== null;) {
    text += textOf(buffer.subarray(0, count));
    if (sending === undefined && /\r\n\r\n.+/s.test(text)) {
      sending = (async () => {
        for (const piece of body) await send(socket, piece);
      })();
      // Whoever fails is found below.
      sending.catch(() => {});
    }
  }
  await sending;
  return text;
}

Deno.test("a body may come after the answer that ends its connection", async (t) => {
  using ca = await Authority.create();
  await ca.issue("server", "localhost", 1);
  const file = (name: string) => Deno.readTextFileSync(ca.path(name));
  await using server = await ServerProcess.start({
    config: CONFIG,
    files: {
      "server.crt": file("server.crt"),
      "server.key": file("server.key"),
    },
  });
  const [plain, secure] = server.ports as [number, number];
  for (const over of ["TCP", "TLS"]) {
    for (const [why, [line, more]] of Object.entries(ENDS)) {
      for (const [framing, [field, piece, end]] of Object.entries(FRAMINGS)) {
        if (line.endsWith("1.0") && framing === "chunks") continue;
        await t.step(`${over}, ${why}, ${framing}`, async () => {
          using socket = over === "TCP"
            ? await Deno.connect({ hostname: "127.0.0.1", port: plain })
            : await Deno.connectTls({
              hostname: "localhost",
              port: secure,
              caCerts: [file("ca.crt")],
            });
          const head = [line, "Host: a.test", more, field, "", ""];
          const body = [...Array(PIECES).fill(piece), end];
          const text = await converse(socket, head.join("\r\n"), body);
          assertMatch(text, /^HTTP\/1\.1 (200|500|404) /);
          assertEquals(text.match(/HTTP\/1\.1 /g)?.length, 1);
        });
      }
    }
  }
});
