/**
 * What HTTP/2 alone can say, beside nginx: pseudo-fields and fields that are
 * odd or forbidden, and bodies that are not what they say. A list says where
 * webserv answers otherwise, mostly because RFC 9113 asks for it.
 */

import { assertEquals } from "@std/assert";
import { ErrorCode, Flag, FrameType } from "../../src/http/http2/frames.ts";
import { freePort } from "../support/free_ports.ts";
import {
  block,
  type Fields,
  frame,
  Http2Client,
} from "../support/http2_client.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import {
  hasNginx,
  nginxHead,
  nginxTempPaths,
  startNginx,
} from "../support/nginx.ts";

/** What malformed requests come to (RFC 9113 §8.1.1). */
const MALFORMED = `reset ${ErrorCode.ProtocolError}`;

function of(method: string, path = "/", ...more: Fields): Fields {
  return [
    [":method", method],
    [":scheme", "http"],
    [":authority", "a.example"],
    [":path", path],
    ...more,
  ];
}

function at(authority: string): Fields {
  return of("GET").map(([name, value]) =>
    [name, name === ":authority" ? authority : value] as const
  );
}

function by(scheme: string): Fields {
  return of("GET").map(([name, value]) =>
    [name, name === ":scheme" ? scheme : value] as const
  );
}

/** A request, and what both say of it, or each. */
interface Odd {
  readonly fields: Fields;
  readonly body?: string;
  readonly nginx: string;
  /** The same as nginx if it is not said. */
  readonly webserv?: string;
}

const SAYS = "200 GET|a.example|/||";

const ODD: Readonly<Record<string, Odd>> = {
  "two cookies": {
    fields: of("GET", "/", ["cookie", "a=1"], ["cookie", "b=2"]),
    nginx: "200 GET|a.example|/|a=1; b=2|",
  },
  "te: trailers": { fields: of("GET", "/", ["te", "trailers"]), nginx: SAYS },
  "te: gzip": {
    fields: of("GET", "/", ["te", "gzip"]),
    nginx: SAYS,
    webserv: MALFORMED,
  },
  "Host and :authority that are one": {
    fields: of("GET", "/", ["host", "a.example"]),
    nginx: "400",
    webserv: SAYS,
  },
  "Host and :authority that are two": {
    fields: of("GET", "/", ["host", "b.example"]),
    nginx: "400",
    webserv: MALFORMED,
  },
  "Host alone": {
    fields: [
      ...of("GET").filter(([name]) => name !== ":authority"),
      ["host", "b.example"],
    ],
    nginx: "200 GET|b.example|/||",
  },
  "no host": {
    fields: of("GET").filter(([name]) => name !== ":authority"),
    nginx: "400",
  },
  "a user in :authority": {
    fields: at("u@a.example"),
    nginx: "200 GET|u@a.example|/||",
    webserv: "400",
  },
  "a port in :authority": { fields: at("a.example:8080"), nginx: SAYS },
  "the scheme https without TLS": { fields: by("https"), nginx: SAYS },
  "the scheme ftp": { fields: by("ftp"), nginx: SAYS },
  "an empty path": { fields: of("GET", ""), nginx: "400", webserv: MALFORMED },
  "a path without a slash": {
    fields: of("GET", "abc"),
    nginx: "400",
    webserv: MALFORMED,
  },
  "an absolute path": {
    fields: of("GET", "http://x/y"),
    nginx: "400",
    webserv: MALFORMED,
  },
  "a fragment": {
    fields: of("GET", "/a#b"),
    nginx: "200 GET|a.example|/a#b||",
    webserv: "400",
  },
  "a blank in the path": {
    fields: of("GET", "/a b"),
    nginx: "400",
    webserv: MALFORMED,
  },
  "OPTIONS *": { fields: of("OPTIONS", "*"), nginx: "400", webserv: "204" },
  "CONNECT": {
    fields: [[":method", "CONNECT"], [":authority", "a.example:80"]],
    nginx: "400",
    webserv: "405",
  },
  "an empty method": { fields: of(""), nginx: "400", webserv: MALFORMED },
  "a method of two words": {
    fields: of("GET X"),
    nginx: "400",
    webserv: MALFORMED,
  },
  "blanks around a value": {
    fields: of("GET", "/", ["x", " 1 "]),
    nginx: "200 GET|a.example|/|| 1 ",
    webserv: MALFORMED,
  },
  ...Object.fromEntries(
    ["connection", "keep-alive", "upgrade"].map((name) => [
      name,
      {
        fields: of("GET", "/", [name, "x"]),
        nginx: SAYS,
        webserv: MALFORMED,
      },
    ]),
  ),
  "transfer-encoding": {
    fields: of("GET", "/", ["transfer-encoding", "x"]),
    nginx: "501",
    webserv: MALFORMED,
  },
  "an unknown pseudo-field": {
    fields: of("GET", "/", [":x", "1"]),
    nginx: "400",
    webserv: MALFORMED,
  },
  "a pseudo-field behind others": {
    fields: [...of("GET").slice(0, 3), ["x", "1"], [":path", "/"]],
    nginx: "200 GET|a.example|/||1",
    webserv: MALFORMED,
  },
  "a field without a name": {
    fields: of("GET", "/", ["", "1"]),
    nginx: "goaway 1",
    webserv: MALFORMED,
  },
  "a GET with a body": { fields: of("GET"), body: "abc", nginx: SAYS },
  "a body as long as it says": {
    fields: of("POST", "/", ["content-length", "3"]),
    body: "abc",
    nginx: "200 POST|a.example|/||",
  },
  "a body shorter than it says": {
    fields: of("POST", "/", ["content-length", "5"]),
    body: "abc",
    nginx: "200 POST|a.example|/||",
    // The fields of its answer, then a reset.
    webserv: "200 ",
  },
  "a body longer than it says": {
    fields: of("POST", "/", ["content-length", "1"]),
    body: "abc",
    nginx: "200 POST|a.example|/||",
    // The fields of its answer, then a reset.
    webserv: "200 ",
  },
  "a length that is none": {
    fields: of("POST", "/", ["content-length", "x"]),
    body: "abc",
    nginx: "400",
    webserv: MALFORMED,
  },
};

/** The answer of a server to one of them, in words. */
async function told(port: number, { fields, body }: Odd): Promise<string> {
  using client = await Http2Client.connect(port);
  const ends = body === undefined ? Flag.EndStream : Flag.None;
  await client.send(
    frame(FrameType.Headers, Flag.EndHeaders | ends, 1, block(fields)),
    ...(body === undefined
      ? []
      : [frame(FrameType.Data, Flag.EndStream, 1, body)]),
  );
  const { status, body: text, reset } = await client.response(1);
  if (status === 200) return `200 ${text}`;
  if (status > 0) return String(status);
  return reset === undefined
    ? `goaway ${client.goAways[0]?.[0]}`
    : `reset ${reset}`;
}

async function all(port: number): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, odd] of Object.entries(ODD)) {
    found[name] = await told(port, odd);
  }
  return found;
}

function server(listen: string): string {
  return `server {
    listen ${listen}; default_type text/plain;
    location / { return 200 "$request_method|$host|$request_uri|$http_cookie|$http_x"; }
  }`;
}

function expected(of: (odd: Odd) => string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(ODD).map(([name, odd]) => [name, of(odd)]),
  );
}

Deno.test("odd requests of HTTP/2 are answered, refused or reset", async () => {
  await using webserv = new InProcessServer({
    config: `error_log stderr emerg;
      http { access_log off; http2 on; ${server("127.0.0.1:0")} }`,
  });
  assertEquals(
    await all(webserv.port),
    expected(({ nginx, webserv = nginx }) => webserv),
  );
});

const NGINX = hasNginx("http_v2_module");

Deno.test({
  name: "odd requests of HTTP/2: what the list says of nginx is so" +
    (NGINX ? "" : " (left out: no nginx with HTTP/2)"),
  ignore: !NGINX,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_nginx_" });
    try {
      const port = freePort();
      const file = `${folder}/nginx.conf`;
      Deno.writeTextFileSync(
        file,
        `${nginxHead(folder)} http { access_log off; ${nginxTempPaths(folder)}
          ${server(`127.0.0.1:${port} http2`)} }`,
      );
      await using _ = await startNginx({ folder, file, port });
      assertEquals(await all(port), expected(({ nginx }) => nginx));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
