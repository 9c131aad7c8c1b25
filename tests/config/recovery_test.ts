/** What is read after a mistake: every mistake is told, and no other. */

import { assertEquals } from "@std/assert";
import {
  type AnyDirective,
  defineDirective,
} from "../../src/config/directive.ts";
import { ConfigError } from "../../src/config/errors.ts";
import { build, faultsIn } from "./config_support.ts";

/** A directive that takes numbers. */
function numbers(name: string, max: number): AnyDirective {
  return defineDirective<readonly string[]>({
    name,
    contexts: ["http", "server", "location"],
    args: [1, max],
    repeatable: name === "index",
    default: [],
    summary: "Takes numbers.",
    parse({ args, place }) {
      const wrong = args.find((word) => !/^\d+$/.test(word));
      if (wrong === undefined || name === "index") return args;
      throw new ConfigError(`invalid parameter "${wrong}"`, place);
    },
  });
}

function blocks(
  name: "server" | "location",
  contexts: ("http" | "server" | "location")[],
): AnyDirective {
  return defineDirective<undefined>({
    name,
    contexts,
    args: name === "server" ? [0, 0] : [1, 2],
    body: "scope",
    opens: name,
    repeatable: true,
    default: undefined,
    parse: () => undefined,
  });
}

const TABLE: readonly AnyDirective[] = [
  numbers("listen", 9),
  numbers("root", 1),
  numbers("index", 9),
  blocks("server", ["http"]),
  blocks("location", ["server", "location"]),
];

Deno.test("every mistake is told, and what follows from none", () => {
  const rows: [text: string, ...faults: string[]][] = [
    // Directives, in any block.
    [
      "rot 1;\nhttp {\nserver {\nlisten x;\nindex;\nlocation / { roots 1; }\n}\n}\nroot 1 2;",
      'unknown directive "rot" in x.conf:1',
      'invalid parameter "x" in x.conf:4',
      'invalid number of arguments in "index" directive in x.conf:5',
      'unknown directive "roots" in x.conf:6',
      'invalid number of arguments in "root" directive in x.conf:9',
    ],
    // A block that is misspelt, misplaced, doubled or has wrong arguments is
    // looked into.
    [
      "sever {\nrot 1;\nlisten 1;\nlocaton / {\nrot 2;\n}\n}",
      'unknown directive "sever" in x.conf:1',
      'unknown directive "rot" in x.conf:2',
      'unknown directive "locaton" in x.conf:4',
      'unknown directive "rot" in x.conf:5',
    ],
    [
      "server {\nserver {\nrot 1;\n}\n}",
      '"server" directive is not allowed here in x.conf:2',
      'unknown directive "rot" in x.conf:3',
    ],
    [
      "http { }\nhttp {\nrot 1;\n}",
      '"http" directive is duplicate in x.conf:2',
      'unknown directive "rot" in x.conf:3',
    ],
    [
      "server x {\nrot 1;\n}",
      'invalid number of arguments in "server" directive in x.conf:1',
      'unknown directive "rot" in x.conf:2',
    ],
    // A block of somebody else's is not.
    [
      "wholly_unknown {\nrot 1;\n}",
      'unknown directive "wholly_unknown" in x.conf:1',
    ],
    [
      "if_modified {\nrot 1;\n}\nrot 2;",
      'unknown directive "if_modified" in x.conf:1',
      'unknown directive "rot" in x.conf:4',
    ],
    // A forgotten semicolon.
    [
      "listen 1\nroot 2;\nrot 3;",
      'directive "listen" is not terminated by ";" in x.conf:1',
      'unknown directive "rot" in x.conf:3',
    ],
    [
      "listen x\nroot y;",
      'directive "listen" is not terminated by ";" in x.conf:1',
      'invalid parameter "x" in x.conf:1',
      'invalid parameter "y" in x.conf:2',
    ],
    [
      "server {\nlisten 1\nlocation / {\nrot 1;\n}\n}",
      'directive "listen" is not terminated by ";" in x.conf:2',
      'unknown directive "rot" in x.conf:4',
    ],
    [
      "server {\nlisten 1\nroot 1;\nlocation /a { }\nlocation /b { rot 1; }\n}",
      'directive "listen" is not terminated by ";" in x.conf:2',
      'unknown directive "rot" in x.conf:5',
    ],
    [
      "rot 1\nlisten 1\nroot 1;",
      'directive "rot" is not terminated by ";" in x.conf:1',
      'unknown directive "rot" in x.conf:1',
      'directive "listen" is not terminated by ";" in x.conf:2',
    ],
    [
      "server {\nroot 1\n}\nrot 2;",
      'unexpected "}" in x.conf:3',
      'unknown directive "rot" in x.conf:4',
    ],
    // A word of another line that is no directive, or is quoted, is blamed
    // itself.
    ["listen 1\nfoo;", 'invalid parameter "foo" in x.conf:1'],
    ['listen 1\n"root";', 'invalid parameter "root" in x.conf:1'],
    ["listen 1 root 2;", 'invalid parameter "root" in x.conf:1'],
    // Marks.
    [
      ";\nrot 1;",
      'unexpected ";" in x.conf:1',
      'unknown directive "rot" in x.conf:2',
    ],
    [
      "server { listen 1; }\n}\nrot 1;",
      'unexpected "}" in x.conf:2',
      'unknown directive "rot" in x.conf:3',
    ],
    [
      "{\nrot 1;\n}\nroot x;",
      'unexpected "{" in x.conf:1',
      'invalid parameter "x" in x.conf:4',
    ],
    // Where braces do not fit, blocks are not what they seem.
    [
      "server {\nlocation / {\nroot x;\n\nlisten 1;\n}\nserver { }\n",
      'invalid parameter "x" in x.conf:3',
      'unexpected end of file, expecting "}" in x.conf:8',
    ],
    [
      "server {\nlocation / {\nroot 1; } }\nlocation /b { root x; }\n}\n",
      'invalid parameter "x" in x.conf:4',
      'unexpected "}" in x.conf:5',
    ],
    // Quotes.
    [
      'root "1;\nserver {\nlisten x;\n}\n',
      'invalid parameter "x" in x.conf:3',
      'unexpected end of file, expecting ";" or "}" in x.conf:5',
    ],
    [
      'root "1;\nlisten "2";\nroot x;\n',
      'unexpected "2" in x.conf:2',
      'invalid parameter "x" in x.conf:3',
    ],
    [
      'root "1"2;\nlisten x;',
      'unexpected "2" in x.conf:1',
      'invalid parameter "x" in x.conf:2',
    ],
    [
      "location '/a {\nrot 1;\n}\nrot 2;\n",
      'unknown directive "rot" in x.conf:2',
      'unknown directive "rot" in x.conf:4',
      'unexpected end of file, expecting ";" or "}" in x.conf:5',
    ],
    [
      `root "${"1".repeat(5000)}";\nrot 1;`,
      'too long parameter, probably missing terminating """ character in x.conf:1',
      'unknown directive "rot" in x.conf:2',
    ],
    [
      "root 1\0;\nlisten \uFFFD;\nrot 1;",
      "NUL character in a parameter in x.conf:1",
      "invalid UTF-8 in a parameter in x.conf:2",
      'unknown directive "rot" in x.conf:3',
    ],
    // Lua between.
    [
      "content_by_lua_block { if a then s = '}' -- }\n x = [[ } ]] end }\nrot 1;",
      'directive "content_by_lua_block" is not supported by webserv in x.conf:1',
      'unknown directive "rot" in x.conf:3',
    ],
    [
      "access_by_lua_block { --[==[ }} ]] ]==] }\nrot 1;",
      'directive "access_by_lua_block" is not supported by webserv in x.conf:1',
      'unknown directive "rot" in x.conf:2',
    ],
    [
      "init_by_lua_block {\n",
      'directive "init_by_lua_block" is not supported by webserv in x.conf:1',
      'unexpected end of file, expecting "}" in x.conf:2',
    ],
  ];
  for (const [text, ...faults] of rows) {
    assertEquals(faultsIn(text, TABLE), faults, text);
  }
});

Deno.test("a forgotten semicolon that changes nothing loud is warned of", () => {
  const { warnings } = build("server {\nindex 1\nroot 2;\n}", TABLE);
  assertEquals(warnings, [
    'directive "index" is not terminated by ";"? ' +
    '"root" in line 3 is read as a parameter of it in x.conf:2',
  ]);
  assertEquals(build('server {\nindex 1\n2\n"root";\n}', TABLE).warnings, []);
});

Deno.test("an error that names no directive says what its directive takes", () => {
  const hint = (text: string) => {
    try {
      build(text, TABLE);
      return "no error";
    } catch (error) {
      return (error as ConfigError).hint;
    }
  };
  assertEquals(hint("listen x;"), "listen: takes numbers");
  assertEquals(hint("listen;"), "it takes 1 to 9, not 0");
});
