import { assert, assertEquals } from "@std/assert";
import { defineDirective } from "../../../src/config/directive.ts";
import { foreignDirective } from "../../../src/config/unsupported/foreign.ts";
import { sizeDirective, timeDirective } from "../../../src/config/values.ts";
import { DIRECTIVES, MODULES } from "../../../src/server/setup/registry.ts";
import { NGINX_DIRECTIVES } from "../../../tools/docs/nginx_directives.ts";
import { COMMAND, referencePage } from "../../../tools/docs/reference.ts";

/** What the page says of `directives`, without what stands before. */
function entries(...directives: Parameters<typeof defineDirective>[0][]) {
  const page = referencePage([
    { name: "m", directives: directives.map(defineDirective) },
  ], []);
  return page.slice(
    page.indexOf("## Module m"),
    page.indexOf("\n## Of nginx"),
  );
}

Deno.test("referencePage() says all that a declaration says", () => {
  const a = {
    name: "a",
    contexts: ["http", "server"],
    args: [1, 1],
    default: undefined,
    syntax: "x | y",
    summary: "What it does.",
    parse: () => undefined,
  } as const;
  assertEquals(
    entries(a),
    "## Module m\n\n### a\n\n- Syntax: `a x | y;`\n" +
      "- Contexts: http, server\n\nWhat it does.\n\n",
  );
  const full = {
    ...a,
    args: [0, 0],
    syntax: "",
    defaultText: "x",
    unit: "bytes",
    repeatable: true,
    inherit: false,
    differs: "It does.",
  } as const;
  assertEquals(
    entries(full),
    "## Module m\n\n### a\n\n- Syntax: `a;`\n- Default: `x`\n- Unit: bytes\n" +
      "- Contexts: http, server\n- May stand several times in a block.\n" +
      "- Blocks inside do not inherit it.\n\nWhat it does.\n\n" +
      "Differs from nginx: It does.\n\n",
  );
});

Deno.test("helpers say syntax, default and unit by themselves", () => {
  const spec = { name: "a", contexts: ["http"] } as const;
  const size = sizeDirective({ ...spec, default: 8192 });
  assertEquals([size.syntax, size.defaultText, size.unit], [
    "size",
    "8k",
    "bytes",
  ]);
  const time = timeDirective({ ...spec, default: 1500 });
  assertEquals([time.syntax, time.defaultText], ["time", "1500ms"]);
  const none = timeDirective({ ...spec, default: undefined });
  assertEquals(none.defaultText, "");
});

Deno.test("every directive says its syntax and what it does", () => {
  const silent = DIRECTIVES.filter(({ args: [, max], syntax, summary, body }) =>
    summary === "" || (syntax === "" && (max > 0 || body === "entries"))
  ).map(({ name }) => name);
  assertEquals(silent, [], "declare `summary` and `syntax` of these");
});

Deno.test("referencePage() says what becomes of nginx's directives", () => {
  const names = ["sendfile", "env", "proxy_buffers", "proxy_pass", "js_set"];
  const page = referencePage([], names);
  assertEquals(
    page.slice(page.indexOf("## Of nginx")),
    `## Of nginx, and not here

Accepted, because nobody could tell from outside: \`sendfile\`.

Accepted, with one warning for each that says how it is here:

- \`env\`: variables are set where the program is started, such as TZ

Accepted, with one warning for all of them, because they have no effect, here
as in nginx:

- \`proxy_…\`: without \`proxy_pass\`

An error, because something else would be served or protected:

- \`proxy_pass\`: webserv serves files and asks no other server
- \`js_set\`: if its variables are used

\`load_module\` is accepted, with a warning that says what is built in and what is
missing.

`,
  );
});

Deno.test("there is no directive of nginx that nobody knows", () => {
  const own = new Set(DIRECTIVES.map(({ name }) => name));
  const unknown = NGINX_DIRECTIVES.filter((name) =>
    !own.has(name) && foreignDirective(name) === undefined
  );
  assertEquals(unknown, []);
});

Deno.test("docs/directives.md says what the declarations say", () => {
  const file = new URL("../../../docs/directives.md", import.meta.url);
  assert(
    Deno.readTextFileSync(file) === referencePage(MODULES, NGINX_DIRECTIVES),
    `docs/directives.md is out of date: run "${COMMAND}" and commit it`,
  );
});
