/**
 * A process that holds keep-alive connections: each has asked once and then
 * says nothing. It prints `ready N` when all are there; a line on standard
 * input makes it print `alive N`, how many the server has not closed.
 *
 * Arguments: the port, the number of connections, the path.
 */

const [port = "0", count = "0", target = "/"] = Deno.args;

/** How many connections are being made at the same time. */
const AT_ONCE = 200;

const request = new TextEncoder().encode(
  `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
);
let alive = 0;

/** Asks once, reads the answer, and then notices the end. */
async function hold(): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: +port });
  await conn.write(request);
  const bytes = new Uint8Array(4096);
  let filled = 0;
  let wanted = Infinity;
  while (filled < wanted) {
    const read = await conn.read(bytes.subarray(filled));
    if (read === null) throw new Error("closed before it was idle");
    filled += read;
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, filled));
    const end = text.indexOf("\r\n\r\n");
    const length = /^content-length: *(\d+)\r$/im.exec(text)?.[1];
    if (end >= 0) wanted = end + 4 + Number(length ?? 0);
  }
  alive++;
  const ended = () => {
    alive--;
  };
  conn.read(new Uint8Array(1)).then(ended, ended);
}

let begun = 0;
async function holdMore(): Promise<void> {
  while (begun++ < Number(count)) await hold();
}
await Promise.all(Array.from({ length: AT_ONCE }, holdMore));
console.log(`ready ${alive}`);

for await (const _ of Deno.stdin.readable) console.log(`alive ${alive}`);
Deno.exit(0);
