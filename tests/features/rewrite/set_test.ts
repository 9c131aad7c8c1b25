import { assertEquals } from "@std/assert";
import { serverError } from "../../support/config_support.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { ask } from "../../support/raw_client.ts";

Deno.test("set refuses what is no variable that may be set", () => {
  const rows: [text: string, message: string][] = [
    ["set a 1;", 'invalid variable name "a"'],
    ["set $ 1;", 'invalid variable name "$"'],
    ["set ${a} 1;", 'invalid variable name "${a}"'],
    ["set $host 1;", 'the duplicate "host" variable'],
    ["set $1 1;", 'the duplicate "1" variable'],
    ["set $a $b;", 'unknown "b" variable'],
  ];
  for (const [text, message] of rows) {
    assertEquals(serverError(text), `${message} in x.conf:1`, text);
  }
});

Deno.test("what one request sets is nothing to the next one", async () => {
  await using server = new InProcessServer({
    config: `access_log off; server {
      listen 127.0.0.1:0;
      server_name ~^(?<sub>.+)\\.example$;
      location /set { set $sub changed; set $own x; return 200 "$sub $own"; }
      location / { return 200 "$sub $own"; }
    }`,
  });
  const rows = [["/set", "changed x"], ["/", "a "], ["/set", "changed x"]];
  for (const [path, text] of rows) {
    const request = `GET ${path} HTTP/1.0\r\nHost: a.example\r\n\r\n`;
    assertEquals((await ask(server.port, request)).text, text);
  }
});
