/**
 * A process that makes many engines of TLS and closes them; it prints how much
 * more memory it has by the end, in bytes. Its arguments: the path of a
 * certificate and its key without `.crt` and `.key`, and how many.
 */

import { TlsEngine } from "../../src/net/tls/tls_engine.ts";

const [path, count] = Deno.args;
const cert = Deno.readTextFileSync(`${path}.crt`);
const key = Deno.readTextFileSync(`${path}.key`);
const pair = { cert, key };
new TlsEngine(pair, ["http/1.1"]).close();
const before = Deno.memoryUsage().rss;
for (let i = 0; i < Number(count); i++) {
  new TlsEngine(pair, ["http/1.1"]).close();
  if (i % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
}
console.log(Deno.memoryUsage().rss - before);
