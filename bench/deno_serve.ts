/**
 * Deno's own server with the usual file handler: a file is opened per request
 * and its stream is the body, as the standard library's `serveDir` does it.
 *
 * Arguments: the folder, the port, the access log or an empty word, and for
 * TLS the files of the certificate and its key.
 */

const [root = ".", port = "0", logPath = "", cert, key] = Deno.args;

/** How many bytes of log are gathered before they are written. */
const LOG_BYTES = 64 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  css: "text/css",
};

const log = logPath === ""
  ? undefined
  : await Deno.open(logPath, { create: true, append: true });
const encoder = new TextEncoder();
let lines = "";

function record(
  request: Request,
  url: URL,
  response: Response,
  { hostname }: Deno.NetAddr,
): void {
  const length = response.headers.get("content-length") ?? "0";
  const { headers } = request;
  lines += `${hostname} - - [${new Date().toISOString()}] ` +
    `"${request.method} ${url.pathname} HTTP/1.1" ` +
    `${response.status} ${length} "${headers.get("referer") ?? "-"}" ` +
    `"${headers.get("user-agent") ?? "-"}"\n`;
  if (lines.length < LOG_BYTES) return;
  log?.writeSync(encoder.encode(lines));
  lines = "";
}

/** A single range `bytes=from-to` within `size` bytes: from, up to. */
function rangeOf(value: string | null, size: number): [number, number] {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(value ?? "") ?? [];
  if (from === undefined || to === undefined) return [0, size];
  return [Number(from), Math.min(Number(to) + 1, size)];
}

async function serveFile(request: Request, url: URL): Promise<Response> {
  const path = root + decodeURIComponent(url.pathname);
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch {
    return new Response("Not Found", {
      status: 404,
      headers: { "content-length": "9" },
    });
  }
  const { size, mtime } = await file.stat();
  const tag = `W/"${size.toString(16)}-${mtime!.getTime().toString(16)}"`;
  const headers = new Headers({
    "accept-ranges": "bytes",
    "content-type": TYPES[path.slice(path.lastIndexOf(".") + 1)] ??
      "application/octet-stream",
    "last-modified": mtime!.toUTCString(),
    etag: tag,
  });
  if (request.headers.get("if-none-match") === tag) {
    file.close();
    return new Response(null, { status: 304, headers });
  }
  const range = request.headers.get("range");
  const [start, end] = rangeOf(range, size);
  headers.set("content-length", String(end - start));
  if (range === null) return new Response(file.readable, { headers });
  headers.set("content-range", `bytes ${start}-${end - 1}/${size}`);
  await file.seek(start, Deno.SeekMode.Start);
  let left = end - start;
  const part = file.readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= Math.min(left, chunk.length);
        if (left === 0) controller.terminate();
      },
    }),
  );
  return new Response(part, { status: 206, headers });
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen() {},
  ...(cert === undefined || key === undefined ? {} : {
    cert: await Deno.readTextFile(cert),
    key: await Deno.readTextFile(key),
  }),
}, async (request, info) => {
  const url = new URL(request.url);
  const response = await serveFile(request, url);
  if (log !== undefined) {
    record(request, url, response, info.remoteAddr as Deno.NetAddr);
  }
  return response;
});
