import { assertEquals } from "@std/assert";
import { lintExample } from "./lint_support.ts";

const ALL = { has: () => true };

Deno.test("the lint tells in the order of the files, each thing once", async () => {
  const found = await lintExample({
    text: "server {\n listen 80;\n server_name a.example;\n" +
      " include part;\n location /z { alias z/; }\n}\n" +
      "server {\n listen 80;\n server_name b.example;\n include part;\n}\n",
    files: {
      part: "location /a { alias a/; }\nlocation ~ .php$ { return 404; }",
    },
  }, ALL);
  assertEquals(
    found.map((line) => /^(\S+): .* in (\S+)\n/.exec(line)?.slice(1).join(" ")),
    [
      "alias-slash x.conf:5",
      "alias-slash part:1",
      "unescaped-dot part:2",
    ],
  );
});

Deno.test("the lint escapes what would change a terminal", async () => {
  const found = await lintExample({
    text: 'server {\n root www;\n location "/\x1b[31m" { alias z/; }\n}',
    files: { "www/\x1b]0;x\x07\n.sql": "" },
  }, ALL);
  assertEquals(found.length, 2);
  // deno-lint-ignore no-control-regex -- they are what must not be there
  const raw = found.filter((line) => /[\x00-\x09\x0b-\x1f\x7f]/.test(line));
  assertEquals(raw, []);
  assertEquals(found.map((line) => line.split("\n").length), [2, 2]);
});

Deno.test("the lint is silent about a configuration without servers", async () => {
  assertEquals(await lintExample({ text: "events { }\nhttp { }" }, ALL), []);
});

Deno.test("limits do not keep the lint from its questions", async () => {
  const found = await lintExample({
    text: "limit_req_zone $server_name zone=z:1m rate=1r/m;\n" +
      "limit_conn_zone $server_name zone=c:1m;\n" +
      "server {\n root www;\n limit_req zone=z;\n limit_conn c 1;\n" +
      " error_page 404 /a.html;\n error_page 500 /b.html;\n}",
    files: { "www/x.sql": "", "www/b.html": "" },
  }, ALL);
  assertEquals(
    found.map((line) => line.split(":")[0]),
    ["secret-file", "error-page-missing"],
  );
});
