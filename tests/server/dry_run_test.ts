import { assertEquals } from "@std/assert";
import { addressesOf, askDry } from "../../src/server/dry_run.ts";
import { compile } from "./setup/plan_support.ts";

Deno.test("addressesOf() has every address once", () => {
  const { plan } = compile(`
    server { listen 81; listen 127.0.0.1:81; listen [::1]:82; }
    server { listen 81; }`);
  const found = addressesOf(plan).map(({ hostname, port, secure, group }) =>
    `${hostname} ${port} ${secure} ${group.members.length}`
  );
  assertEquals(found.sort(), [
    "0.0.0.0 81 false 2",
    "127.0.0.1 81 false 1",
    "::1 82 false 1",
  ]);
});

Deno.test("askDry() has the plan answer, and follows its rules", async () => {
  const { plan } = compile(`server {
    listen 80; server_name a.example;
    auth_delay 60s;
    location /to { return 301 /from?$args; }
    location /within { rewrite ^ /to last; }
    location /no { deny all; }
    location /inner { internal; return 200 inner; }
    location /me { return 200 "$remote_addr $host $scheme"; }
    location /round { rewrite ^ /round/x last; }
    location /who { auth_basic x; auth_basic_user_file ${import.meta.filename}; }
  }`);
  const [address] = addressesOf(plan);
  const rows: [target: string, internal: boolean, expected: string][] = [
    ["/to?a=1", false, "301 http://a.example/from?a=1"],
    ["/within", false, "301 http://a.example/from?"],
    ["/no/x", false, "403 "],
    ["/inner", false, "404 "],
    ["/inner", true, "200 "],
    ["/me", false, "200 "],
    ["/round", false, "500 "],
    ["/missing", false, "404 "],
  ];
  for (const [target, internal, expected] of rows) {
    const { response } = await askDry(address!, {
      host: "a.example",
      target,
      internal,
    });
    const location = response.headers.get("Location") ?? "";
    assertEquals(`${response.status} ${location}`, expected, target);
  }
  // Whoever would have to wait for a refusal is not waited for.
  const { response } = await askDry(address!, {
    host: "a.example",
    target: "/who",
  });
  assertEquals(response.status, 401);
});
