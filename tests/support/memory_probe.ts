/**
 * A server in a process that can collect its garbage: prints its port, and for
 * each line of its input how many bytes its objects and buffers take.
 */

import { InProcessServer } from "./in_process_server.ts";

await using site = new InProcessServer({
  config: `error_log stderr emerg;
    events { worker_connections 4096; }
    http {
      access_log off;
      server { listen 127.0.0.1:0; root .; keepalive_timeout 300s; }
    }`,
  files: { "a.txt": "content" },
});
console.log(site.port);
const { gc } = globalThis as unknown as { gc(): void };
for await (const _line of Deno.stdin.readable) {
  // Once more for what weak references have held.
  gc();
  gc();
  const { heapUsed, external } = Deno.memoryUsage();
  console.log(heapUsed + external);
}
