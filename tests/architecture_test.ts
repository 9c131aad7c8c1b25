/**
 * The rooms of the program and what they may import, as data (`docs/ARCHITECTURE.md`
 * says what they own). A rule that is broken is mended in the program, not here.
 */

import { assertEquals } from "@std/assert";
import { dirname, fromFileUrl, join, normalize } from "@std/path/posix";

const SRC = fromFileUrl(new URL("../src", import.meta.url));

/** The rooms that each room may import beside itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli"],
  "worker.ts": ["cluster"],
  "version.ts": [],
  "os_error.ts": [],
  bytes: [],
  http: ["bytes"],
  logging: ["bytes", "http"],
  regex: ["http"],
  certificates: [],
  config: ["http", "regex"],
  routing: ["config", "http", "regex"],
  files: ["bytes", "http", "routing", "scheduling"],
  scheduling: [],
  net: ["bytes", "http", "logging", "scheduling"],
  core: [
    "bytes",
    "config",
    "http",
    "regex",
    "routing",
    "files",
    "logging",
    "scheduling",
  ],
  features: [
    "bytes",
    "config",
    "http",
    "regex",
    "routing",
    "files",
    "logging",
    "scheduling",
    "core",
    "certificates",
  ],
  server: [
    "bytes",
    "scheduling",
    "http",
    "logging",
    "config",
    "regex",
    "routing",
    "files",
    "net",
    "core",
    "features",
  ],
  cluster: ["config", "core", "logging", "net", "server"],
  lint: [
    "certificates",
    "config",
    "core",
    "features",
    "http",
    "logging",
    "regex",
    "routing",
    "server",
  ],
  explain: ["config", "core", "http", "lint", "routing", "server"],
  cli: [
    "certificates",
    "cluster",
    "config",
    "explain",
    "http",
    "lint",
    "server",
    "logging",
  ],
};

/** The features that each feature may import; the others know none. */
const FEATURES: Readonly<Record<string, readonly string[]>> = {
  access: ["rewrite"],
  acme: ["tls"],
  autoindex: ["headers"],
  compression: ["headers"],
  logs: ["rewrite"],
  rewrite: ["static"],
  static: ["autoindex", "compression", "conditional", "headers"],
};

/** The one file of `server/` that knows features by their names. */
const REGISTRY = "server/setup/registry.ts";

/** The most files of a folder, not counting those in folders of it. */
const MAX_FILES = 18;

/** What every room may import. */
const EVERYWHERE = ["version.ts", "os_error.ts"];

/** Rooms whose code computes: no input or output, no time, no waiting. */
const PURE = ["bytes", "http", "regex", "routing"];

/** What code of a pure room may not say. */
const IMPURE: readonly RegExp[] = [
  /\bDeno\./,
  /\bset(?:Timeout|Interval)\b/,
  /\basync\b/,
  /\bawait\b/,
  /\bfetch\(/,
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bperformance\./,
  /\bcrypto\./,
  /\bMath\.random\(/,
  /\bconsole\./,
];

/** Imports of packages, and the rooms that may have them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@peculiar/x509": ["certificates"],
  "@std/cli/parse-args": ["cli"],
  "apache-md5": ["features"],
  "hash-wasm": ["features"],
  "lru-cache": ["files"],
  picomatch: ["config"],
  "node:buffer": ["files", "net"],
  "node:crypto": ["certificates", "features", "files", "net"],
  "node:fs": ["cli", "files", "logging", "net"],
  "node:http": ["cli"],
  "node:inspector": ["cli"],
  "node:net": ["cli"],
  "node:os": ["cli"],
  "node:process": ["cli", "features"],
  "node:stream": ["files", "net"],
  "node:timers": ["net"],
  "node:tls": ["cli", "net"],
  "node:zlib": ["files", "logging"],
  uqr: ["cli"],
};

interface Source {
  /** The path under `src`. */
  readonly path: string;
  readonly room: string;
  readonly code: string;
  /** Paths under `src` of the files it imports. */
  readonly imports: readonly string[];
  /** The packages it imports. */
  readonly packages: readonly string[];
}

function* filesUnder(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(join(SRC, folder))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* filesUnder(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

/** The code without its comments; strings stay, since imports are strings. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/(^|[\s;{}(,])\/\/.*$/gm, "$1");
}

function readSource(path: string): Source {
  const code = withoutComments(Deno.readTextFileSync(join(SRC, path)));
  const specifiers = [
    ...code.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g),
  ].map(([, specifier]) => specifier!);
  const slash = path.indexOf("/");
  return {
    path,
    room: slash < 0 ? path : path.slice(0, slash),
    code,
    imports: specifiers.filter((name) => name.startsWith("."))
      .map((name) => normalize(join(dirname(path), name))),
    packages: specifiers.filter((name) => !name.startsWith(".")),
  };
}

const SOURCES: ReadonlyMap<string, Source> = new Map(
  [...filesUnder(".")].sort().map((path) => [path, readSource(path)]),
);

function roomOf(path: string): string | undefined {
  return SOURCES.get(path)?.room;
}

Deno.test("every room has a rule", () => {
  const rooms = new Set([...SOURCES.values()].map(({ room }) => room));
  assertEquals([...rooms].sort(), Object.keys(ALLOWED).sort());
});

Deno.test("rooms import what the table allows", () => {
  const violations: string[] = [];
  for (const { path, room, imports } of SOURCES.values()) {
    const allowed = [room, ...ALLOWED[room] ?? [], ...EVERYWHERE];
    for (const target of imports) {
      const other = roomOf(target);
      if (other === undefined) violations.push(`${path}: no file ${target}`);
      else if (!allowed.includes(other)) {
        violations.push(`${path} imports ${target}`);
      }
    }
  }
  assertEquals(violations, []);
});

/** The feature of a path: the folder in `features/`. */
function featureOf(path: string): string | undefined {
  return /^features\/([^/]+)\//.exec(path)?.[1];
}

Deno.test("features import what the table allows", () => {
  const violations: string[] = [];
  for (const { path, imports } of SOURCES.values()) {
    const feature = featureOf(path);
    if (feature === undefined) continue;
    const allowed = [feature, ...FEATURES[feature] ?? []];
    for (const target of imports) {
      const other = featureOf(target);
      if (other !== undefined && !allowed.includes(other)) {
        violations.push(`${path} imports ${target}`);
      }
    }
  }
  assertEquals(violations, []);
});

Deno.test("the server knows features through the registry only", () => {
  const violations: string[] = [];
  for (const { path, room, imports } of SOURCES.values()) {
    if (room !== "server" || path === REGISTRY) continue;
    for (const target of imports) {
      if (roomOf(target) === "features") {
        violations.push(`${path} imports ${target}`);
      }
    }
  }
  assertEquals(violations, []);
});

Deno.test("no folder is too full to be read", () => {
  const counts = new Map<string, number>();
  for (const path of SOURCES.keys()) {
    const folder = dirname(path);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const full = [...counts].filter(([, count]) => count > MAX_FILES);
  assertEquals(full, []);
});

Deno.test("the table of rooms has no cycle", () => {
  const order: string[] = [];
  function visit(room: string, path: readonly string[]): void {
    assertEquals(path.includes(room), false, [...path, room].join(" → "));
    for (const next of ALLOWED[room] ?? []) visit(next, [...path, room]);
    if (!order.includes(room)) order.push(room);
  }
  Object.keys(ALLOWED).forEach((room) => visit(room, []));
  assertEquals(order.length, Object.keys(ALLOWED).length);
});

/** Imports that are more than types: those that run. */
function runningImports(path: string): string[] {
  const { code } = SOURCES.get(path)!;
  const types = new Set(
    [...code.matchAll(/\b(?:import|export)\s+type\b[^;]*?from\s+"([^"]+)"/g)]
      .map(([, name]) => normalize(join(dirname(path), name!))),
  );
  return SOURCES.get(path)!.imports.filter((target) => !types.has(target));
}

Deno.test("no imports that run form a cycle", () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  function visit(path: string, above: readonly string[]): void {
    const from = above.indexOf(path);
    if (from >= 0) {
      cycles.push([...above.slice(from), path].join(" → "));
      return;
    }
    if (done.has(path) || !SOURCES.has(path)) return;
    for (const next of runningImports(path)) visit(next, [...above, path]);
    done.add(path);
  }
  for (const path of SOURCES.keys()) visit(path, []);
  assertEquals(cycles, []);
});

/**
 * Files that need each other's types: a directive is parsed into a scope, which
 * holds directives; a handler gets an exchange, which is in a location that has
 * handlers.
 */
const TYPE_CIRCLES: readonly string[] = [
  "config/directive.ts config/scope.ts",
  "core/exchange.ts core/module.ts core/settings/client.ts",
];

Deno.test("types form no cycle but those that cannot be helped", () => {
  // Each file with all that it leads to, and which leads back to it.
  function reachable(from: string): Set<string> {
    const seen = new Set<string>();
    const open = [from];
    for (let path; (path = open.pop()) !== undefined;) {
      for (const next of SOURCES.get(path)?.imports ?? []) {
        if (!seen.has(next)) open.push(next);
        seen.add(next);
      }
    }
    return seen;
  }
  const reached = new Map(
    [...SOURCES.keys()].map((path) => [path, reachable(path)]),
  );
  const circles = new Set<string>();
  for (const [path, others] of reached) {
    if (!others.has(path)) continue;
    const members = [...others].filter((one) => reached.get(one)?.has(path));
    circles.add(members.sort().join(" "));
  }
  assertEquals([...circles].sort(), TYPE_CIRCLES);
});

Deno.test("pure rooms neither read, wait nor ask for the time", () => {
  const violations: string[] = [];
  for (const { path, room, code } of SOURCES.values()) {
    if (!PURE.includes(room)) continue;
    for (const pattern of IMPURE) {
      const found = pattern.exec(code);
      if (found !== null) violations.push(`${path}: ${found[0]}`);
    }
  }
  assertEquals(violations, []);
});

Deno.test("packages are imported where they belong", () => {
  const violations: string[] = [];
  for (const { path, room, packages } of SOURCES.values()) {
    for (const name of packages) {
      const rooms = PACKAGES[name];
      const known = name.startsWith("@std/") || rooms !== undefined;
      if (!known || (rooms !== undefined && !rooms.includes(room))) {
        violations.push(`${path} imports ${name}`);
      }
    }
  }
  assertEquals(violations, []);
});

/**
 * Exports that only tests and benches import, and nothing beside them uses:
 * ways to do at once what the program does in steps, defaults, and counts.
 */
const ENTRIES: readonly string[] = [
  "config/build.ts buildConfig",
  "config/syntax/include.ts loadConfig",
  "http/byte_string.ts hasStrayBytes",
  "http/fields.ts FIELD_COUNT",
  "http/limits.ts DEFAULT_HEAD_LIMITS",
  "logging/diagnostics.ts flushDiagnostics",
  "server/setup/plan.ts compilePlan",
  "server/setup/registry.ts DIRECTIVES",
];

/** Exports that nobody imports. The list only becomes shorter. */
const UNUSED: readonly string[] = [
  "core/variables.ts hostOf",
  "core/variables.ts requestFilename",
  "features/logs/access_log.ts DEFAULT_ACCESS_LOG",
  "features/rewrite/error_page.ts errorPageDirective",
  "features/rewrite/error_page.ts recursiveErrorPages",
  "features/rewrite/rewrite.ts breakDirective",
  "features/rewrite/rewrite.ts ifDirective",
  "features/rewrite/rewrite.ts rewriteDirective",
  "net/connection.ts INITIAL_BUFFER_BYTES",
];

/** What a file imports by name, as `path name`. */
function* importedNames(path: string, code: string): Generator<string> {
  const imports = [
    ...code.matchAll(
      /\b(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s*"(\.[^"]+)"/g,
    ),
    ...code.matchAll(/\{([^{}]*)\} = await import\(\s*"(\.[^"]+)"/g),
  ];
  for (const [, names = "", target = ""] of imports) {
    const file = normalize(join(dirname(path), target))
      .replace("../src/", "");
    for (const name of names.split(",")) {
      yield `${file} ${name.trim().replace(/^type\s+/, "").split(" ")[0]}`;
    }
  }
}

Deno.test("what is exported is imported somewhere", () => {
  const bySource = new Set<string>();
  for (const { path, code } of SOURCES.values()) {
    for (const name of importedNames(path, code)) bySource.add(name);
  }
  const byOthers = new Set<string>();
  for (const folder of ["tests", "bench", "fuzz", "soak", "tools"]) {
    for (const path of filesUnder(`../${folder}`)) {
      const code = Deno.readTextFileSync(join(SRC, path));
      for (const name of importedNames(path, code)) byOthers.add(name);
    }
  }
  const unused: string[] = [];
  for (const { path, code } of SOURCES.values()) {
    const exports = code.matchAll(
      /^export (?:async |abstract )?(?:function\*?|const|let|class) (\w+)/gm,
    );
    for (const [, name = ""] of exports) {
      const id = `${path} ${name}`;
      const isInside = code.split(new RegExp(`\\b${name}\\b`)).length > 2;
      const isEntry = ENTRIES.includes(id) || isInside;
      const isUsed = bySource.has(id) || (byOthers.has(id) && isEntry);
      if (!isUsed && !UNUSED.includes(id)) unused.push(id);
    }
  }
  // What is new here needs no "export", or is used by nobody at all. Types are
  // not asked: they say what an exported function takes.
  assertEquals(unused, []);
});

Deno.test("every source file is part of the program", () => {
  const reached = new Set<string>();
  const queue = [
    "main.ts",
    "worker.ts",
    "features/auth_basic/verifier_thread.ts",
  ];
  for (let path; (path = queue.pop()) !== undefined;) {
    if (reached.has(path) || !SOURCES.has(path)) continue;
    reached.add(path);
    queue.push(...SOURCES.get(path)!.imports);
  }
  assertEquals([...SOURCES.keys()].filter((path) => !reached.has(path)), []);
});

Deno.test("no source needs two bytes for each of its characters", () => {
  // V8 keeps a text with one character beyond Latin-1 in UTF-16, and a bundle
  // of all sources, too: that was 3 MB more on every thread (measured). In a
  // string such a character is written as an escape.
  const wide = [...SOURCES.keys()].filter((path) =>
    /[^\0-\xFF]/.test(Deno.readTextFileSync(join(SRC, path)))
  );
  assertEquals(wide, []);
});
