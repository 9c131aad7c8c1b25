import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import {
  type AnyDirective,
  defineDirective,
} from "../../../src/config/directive.ts";
import { Scope } from "../../../src/config/scope.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import type { LocationPlan, Module } from "../../../src/core/module.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { MODULES } from "../../../src/server/setup/registry.ts";

const FILE = "/nowhere/webserv.conf";

function generationOf(text: string, modules: readonly Module[] = MODULES) {
  const statements = parseConfig(text, FILE);
  const source = { file: FILE, statements, prefix: "/nowhere" };
  const configuration = readConfiguration(source, () => {}, { modules });
  return prepareGeneration(configuration, () => {});
}

const QUIET = "error_log stderr emerg; access_log off;";

function word(name: string, inherit = true): AnyDirective {
  return defineDirective({
    name,
    contexts: ["http", "server", "location"],
    args: [1, 1],
    inherit,
    default: "",
    parse: ({ args: [text = ""] }) => text,
  });
}

const own = word("own");
const local = word("local", false);
const foreign = word("foreign");
const other = word("other");

/** For which values the hooks were made, in their order. */
function madeFor(text: string, dependsOn?: readonly AnyDirective[]): string[] {
  const made: string[] = [];
  const module: Module = {
    name: "made",
    directives: [own, local],
    ...(dependsOn === undefined ? {} : { dependsOn }),
    create(scope) {
      const words = [own, local, foreign].map((each) => scope.get(each));
      made.push(`${scope.context} ${words.join(" ")}`.trimEnd());
      return undefined;
    },
  };
  const beside: Module = { name: "beside", directives: [foreign, other] };
  generationOf(`http { ${QUIET} ${text} }`, [...MODULES, module, beside]);
  return made;
}

Deno.test("hooks are made once for all that are told the same", () => {
  const rows = [
    ["servers", "server { } server { server_name b; }", ["server"]],
    ["kinds of blocks", "server { location /a { } }", ["location", "server"]],
    [
      "what another module reads",
      "server { other 1; location /a { other 2; } location /b { } }",
      ["location", "server"],
    ],
    [
      "its own directive",
      "own 1; server { } server { own 1; } server { own 2; } server { }",
      ["server 1", "server 1", "server 2"],
    ],
    [
      "a directive that it depends on",
      "server { foreign 1; location /a { } location /b { foreign 2; } }",
      ["location   1", "location   2", "server   1"],
    ],
    [
      "a directive that is not inherited",
      "server { location /a { local 1; location /a/b { } location /a/c { } } }",
      ["location", "location  1", "server"],
    ],
  ] as const;
  for (const [what, text, expected] of rows) {
    assertEquals(madeFor(text, [foreign]), [...expected], what);
  }
});

Deno.test("a module that names nothing has hooks for whoever says something", () => {
  assertEquals(
    madeFor(
      "server { location /a { other 1; } location /b { } location /c { } }",
    ),
    ["location", "location", "server"],
  );
});

function plansOf(text: string): readonly LocationPlan[] {
  const { plan } = generationOf(`http { ${QUIET} ${text} }`);
  return plan.servers.map(({ root }) => root);
}

Deno.test("servers that say nothing but their names share what they do", () => {
  const [a, b, c] = plansOf(
    `server { server_name a; } server { server_name b; }
     server { server_name c; add_header X-C c; }`,
  );
  assertStrictEquals(a!.handlers, b!.handlers);
  assertStrictEquals(a!.errorResponses, b!.errorResponses);
  assertNotStrictEquals(a!.errorResponses, c!.errorResponses);
  assertStrictEquals(a!.paths, c!.paths);
  assertNotStrictEquals(a!.scope, b!.scope);
  assertStrictEquals(b!.find("/"), b!);
});

/** Something of everything that is inherited, so that hooks look further. */
const MUCH = `
  root /srv; index a.html b.html; autoindex on; etag off;
  allow 192.0.2.1; deny all;
  set_real_ip_from 192.0.2.0/24; real_ip_header X-Real-IP; real_ip_recursive on;
  gzip on; gzip_types text/css; gzip_min_length 1; gzip_vary on; gunzip on;
  gzip_proxied any; gzip_http_version 1.0; gzip_disable msie6;
  expires $arg_e; add_header X-A $arg_a; add_trailer X-T $arg_t;
  more_set_headers "Content-Type: $arg_c"; more_clear_headers X-B;
  more_set_input_headers "X-I: $arg_i";
  charset utf-8; source_charset koi8-r; charset_map koi8-r utf-8 { C0 D18E; }
  limit_rate 1k; limit_rate_after 1k; keepalive_disable safari;
  chunked_transfer_encoding off; if_modified_since before; max_ranges 1;
  error_page 404 /404.html; recursive_error_pages on;
  sub_filter a $arg_s; sub_filter_types *; sub_filter_once off;
  add_before_body /before; add_after_body /after; addition_types *;
`;

Deno.test("hooks depend on no directive that their module does not name", () => {
  const places = "server { location /a { } }";
  for (const text of ["", MUCH, "gzip on; expires 1h; add_header X-A a;"]) {
    for (const module of MODULES) {
      const { create, directives, dependsOn } = module;
      if (create === undefined || dependsOn === undefined) continue;
      const named = new Set([...directives, ...dependsOn]);
      const read = new Set<AnyDirective>();
      const watched: Module = {
        ...module,
        create(...args) {
          using _get = watch("get", read);
          using _own = watch("own", read);
          using _has = watch("has", read);
          using _placeOf = watch("placeOf", read);
          return create(...args);
        },
      };
      generationOf(
        `http { access_log off; ${text} ${places} }`,
        MODULES.map((each) => each === module ? watched : each),
      );
      const unnamed = [...read].filter((each) => !named.has(each))
        .map(({ name }) => name);
      assertEquals(unnamed, [], module.name);
    }
  }
});

/** Notes which directives scopes are asked about. */
function watch(
  method: "get" | "own" | "has" | "placeOf",
  read: Set<AnyDirective>,
): Disposable {
  // deno-lint-ignore no-explicit-any -- the methods differ in what they return
  const prototype: any = Scope.prototype;
  const original = prototype[method];
  prototype[method] = function (asked: AnyDirective) {
    read.add(asked);
    return original.call(this, asked);
  };
  return { [Symbol.dispose]: () => prototype[method] = original };
}
