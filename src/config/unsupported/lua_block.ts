/**
 * Blocks of Lua in configurations of OpenResty (`content_by_lua_block {...}`):
 * passed over, because their strings and comments may hold braces.
 */

/** Comments, strings, and the braces outside of both. */
const PARTS =
  /--\[(=*)\[[^]*?(?:\]\1\]|$)|--[^\n]*|\[(=*)\[[^]*?(?:\]\2\]|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|[{}]/g;

/**
 * Where the block ends whose content begins at `start`: behind its `}`;
 * `undefined` if it has none.
 */
export function luaBlockEnd(text: string, start: number): number | undefined {
  const parts = new RegExp(PARTS);
  parts.lastIndex = start;
  for (let depth = 1;;) {
    const [part] = parts.exec(text) ?? [];
    if (part === undefined) return undefined;
    if (part === "{") depth++;
    else if (part === "}") depth--;
    if (depth === 0) return parts.lastIndex;
  }
}
