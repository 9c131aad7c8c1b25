import { assert, assertEquals, assertMatch } from "@std/assert";
import { renderErrorPage } from "../../src/core/default_page.ts";

function pageOf(status: number, reason: string, serverName?: string): string {
  const page = renderErrorPage(
    status,
    serverName === undefined ? { reason } : { reason, serverName },
  );
  return new TextDecoder("utf-8", { fatal: true }).decode(page);
}

const ROWS: [status: number, reason: string, title: string, heading: string][] =
  [
    [404, "Not Found", "404 Not Found", "<b>404</b> Not Found"],
    [418, "I'm <b>", "418 I&#39;m &lt;b&gt;", "<b>418</b> I&#39;m &lt;b&gt;"],
    [
      500,
      'a & "b"',
      "500 a &amp; &quot;b&quot;",
      "<b>500</b> a &amp; &quot;b&quot;",
    ],
    [599, "", "599", "<b>599</b>"],
  ];

for (const [status, reason, title, heading] of ROWS) {
  Deno.test(`renderErrorPage writes status ${status} and reason ${reason}`, () => {
    const page = pageOf(status, reason);
    assert(page.startsWith('<!DOCTYPE html>\n<html lang="en">\n'));
    assert(page.includes('<meta charset="utf-8">'));
    assert(page.includes(`<title>${title}</title>`));
    assert(page.includes(`<h1>${heading}</h1>`));
    assert(page.endsWith("</html>\n"));
  });
}

Deno.test("renderErrorPage names the server only if it is told to", () => {
  assertEquals(pageOf(404, "Not Found").includes("<p>"), false);
  assert(
    pageOf(404, "Not Found", "web<serv>").includes("<p>web&lt;serv&gt;</p>"),
  );
});

Deno.test("renderErrorPage needs nothing from elsewhere and runs nothing", () => {
  const page = pageOf(404, "Not Found", "webserv");
  for (const word of ["<script", "src=", "href=", "url(", "@import", "http:"]) {
    assertEquals(page.includes(word), false, word);
  }
});

Deno.test("renderErrorPage follows the reader's choice of light or dark", () => {
  assertMatch(pageOf(404, "Not Found"), /prefers-color-scheme:\s*dark/);
  assertMatch(pageOf(404, "Not Found"), /color-scheme:\s*light dark/);
});

Deno.test("renderErrorPage is small and always the same", () => {
  const page = pageOf(503, "Service Unavailable", "webserv");
  assert(page.length < 1500);
  assertEquals(pageOf(503, "Service Unavailable", "webserv"), page);
});
