/**
 * A process of slow clients: each asks for one large file and takes a little
 * of it now and then. It prints `ready N` when all have had a first piece.
 *
 * Arguments: the port, the number of clients, the path.
 */

const [port = "0", count = "0", target = "/"] = Deno.args;

/** How much a client takes at a time, in bytes. */
const PIECE_BYTES = 64 * 1024;

/** How often, in ms: about 640 KB a second. */
const PAUSE_MS = 100;

const request = new TextEncoder().encode(
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
);

let ready = 0;
async function read(): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: +port });
  await conn.write(request);
  const piece = new Uint8Array(PIECE_BYTES);
  for (let first = true;; first = false) {
    if (await conn.read(piece) === null) throw new Error("the file is short");
    if (first && ++ready === Number(count)) console.log(`ready ${ready}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

await Promise.all(Array.from({ length: Number(count) }, read));
