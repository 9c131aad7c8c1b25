import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InProcessServer } from "../../support/in_process_server.ts";
import { request, serverOf, valuesOf } from "../../support/module_support.ts";

const SHOWN = 'return 200 "[$invalid_referer]";';

async function shown(server: InProcessServer, path: string, referer?: string) {
  const fields = referer === undefined ? "" : `Referer: ${referer}\r\n`;
  const { body } = await request(server, path, { fields });
  return new TextDecoder().decode(body);
}

Deno.test("$invalid_referer is 1 for pages that are none of the valid ones", async () => {
  const rows: [referers: string, referer: string | undefined, shown: string][] =
    [
      ["a.example", undefined, "[1]"],
      ["none a.example", undefined, "[]"],
      ["none a.example", "", "[1]"],
      ["blocked a.example", "XXXX", "[]"],
      ["blocked a.example", "http://b.example/", "[1]"],
      ["a.example", "XXXX", "[1]"],
      ["a.example", "http://a.example/x", "[]"],
      ["A.Example", "https://a.EXAMPLE", "[]"],
      ["a.example", "http://a.example:8080/", "[]"],
      ["a.example", "http://a.example.evil.example/", "[1]"],
      ["a.example", "http://evil.example/a.example", "[1]"],
      ["a.example", "http://user@a.example/", "[1]"],
      ["*.a.example", "http://a.example/", "[1]"],
      ["*.a.example", "http://b.a.example/", "[]"],
      ["a.*", "http://a.org.uk/", "[]"],
      ["a.example/in/", "http://a.example/in/x", "[]"],
      ["a.example/in/", "http://a.example/out", "[1]"],
      ["~^a\\d\\.", "http://A1.example/", "[]"],
      ["~/in$", "http://a.example/in", "[]"],
      ["server_names", "http://named.example/", "[]"],
      ["server_names", "http://x.wild.example/", "[]"],
      ["server_names", "http://r7.example/", "[]"],
      ["server_names", "http://rx.example/", "[1]"],
    ];
  const names = "server_name named.example *.wild.example ~^r\\d\\.example$;";
  for (const [referers, referer, expected] of rows) {
    const text = `${names} location / { valid_referers ${referers}; ${SHOWN} }`;
    await using server = serverOf(text);
    assertEquals(await shown(server, "/", referer), expected, text + referer);
  }
});

Deno.test("valid_referers is inherited, and a block with its own has no others", async () => {
  await using server = serverOf(`
    valid_referers a.example;
    location / { ${SHOWN} }
    location /own/ { valid_referers b.example; ${SHOWN} }
    location /own/nested/ { ${SHOWN} }
    location /if/ { if ($arg_x) { ${SHOWN} } return 200 "no"; }
  `);
  const rows: [path: string, a: string, b: string][] = [
    ["/", "[]", "[1]"],
    ["/own/", "[1]", "[]"],
    ["/own/nested/", "[]", "[1]"],
    ["/if/?x=1", "[]", "[1]"],
  ];
  for (const [path, a, b] of rows) {
    assertEquals(await shown(server, path, "http://a.example/"), a, path);
    assertEquals(await shown(server, path, "http://b.example/"), b, path);
  }
});

Deno.test("locations that say nothing themselves inherit valid_referers, all of them", async () => {
  await using server = serverOf(`
    valid_referers a.example;
    add_header X-Invalid "[$invalid_referer]" always;
    location /a {}
    location /b {}
    location /c { location /c/d {} }`);
  for (const path of ["/", "/a", "/b", "/c", "/c/d"]) {
    const response = await request(server, path, {
      fields: "Referer: http://b.example/\r\n",
    });
    assertEquals(valuesOf(response, "x-invalid"), ["[1]"], path);
  }
});

Deno.test("without valid_referers every page is valid", async () => {
  await using server = serverOf(`location / { ${SHOWN} }`);
  assertEquals(await shown(server, "/", "http://a.example/"), "[]");
  assertEquals(await shown(server, "/"), "[]");
});

Deno.test("valid_referers says what is wrong with a referer", () => {
  const only = 'the "none" or "blocked" referers are specified in the ' +
    '"valid_referers" directive without any valid referer';
  const rows: [referers: string, message: string][] = [
    ["none", only],
    ["none blocked ~x", only],
    ["a.*.b", 'invalid hostname or wildcard "a.*.b"'],
    ["*", 'invalid hostname or wildcard "*"'],
    ["a.example A.example/x", 'conflicting parameter "a.example"'],
    ["server_names named.example", 'conflicting parameter "named.example"'],
    ['""', 'invalid referer ""'],
    ['"~("', "invalid regular expression"],
  ];
  for (const [referers, message] of rows) {
    const error = assertThrows(
      () => serverOf(`server_name named.example;\nvalid_referers ${referers};`),
      Error,
    );
    assertStringIncludes(error.message, message, referers);
    assertStringIncludes(error.message, ":2", referers);
  }
});
