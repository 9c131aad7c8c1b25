import { assertEquals, assertMatch } from "@std/assert";
import { runProgram } from "../support/server_process.ts";

const CONFIG = `access_log off;
server {
  listen 80;
  location / { return 200 "hello"; }
  location /x { add_header X-A "\t\u009bé"; return 204; }
}
`;

async function run(words: readonly string[], config = CONFIG) {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    const file = `${folder}/x.conf`;
    Deno.writeTextFileSync(file, config);
    const { code, stdout, stderr } = await runProgram(
      ["explain", ...words, "-c", file],
    );
    const plain = (text: string) => text.replaceAll(`${folder}/`, "");
    return { code, stdout: plain(stdout), stderr: plain(stderr) };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("webserv explain prints the steps for people", async () => {
  const { code, stdout, stderr } = await run(["a.example/b?c"]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.split("\n").slice(0, 6), [
    "request       GET http://a.example/b?c from 203.0.113.77",
    "listener      0.0.0.0:80: nothing else listens at the port  in x.conf:3",
    'server        without a name: no name at this address is for "a.example", ' +
    "so it is the default  in x.conf:2",
    'location      location / for "/b": the longest prefix, and no expression ' +
    "matches  in x.conf:4",
    "return        200  in x.conf:4",
    "answer        200 OK",
  ]);
});

Deno.test("webserv explain prints one object for programs", async () => {
  const { code, stdout } = await run([
    ...["http://a.example/x", "--json", "-X", "PUT"],
    ...["--from=192.0.2.1", "-H", "A: b"],
  ]);
  assertEquals(code, 0);
  const { request, status, steps, fields, file } = JSON.parse(stdout);
  assertEquals(request, {
    method: "PUT",
    url: "http://a.example/x",
    host: "a.example",
    from: "192.0.2.1",
  });
  assertEquals([status, file, steps.length], [204, null, 5]);
  assertEquals(fields.at(-1).place, "x.conf:5");
});

Deno.test("webserv explain asks for the path as it is written", async () => {
  const rows: [url: string, target: string, path: string][] = [
    ["a.example", "/", "/"],
    ["a.example?b", "/?b", "/"],
    ["a.example/a/%2e%2e/b//c#d", "/a/%2e%2e/b//c", "/b/c"],
    ["http://a.example/é x", "/%C3%A9%20x", "/é x"],
  ];
  for (const [url, target, path] of rows) {
    const { stdout } = await run([url, "--json"]);
    const { request, steps } = JSON.parse(stdout);
    assertEquals(request.url, `http://a.example${target}`);
    const found = steps.find(({ kind }: { kind: string }) =>
      kind === "location"
    );
    assertMatch(found.text, new RegExp(` for "${path}": `));
  }
});

Deno.test("webserv explain escapes what would change a terminal", async () => {
  const { stdout } = await run(["a.example/%1b%5b31m"]);
  // deno-lint-ignore no-control-regex -- it must not be there
  assertEquals(/[\x1b\x9b]/.test(stdout), false);
});

Deno.test("webserv explain says what is wrong with what it is asked", async () => {
  const rows: [words: string[], message: RegExp][] = [
    [[], /explain: expected one URL/],
    [["a", "b"], /explain: expected one URL/],
    [["ftp://a"], /"ftp:\/\/a" is no URL: expected http/],
    [["http://a b/"], /is no URL/],
    [["a", "-X", "A B"], /"A B" is no method/],
    [["a", "-H", "x"], /"x" is no field: expected "Name: value"/],
    [["a", "-H", "x: a\r\nb: c"], /is no field/],
    [["a", "--from", "me"], /"me" is no address/],
    [["a", "--nope"], /invalid option: "--nope" \(see "webserv explain -h"\)/],
    [["a:81"], /nothing listens for http at port 81; there is http at/],
    [["https://a"], /nothing listens for https at port 443/],
  ];
  for (const [words, message] of rows) {
    const { code, stdout, stderr } = await run(words);
    assertEquals([code, stdout], [1, ""], words.join(" "));
    assertMatch(stderr, message);
  }
  const { code, stderr } = await run(["a"], "server { rot x; }\n");
  assertEquals(code, 1);
  assertMatch(stderr, /unknown directive "rot" in x\.conf:1/);
});
