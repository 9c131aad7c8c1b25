import { assertEquals } from "@std/assert";
import {
  configured,
  serverError,
  withServer,
} from "../../support/config_support.ts";

const FILES = {
  "site/index.html": "root",
  "site/second/b.txt": "b",
  "site/both/a.txt": "a",
  "site/both/b.txt": "b",
  "site/none/": "",
  "site/absolute/": "",
  "site/folder/a.txt/index.html": "folder called like an index",
  "site/fallback.txt": "fallback",
  "site/file.txt": "file",
};

Deno.test("index finds the first file of its list", async () => {
  const directives = `
    root site;
    location / { index index.html; }
    location /second/ { index a.txt b.txt; }
    location /both/ { index a.txt b.txt; }
    location /none/ { index a.txt; }
    location /absolute/ { index a.txt /fallback.txt; }
    location /default/ { }
    location /both/a.txt { return 200 "answered by its own location"; }
  `;
  await withServer(directives, FILES, async (ask) => {
    const rows: [string, number, string][] = [
      ["/", 200, "root"],
      ["/?a", 200, "root"],
      ["/second/", 200, "b"],
      ["/both/", 200, "answered by its own location"],
      ["/none/", 403, "403 Forbidden"],
      ["/absolute/", 200, "fallback"],
      ["/missing/", 404, "404 Not Found"],
      ["/default/", 404, "404 Not Found"],
      ["/file.txt/", 404, "404 Not Found"],
      ["/index.html/", 404, "404 Not Found"],
    ];
    for (const [path, status, text] of rows) {
      const response = await ask(path);
      assertEquals(response.status, status, path);
      assertEquals(response.text.includes(text), true, response.text);
    }
  });
});

Deno.test("index takes no empty name", () => {
  assertEquals(
    serverError('index a "";'),
    'index "" in "index" directive is invalid in x.conf:1',
  );
});

Deno.test("index warns of an absolute name that is not the last", () => {
  const warnings: string[] = [];
  configured("server { index /a b; }", warnings);
  assertEquals(warnings.length, 1);
  assertEquals(
    warnings[0]?.startsWith(
      'only the last index in "index" directive should be absolute',
    ),
    true,
  );
});
