import { finish } from "../../../src/config/steps.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import {
  ConfigFileError,
  type ConfigReader,
  expandIncludes,
  loadConfig,
  MAX_INCLUDE_DEPTH,
} from "../../../src/config/syntax/include.ts";
import {
  parseConfig,
  type Statement,
} from "../../../src/config/syntax/parser.ts";
import { failure } from "../config_support.ts";

/** Files by path; a number is the system error that reading one ends with. */
type Files = Readonly<Record<string, string | 13 | 21>>;

const SYSTEM_ERRORS = {
  13: new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
  21: new Deno.errors.IsADirectory("Is a directory (os error 21): readfile"),
} as const;

function readerOf(files: Files): ConfigReader {
  return {
    readText(path) {
      const text = files[path];
      if (typeof text === "string") return text;
      if (text !== undefined) throw SYSTEM_ERRORS[text];
      throw new Deno.errors.NotFound(
        `No such file or directory (os error 2): readfile '${path}'`,
      );
    },
    listDirectory(directory) {
      const paths = Object.keys(files);
      return paths
        .filter((path) => path.startsWith(`${directory}/`))
        .map((path) => path.slice(directory.length + 1))
        .filter((name) => !name.includes("/"));
    },
  };
}

interface Loaded {
  /** The statements as text. */
  readonly text: string;
  readonly warnings: readonly string[];
  readonly read: readonly string[];
}

function write(statements: readonly Statement[]): string {
  return statements.map(({ name, args, block }) => {
    const head = [name, ...args].join(" ");
    return block === undefined ? `${head};` : `${head}{${write(block)}}`;
  }).join(" ");
}

function load(files: Files, directory = "/etc/w"): Loaded {
  const warnings: string[] = [];
  const read: string[] = [];
  const statements = finish(loadConfig("/etc/w/main", {
    reader: readerOf(files),
    directory,
    warn: (message) => warnings.push(message),
    onFile: (path, text) => read.push(`${path}=${text.length}`),
  }));
  return { text: write(statements), warnings, read };
}

Deno.test("loadConfig() puts the files in the place of the include", () => {
  const rows: [main: string, expected: string][] = [
    ["a; include one; b;", "a; one; b;"],
    ["include /etc/w/one;", "one;"],
    ["include './one';", "dot;"],
    ["'include' one;", "one;"],
    ["http { server { include one; } }", "http{server{one;}}"],
    ["types { include one; x y; }", "types{one; x y;}"],
    ["include block;", "s{one;}"],
    ["include chain;", "one; one;"],
    ["include d/*.conf;", "d1; d2;"],
    ["include d/[2].conf;", "d2;"],
    ["include d/*.nothing; a;", "a;"],
    ["include nowhere/*; a;", "a;"],
    ["include empty; a;", "a;"],
    ["include ../up;", "up;"],
  ];
  const files = {
    "/etc/w/one": "one;",
    "/etc/w/./one": "dot;",
    "/etc/w/block": "s { include one; }",
    "/etc/w/chain": "include one; include one;",
    "/etc/w/empty": "# nothing\n",
    "/etc/w/../up": "up;",
    "/etc/w/d/2.conf": "d2;",
    "/etc/w/d/1.conf": "d1;",
    "/etc/w/d/.3.conf": "d3;",
  };
  for (const [main, expected] of rows) {
    assertEquals(load({ ...files, "/etc/w/main": main }).text, expected, main);
  }
});

Deno.test("loadConfig() joins the directory and a name as nginx does", () => {
  const rows: [directory: string, path: string][] = [
    ["/etc/w", "/etc/w/x"],
    ["/etc/w/", "/etc/w/x"],
    ["/", "/x"],
    ["", "x"],
  ];
  for (const [directory, path] of rows) {
    const files = { "/etc/w/main": "include x;", [path]: "found;" };
    assertEquals(load(files, directory).text, "found;", directory);
  }
});

Deno.test("loadConfig() takes names in included files from the same directory", () => {
  assertEquals(
    load({
      "/etc/w/main": "include d/a;",
      "/etc/w/d/a": "include b;",
      "/etc/w/b": "right;",
      "/etc/w/d/b": "wrong;",
    }).text,
    "right;",
  );
});

Deno.test("loadConfig() keeps the place of every statement", () => {
  const statements = finish(loadConfig("/m", {
    reader: readerOf({ "/m": "a;\ninclude i;", "/i": "\n\nb;" }),
    directory: "/",
    warn: () => {},
  }));
  assertEquals(statements.map((statement) => statement.place), [
    { file: "/m", line: 1 },
    { file: "/i", line: 3 },
  ]);
});

Deno.test("loadConfig() reports every file it read, in order", () => {
  const { read } = load({
    "/etc/w/main": "include a; include b;",
    "/etc/w/a": "include b;",
    "/etc/w/b": "b;",
  });
  assertEquals(read, [
    "/etc/w/main=21",
    "/etc/w/a=10",
    "/etc/w/b=2",
    "/etc/w/b=2",
  ]);
});

Deno.test("loadConfig() says in nginx's words what is wrong", () => {
  const rows: [files: Files, message: string][] = [
    [
      { main: "a;\ninclude x.conf;" },
      'open() "/etc/w/x.conf" failed (2: No such file or directory) ' +
      "in /etc/w/main:2",
    ],
    [
      { main: "include x;", x: 13 },
      'open() "/etc/w/x" failed (13: Permission denied) in /etc/w/main:1',
    ],
    [
      { main: "include d/*;", "d/x": 21 },
      'open() "/etc/w/d/x" failed (21: Is a directory) in /etc/w/main:1',
    ],
    [
      { main: "include a;", a: "\ninclude b;" },
      'open() "/etc/w/b" failed (2: No such file or directory) ' +
      "in /etc/w/a:2",
    ],
    [
      { main: "include;" },
      'invalid number of arguments in "include" directive in /etc/w/main:1',
    ],
    [
      { main: "http { include a b; }" },
      'invalid number of arguments in "include" directive in /etc/w/main:1',
    ],
    [
      { main: "include a {}" },
      'directive "include" is not terminated by ";" in /etc/w/main:1',
    ],
    [
      { main: "http {\ninclude a;\n}", a: "x;\n}" },
      'unexpected "}" in /etc/w/a:2',
    ],
    [
      { main: "include a;", a: "http {" },
      'unexpected end of file, expecting "}" in /etc/w/a:1',
    ],
    [
      { main: "include main;" },
      '"/etc/w/main" includes itself in /etc/w/main:1',
    ],
    [
      { main: "include a;", a: "s {\ninclude b; }", b: "include *;" },
      '"/etc/w/a" includes itself in /etc/w/b:1',
    ],
  ];
  for (const [relative, message] of rows) {
    const files = Object.fromEntries(
      Object.entries(relative).map(([name, text]) => [`/etc/w/${name}`, text]),
    );
    assertEquals(failure(() => load(files)).message, message);
  }
});

Deno.test("loadConfig() bounds the depth of includes", () => {
  const chain = (depth: number): Files =>
    Object.fromEntries([
      ["/etc/w/main", "include f1;"],
      ...Array.from(
        { length: depth },
        (_, i) => [
          `/etc/w/f${i + 1}`,
          i + 1 === depth ? "end;" : `include f${i + 2};`,
        ],
      ),
    ]);
  assertEquals(load(chain(MAX_INCLUDE_DEPTH)).text, "end;");
  assertEquals(
    failure(() => load(chain(MAX_INCLUDE_DEPTH + 1))).message,
    `includes are nested deeper than ${MAX_INCLUDE_DEPTH} files ` +
      `in /etc/w/f${MAX_INCLUDE_DEPTH}:1`,
  );
});

Deno.test("loadConfig() takes no folder of its own for a pattern", () => {
  const directory = "/srv/*[site]?";
  const files = {
    [`${directory}/one`]: "one;",
    [`${directory}/a.conf`]: "a;",
    [`${directory}/d/b.conf`]: "b;",
    "/srv/s/one": "other;",
    "/srv/s/a.conf": "other;",
  };
  const rows: [name: string, expected: string][] = [
    ["one", "one;"],
    ["*.conf", "a;"],
    ["d/*.conf", "b;"],
    ["d/[b]?conf", "b;"],
    ["/srv/s/*.conf", "other;"],
  ];
  for (const [name, expected] of rows) {
    const main = `include "${name}";`;
    const { text } = load({ ...files, "/etc/w/main": main }, directory);
    assertEquals(text, expected, name);
  }
});

Deno.test("loadConfig() does without a mime.types that is missing", () => {
  const { text, warnings } = load({
    "/etc/w/main": "http {\ninclude mime.types; a; }",
  });
  assertEquals(text, "http{types{built_in;} a;}");
  assertEquals(
    load({ "/etc/w/main": "types { include mime.types; a/b c; }" }).text,
    "types{built_in; a/b c;}",
  );
  assertEquals(warnings, [
    '"/etc/w/mime.types" is missing, the built-in table of types is used ' +
    "in /etc/w/main:2",
  ]);
});

Deno.test("loadConfig() does not do without other files", () => {
  const rows: [main: string, files: Files][] = [
    ["include my-mime.types;", {}],
    ["include mime.types.conf;", {}],
    ["include mime.types/x;", {}],
    ["include mime.types;", { "/etc/w/mime.types": 13 }],
  ];
  for (const [main, files] of rows) {
    failure(() => load({ ...files, "/etc/w/main": main }));
  }
});

Deno.test("loadConfig() reads a mime.types that is there", () => {
  const { text, warnings } = load({
    "/etc/w/main": "include mime.types;",
    "/etc/w/mime.types": "types { a/b c; }",
  });
  assertEquals(text, "types{a/b c;}");
  assertEquals(warnings, []);
});

Deno.test("loadConfig() blames no line for the main file", () => {
  const error = assertThrows(() => load({}));
  assertInstanceOf(error, ConfigFileError);
  assertEquals(
    error.message,
    'open() "/etc/w/main" failed (2: No such file or directory)',
  );
  assertInstanceOf(error.cause, Deno.errors.NotFound);
});

Deno.test("loadConfig() passes on a reason that has no system number", () => {
  const error = assertThrows(() =>
    finish(loadConfig("/m", {
      reader: {
        readText() {
          throw new Error("the disk is on fire");
        },
        listDirectory: () => [],
      },
      directory: "/",
      warn: () => {},
    }))
  ) as Error;
  assertEquals(error.message, 'open() "/m" failed (the disk is on fire)');
});

Deno.test("expandIncludes() works on statements from anywhere", () => {
  const statements = parseConfig("include a;", "command line", {
    commandLine: true,
  });
  const expanded = expandIncludes(statements, {
    reader: readerOf({ "/c/a": "b { c; }" }),
    directory: "/c",
    warn: () => {},
  });
  assertEquals(write(expanded), "b{c;}");
});
