import { assert, assertEquals } from "@std/assert";
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

Deno.test("values that grow by themselves end in an error, not in memory", async () => {
  const ten = (text: string) => text.repeat(10);
  await using server = new InProcessServer({
    config: `access_log off; error_log /dev/null; server {
      listen 127.0.0.1:0;
      location /set { set $a ${ten("$a")}$arg_a; rewrite ^ /set last; }
      location /args { set $args ${ten("$args")}; rewrite ^ /args last; }
      location /query { rewrite ^ /query?${ten("$args")}? last; }
      location /path { rewrite ^/path(.*)$ /path${ten("$1")} last; }
      location /try { try_files /none /try?${ten("$args")}; }
      location /page {
        recursive_error_pages on;
        error_page 404 /page?${ten("$args")};
        return 404;
      }
      location /answer {
        set $a $arg_a;
        ${"set $a $a$a$a$a$a$a$a$a;\n".repeat(10)}
        return 200 $a;
      }
    }`,
  });
  const before = Deno.memoryUsage().rss;
  const paths = ["set", "args", "query", "path", "try", "page", "answer"];
  for (const path of paths) {
    const target = `/${path}?a=b`;
    const request = `GET ${target} HTTP/1.0\r\nHost: a\r\n\r\n`;
    const { status } = await ask(server.port, request);
    assertEquals(status, path === "page" ? 404 : 500, path);
  }
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 128 * 1024 * 1024, `${grown} bytes more`);
});
