import { assertEquals } from "@std/assert";
import { prefersType } from "../../../src/http/semantics/accept.ts";

const ROWS:
  readonly (readonly [header: string | undefined, wanted: boolean])[] = [
    [undefined, false],
    ["", false],
    ["*/*", false],
    ["text/html", false],
    ["application/json", true],
    ["Application/JSON", true],
    ["application/json;q=0", false],
    ["application/json, text/html", false],
    ["application/json, text/html;q=0.9", true],
    ["text/html, application/json;q=0.9", false],
    ["application/json;q=0.5, text/html;q=0.4", true],
    ["application/json, text/plain, */*", true],
    ["application/json;q=0.8, */*", false],
    ["application/json;q=0.8, */*;q=0.1", true],
    ["application/json;q=0.8, text/*;q=0.9, */*;q=0.1", false],
    ["application/*", false],
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", false],
    ["application/json;charset=utf-8", true],
    ["application/json;charset=utf-8;q=0.2, text/html;q=0.3", false],
    ["application/json ; q=0.3 ,\ttext/html;level=1;Q=0.2", true],
    // What is malformed says nothing.
    ["application/json;q=2", false],
    ["application/json;q=0.1234", false],
    ["application/json;q=x, text/html;q=0.1", false],
    ["text/html;q=, application/json;q=0.1", true],
    [",, ,application/json", true],
    ["/json, application/", false],
    [`${"a/b,".repeat(64)}application/json`, false],
    [`application/json${";a=b".repeat(5000)}`, true],
    [`application/json;${" ".repeat(5000)}x`, true],
  ];

Deno.test("prefersType() follows the weights", () => {
  for (const [header, wanted] of ROWS) {
    assertEquals(
      prefersType(header, "application/json", "text/html"),
      wanted,
      header?.slice(0, 80),
    );
  }
});
