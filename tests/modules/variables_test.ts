import { assertEquals } from "@std/assert";
import { ask } from "../support/raw_client.ts";
import { cookie, queryArgument } from "../../src/modules/variables.ts";
import { withServer } from "./config_support.ts";

Deno.test("queryArgument() finds the first of its name", () => {
  const rows: [string, string, string | undefined][] = [
    ["a=1", "a", "1"],
    ["a=1&b=2", "b", "2"],
    ["a=1&a=2", "a", "1"],
    ["A=1", "a", "1"],
    ["a=", "a", ""],
    ["a=b=c", "a", "b=c"],
    ["a=%20+", "a", "%20+"],
    ["a", "a", undefined],
    ["", "a", undefined],
    ["ab=1", "a", undefined],
    ["&&a=1", "a", "1"],
  ];
  for (const [args, name, expected] of rows) {
    assertEquals(queryArgument(args, name), expected, args);
  }
});

Deno.test("cookie() finds the first of its name", () => {
  const rows: [string, string, string | undefined][] = [
    ["a=1", "a", "1"],
    ["a=1; b=2", "b", "2"],
    ["A=1; a=2", "a", "1"],
    ["a=1;b=x=y", "b", "x=y"],
    ["a= 1", "a", "1"],
    ["a=", "a", ""],
    ["a", "a", undefined],
    ["ab=1", "a", undefined],
    ["", "a", undefined],
  ];
  for (const [header, name, expected] of rows) {
    assertEquals(cookie(header, name), expected, header);
  }
});

Deno.test("variables have nginx's values", async () => {
  const names = [
    "args",
    "query_string",
    "is_args",
    "arg_x",
    "document_root",
    "document_uri",
    "uri",
    "host",
    "http_host",
    "http_user_agent",
    "http_x_y",
    "https",
    "remote_addr",
    "remote_user",
    "request",
    "request_filename",
    "request_method",
    "request_uri",
    "scheme",
    "server_addr",
    "server_name",
    "server_port",
    "server_protocol",
  ];
  const text = names.map((name) => `${name}=$${name}`).join("\n");
  const directives = `server_name own.example other; root site; ` +
    `return 200 "${text}";`;
  await withServer(directives, {}, async (_ask, { port, folder }) => {
    const raw = [
      "GET /%61/../b%20c?x=1&y HTTP/1.1",
      "Host: A.Example:99",
      "User-Agent: ua",
      "X-Y: one",
      "x-y: two",
      "",
      "",
    ].join("\r\n");
    const lines = (await ask(port, raw)).text.split("\n");
    assertEquals(lines, [
      "args=x=1&y",
      "query_string=x=1&y",
      "is_args=?",
      "arg_x=1",
      `document_root=${folder}/site`,
      "document_uri=/b c",
      "uri=/b c",
      "host=a.example",
      "http_host=A.Example:99",
      "http_user_agent=ua",
      "http_x_y=one, two",
      "https=",
      "remote_addr=127.0.0.1",
      "remote_user=",
      "request=GET /%61/../b%20c?x=1&y HTTP/1.1",
      `request_filename=${folder}/site/b c`,
      "request_method=GET",
      "request_uri=/%61/../b%20c?x=1&y",
      "scheme=http",
      "server_addr=127.0.0.1",
      "server_name=own.example",
      `server_port=${port}`,
      "server_protocol=HTTP/1.1",
    ]);
    const bare = (await ask(port, "GET / HTTP/1.0\r\n\r\n")).text.split("\n");
    assertEquals(bare[names.indexOf("host")], "host=own.example");
    assertEquals(bare[names.indexOf("http_host")], "http_host=");
    assertEquals(bare[names.indexOf("is_args")], "is_args=");
    assertEquals(bare.at(-1), "server_protocol=HTTP/1.0");
  });
});
