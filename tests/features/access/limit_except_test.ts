import { assertEquals } from "@std/assert";
import { ask } from "../../support/raw_client.ts";
import { serverError, withServer } from "../../support/config_support.ts";

/** The status of each method for the location `/x/` with `directives`. */
async function statusesOf(
  directives: string,
  methods: readonly string[],
): Promise<string> {
  const statuses: number[] = [];
  await withServer(
    `root site; location / { return 404; } location /x/ { ${directives} }`,
    { "site/x/a": "a" },
    async (_ask, { port }) => {
      for (const method of methods) {
        const response = await ask(
          port,
          `${method} /x/a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n`,
          { head: method === "HEAD" },
        );
        statuses.push(response.status);
      }
    },
  );
  return statuses.join(" ");
}

const METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS", "FOO"];

Deno.test("limit_except is for all methods but those it names", async () => {
  const rows: [directives: string, statuses: string][] = [
    ["limit_except GET { deny all; }", "200 200 403 403 403 403"],
    ["limit_except head { deny all; }", "403 200 403 403 403 403"],
    ["limit_except POST { deny all; }", "403 403 405 403 403 403"],
    ["limit_except GET OPTIONS { deny all; }", "200 200 403 403 204 403"],
    // What the block does not say, it has of the location.
    ["deny all; limit_except GET { }", "403 403 403 403 403 403"],
    ["deny all; limit_except GET { allow all; }", "403 403 405 405 204 501"],
    // Rules of the rewrite module are not among that.
    ["limit_except GET { deny all; } return 204;", "204 204 403 403 403 403"],
    ["limit_except GET { allow all; } return 204;", "204 204 405 405 204 501"],
  ];
  for (const [directives, statuses] of rows) {
    assertEquals(await statusesOf(directives, METHODS), statuses, directives);
  }
});

Deno.test("limit_except refuses methods that nginx does not know", () => {
  assertEquals(
    serverError("location / { limit_except GET FOO { } }"),
    'invalid method "FOO" in x.conf:1',
  );
});
