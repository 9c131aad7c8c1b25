/** Who may, how much, and bodies made on the way: a stream is a request. */

import { assertEquals, assertMatch } from "@std/assert";
import { InProcessServer } from "../support/in_process_server.ts";
import { isInstalled, output } from "../support/programs.ts";

const CONFIG = `
error_log stderr emerg;
http {
  access_log off;
  limit_req_zone $arg_k zone=requests:1m rate=1r/m;
  limit_conn_zone $arg_k zone=streams:1m;
  server {
    listen 127.0.0.1:0; http2 on; root www;
    location /closed/ {
      alias www/; auth_basic a; auth_basic_user_file users;
      satisfy any; deny all;
    }
    location /few/ { alias www/; limit_req zone=requests burst=4 nodelay; }
    location /two/ { alias www/; limit_conn streams 2; limit_rate 20k; }
    location /made/ {
      alias www/; ssi on; sub_filter NAME $server_protocol;
      add_after_body /end.html;
    }
  }
}`;

const FILES = {
  "users": "bob:{PLAIN}secret\n",
  "www/a.html": '<!--# include virtual="/part.html" --> NAME',
  "www/part.html": "part",
  "www/end.html": " end",
  "www/large": "a".repeat(30_000),
};

const CURL = ["-s", "--http2-prior-knowledge"];

Deno.test({
  name: "HTTP/2 streams are asked who they are, counted one by one, and made",
  ignore: !isInstalled("curl") || !isInstalled("h2load"),
  async fn() {
    await using server = new InProcessServer({ config: CONFIG, files: FILES });
    const origin = `http://127.0.0.1:${server.port}`;
    const status = ["-o", "/dev/null", "-w", "%{http_code} "];
    for (
      const [user, expected] of [["bob:secret", "200 "], ["bob:x", "401 "]]
    ) {
      const args = ["-u", user!, ...status, `${origin}/closed/a.html`];
      assertEquals(await output("curl", ...CURL, ...args), expected);
    }
    assertEquals(
      await output("curl", ...CURL, `${origin}/made/a.html`),
      "part HTTP/2.0 end",
    );
    const few = ["-n20", "-c1", "-m20", `${origin}/few/a.html?k=1`];
    assertMatch(
      await output("h2load", ...few),
      /status codes: 5 2xx, 0 3xx, 0 4xx, 15 5xx/,
    );
    const two = ["-n8", "-c1", "-m8", `${origin}/two/large?k=1`];
    assertMatch(
      await output("h2load", ...two),
      /status codes: 2 2xx, 0 3xx, 0 4xx, 6 5xx/,
    );
    assertEquals(
      await output("curl", ...CURL, ...status, `${origin}/two/a.html?k=1`),
      "200 ",
    );
  },
});
