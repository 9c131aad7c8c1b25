import { assertEquals } from "@std/assert";
import { luaBlockEnd } from "../../../src/config/unsupported/lua_block.ts";

Deno.test("luaBlockEnd() finds the brace that is not in a string or comment", () => {
  const rows: [content: string, end: boolean][] = [
    ["}", true],
    [" return { 1, { 2 } } }", true],
    [' s = "}" }', true],
    [" s = '\\'}' }", true],
    [" -- }\n }", true],
    [" --[[ }\n} ]] }", true],
    [" --[==[ } ]] ]==] }", true],
    [" s = [[ } ]] }", true],
    [" s = [=[ }]] ]=] }", true],
    [" a[b[1]] = 1 }", true],
    ["", false],
    [" {", false],
    [" -- }", false],
    [' s = "}', false],
    [" [[ }", false],
  ];
  for (const [content, ends] of rows) {
    const text = `x {${content}; }`;
    const end = luaBlockEnd(ends ? text : `x {${content}`, 3);
    assertEquals(end, ends ? 3 + content.length : undefined, content);
  }
});
