import { assertEquals, assertStrictEquals } from "@std/assert";
import { DEFAULT_FILE_CACHE } from "../../../src/files/cache/file_cache_options.ts";
import { fileCacheOptions } from "../../../src/core/settings/file_settings.ts";
import {
  configured,
  serverError,
  serverScope,
} from "../../support/config_support.ts";

const MIB = 1024 * 1024;

Deno.test("fileCacheOptions: what each directive changes", () => {
  const rows: [directives: string, changes: object][] = [
    ["", {}],
    ["open_file_cache off;", { validMs: 0 }],
    [
      "open_file_cache max=10;",
      { maxEntries: 10, maxHandles: 10 },
    ],
    [
      "open_file_cache max=1000 inactive=5s;",
      { maxEntries: 1000, inactiveMs: 5000 },
    ],
    ["open_file_cache_valid 0;", { validMs: 0 }],
    ["open_file_cache_valid 30s;", { validMs: 30_000 }],
    ["open_file_cache_min_uses 3;", { minUses: 3 }],
    ["open_file_cache_errors on;", { errorValidMs: 1000 }],
    [
      "open_file_cache_errors on; open_file_cache_valid 1m;",
      { errorValidMs: 60_000, validMs: 60_000 },
    ],
    ["open_file_cache_errors off;", { errorValidMs: 0 }],
    ["open_file_cache_memory 64m;", { bodyBudgetBytes: 64 * MIB }],
    [
      "open_file_cache_memory 0;",
      { bodyBudgetBytes: 0, maxBodyBytes: 0 },
    ],
    ["open_file_cache_max_body 2m;", { maxBodyBytes: 2 * MIB }],
    ["disable_symlinks on;", { symlinks: "on" }],
    ["disable_symlinks if_not_owner from=/srv;", { symlinks: "if_not_owner" }],
    ["disable_symlinks from=/srv on;", { symlinks: "on" }],
  ];
  for (const [directives, changes] of rows) {
    const scope = serverScope(`server { ${directives} }`);
    assertEquals(
      fileCacheOptions(scope),
      { ...DEFAULT_FILE_CACHE, ...changes },
      directives,
    );
  }
});

Deno.test("file settings refuse what makes no sense", () => {
  const rows: [directives: string, message: string][] = [
    [
      "open_file_cache inactive=5s;",
      '"open_file_cache" must have the "max" ' +
      "parameter",
    ],
    ["open_file_cache max=0;", 'invalid "open_file_cache" parameter "max=0"'],
    ["open_file_cache max=x;", 'invalid "open_file_cache" parameter "max=x"'],
    ["open_file_cache on;", 'invalid "open_file_cache" parameter "on"'],
    [
      "open_file_cache_min_uses x;",
      '"open_file_cache_min_uses" directive invalid number',
    ],
    [
      "disable_symlinks maybe;",
      'invalid value "maybe" in "disable_symlinks" ' +
      'directive, it must be "off", "on" or "if_not_owner"',
    ],
    ["disable_symlinks on to=/;", 'invalid parameter "to=/"'],
    ["disable_symlinks on from=;", 'invalid parameter "from="'],
    [
      "disable_symlinks off from=/;",
      '"from=" cannot be used with "off" parameter',
    ],
    [
      "dotfiles hide;",
      'invalid value "hide" in "dotfiles" directive, it ' +
      'must be "deny" or "allow"',
    ],
    [
      "compressed_cache 1m;",
      '"compressed_cache" directive is not allowed here',
    ],
  ];
  for (const [directives, message] of rows) {
    assertEquals(serverError(directives), `${message} in x.conf:1`, directives);
  }
});

Deno.test("compressed_cache may stand at the top or in http", () => {
  assertStrictEquals(typeof configured("compressed_cache 1m;"), "object");
  assertStrictEquals(
    typeof configured("http { compressed_cache 0; }"),
    "object",
  );
});
