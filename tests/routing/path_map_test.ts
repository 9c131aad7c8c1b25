import { assertEquals } from "@std/assert";
import { text, variableTable } from "../../src/config/variables.ts";
import {
  aliasPaths,
  type Folder,
  hasParentSegment,
  leadsUp,
  type PathMap,
  rootPaths,
  wholePaths,
  withoutEndingSlashes,
} from "../../src/routing/path_map.ts";
import { linkedTemplate } from "../config/config_support.ts";

interface Context {
  readonly v: string;
}

const TABLE = variableTable<Context>({
  v: text(({ v }) => v),
  w: text(() => undefined),
});

function folder(text: string): Folder<Context> {
  return {
    template: linkedTemplate(text, TABLE),
    resolve: (path) => `/prefix/${path}`,
  };
}

Deno.test("hasParentSegment: only whole segments count", () => {
  const rows: [string, boolean][] = [
    ["", false],
    ["..", true],
    ["/..", true],
    ["../x", true],
    ["/a/../b", true],
    ["/a/..", true],
    ["/a..", false],
    ["/..a", false],
    ["/a../b", false],
    ["/...", false],
    ["/a..b/c", false],
    ["..//", true],
  ];
  for (const [path, expected] of rows) {
    assertEquals(hasParentSegment(path), expected, path);
  }
});

Deno.test("withoutEndingSlashes", () => {
  const rows = [["/a", "/a"], ["/a/", "/a"], ["/a//", "/a"], ["/", ""], [
    "",
    "",
  ]] as const;
  for (const [path, expected] of rows) {
    assertEquals(withoutEndingSlashes(path), expected, path);
  }
});

Deno.test("rootPaths: the folder and the whole URI", () => {
  const constant = rootPaths(folder("/srv/www"));
  assertEquals(constant.constant, true);
  assertEquals(constant.ownLength, "/srv/www".length);
  assertEquals(constant.pathOf({ v: "" }, "/a/b"), "/srv/www/a/b");
  assertEquals(constant.documentRoot({ v: "" }), "/srv/www");
});

Deno.test("rootPaths: variables may hold anything and lead nowhere else", () => {
  const rows: [text: string, v: string, path: string | undefined][] = [
    ["/srv/$v", "a.example", "/srv/a.example/x"],
    ["/srv/$v", "", "/srv/x"],
    ["/srv/$v", "a/b", "/srv/a/b/x"],
    ["/srv/$v", "..", undefined],
    ["/srv/$v", "../etc", undefined],
    ["/srv/$v", "a/../../etc", undefined],
    ["/srv/x$v", "/..", undefined],
    ["/srv/.$v", ".", undefined],
    ["/srv/$v", "..a", "/srv/..a/x"],
    ["$v", "/data", "/data/x"],
    ["$v", "data", "/prefix/data/x"],
    ["$v", "/", "/x"],
    ["$v", "..", undefined],
    ["$v", "../etc", undefined],
  ];
  for (const [text, v, path] of rows) {
    const paths = rootPaths(folder(text));
    assertEquals(paths.constant, false);
    assertEquals(paths.pathOf({ v }, "/x"), path, `${text} with "${v}"`);
  }
  assertEquals(rootPaths(folder("/srv/$v")).ownLength, "/srv".length);
  assertEquals(rootPaths(folder("/srv/sites-$v")).ownLength, "/srv".length);
  assertEquals(rootPaths(folder("$v")).ownLength, 0);
});

Deno.test("aliasPaths: whole segments take the place of the prefix", () => {
  const rows: [
    prefix: string,
    alias: string,
    uri: string,
    path: string | undefined,
  ][] = [
    ["/img/", "/data/img", "/img/a.png", "/data/img/a.png"],
    ["/img/", "/data/img", "/img/", "/data/img/"],
    ["/img/", "/data/img", "/img/a/b", "/data/img/a/b"],
    ["/img", "/data/img", "/img/a.png", "/data/img/a.png"],
    ["/img", "/data/img", "/img", "/data/img"],
    ["/img", "/data/img", "/img/", "/data/img/"],
    // The classic escape: nginx makes `/data/img/../secret` of it.
    ["/img", "/data/img", "/img../secret", undefined],
    ["/img", "/data/img", "/imgx", undefined],
    ["/img", "/data/img", "/img.png", undefined],
    ["/img/", "/data/img", "/other", undefined],
    ["/one", "/data/one.txt", "/one", "/data/one.txt"],
    ["/", "/data", "/a", "/data/a"],
    ["/img/", "", "/img/a", "/a"],
  ];
  for (const [prefix, alias, uri, path] of rows) {
    const paths = aliasPaths(folder(alias), prefix);
    assertEquals(paths.pathOf({ v: "" }, uri), path, `${prefix} ${uri}`);
    assertEquals(paths.aliasedPrefix, prefix);
  }
  const variable = aliasPaths(folder("/data/$v"), "/x/");
  assertEquals(variable.pathOf({ v: "u" }, "/x/a"), "/data/u/a");
  assertEquals(variable.pathOf({ v: "../u" }, "/x/a"), undefined);
});

Deno.test("wholePaths: the whole path, several URIs may have the same", () => {
  const paths = wholePaths(folder("/home/$v/www"));
  assertEquals(paths.shared, true);
  assertEquals(paths.pathOf({ v: "ann" }, "/any"), "/home/ann/www");
  assertEquals(paths.pathOf({ v: ".." }, "/any"), undefined);
  assertEquals(paths.childOf?.({ v: "ann" }, "a.html"), "/home/ann/www/a.html");
  assertEquals(paths.childOf?.({ v: "ann" }, "../a"), undefined);
  assertEquals(paths.childOf?.({ v: ".." }, "a.html"), undefined);
});

Deno.test("paths: only what begins with a slash can follow a folder", () => {
  const rows: [uri: string, path: string | undefined][] = [
    ["/a", "/srv/www/a"],
    ["/..a/b..", "/srv/www/..a/b.."],
    ["/a\\b:c. ", "/srv/www/a\\b:c. "],
    ["", undefined],
    ["-secret/a", undefined],
    ["../a", undefined],
    ["/..", undefined],
    ["/../secret", undefined],
    ["/a/../../secret", undefined],
  ];
  for (const [uri, path] of rows) {
    for (const text of ["/srv/www", "/srv/$v"]) {
      const paths = rootPaths(folder(text));
      assertEquals(paths.pathOf({ v: "www" }, uri), path, `${text} ${uri}`);
    }
    if (uri === "") continue;
    const paths = aliasPaths(folder("/srv/www"), "/x");
    assertEquals(paths.pathOf({ v: "" }, `/x${uri}`), path, uri);
  }
});

Deno.test("paths: names that Windows reads otherwise lead nowhere there", () => {
  const paths = rootPaths({ ...folder("C:/www/$v"), windows: true });
  const rows: [v: string, uri: string, path: string | undefined][] = [
    ["a", "/b/c.txt", "C:/www/a/b/c.txt"],
    ["a", "/..\\secret", undefined],
    ["a", "/b\\c", undefined],
    ["a", "/c.txt:stream", undefined],
    ["a", "/c.txt::$DATA", undefined],
    ["a", "/c.txt.", undefined],
    ["a", "/c.txt ", undefined],
    ["a", "/b./c", undefined],
    ["..\\b", "/c", undefined],
  ];
  for (const [v, uri, path] of rows) {
    const found = paths.pathOf({ v }, uri);
    // The folder is made absolute in the way of the tests.
    assertEquals(found?.replace("/prefix/", ""), path, `${v} ${uri}`);
  }
});

Deno.test("hasSiblings: not beside the folder's own path", () => {
  const at = (paths: PathMap<Context>, uri: string, isFile: boolean) => {
    const path = paths.pathOf({ v: "u" }, uri);
    return path === undefined
      ? path
      : paths.hasSiblings({ v: "u" }, path, isFile);
  };
  for (const text of ["/srv/u", "/srv/$v"]) {
    const prefix = aliasPaths(folder(text), "/u");
    assertEquals(at(prefix, "/u", false), false);
    // The alias is a file, and its variants are beside it.
    assertEquals(at(prefix, "/u", true), true);
    assertEquals(at(prefix, "/u/a", false), true);
    assertEquals(at(aliasPaths(folder(text), "/u", true), "/u", false), true);
    assertEquals(at(rootPaths(folder(text)), "/a", false), true);
    assertEquals(at(wholePaths(folder(text)), "/a", false), true);
    const ended = wholePaths(folder(`${text}/$w`));
    assertEquals(at(ended, "/a", false), false);
    assertEquals(at(ended, "/a", true), true);
    // What is written with a slash at its end is a folder, too.
    const written = wholePaths({ ...folder(text), ending: "/" });
    assertEquals(at(written, "/a", false), false);
  }
});

Deno.test("wholePaths: a name behind the path stays in the folder", () => {
  const rows: [v: string, name: string, expected: string | undefined][] = [
    ["a/", "b.txt", "/srv/a/b.txt"],
    ["a/", "/b.txt", "/srv/a/b.txt"],
    ["a/", "", "/srv/a/"],
    ["a", "/b.txt", "/srv/a/b.txt"],
    ["a", "b.txt", undefined],
    ["a", "", "/srv/a"],
    ["a/", "../b.txt", undefined],
    ["a/", "b/../../c", undefined],
    ["..", "/b.txt", undefined],
  ];
  for (const [v, name, expected] of rows) {
    const { behind } = wholePaths(folder("/srv/$v"));
    assertEquals(behind!({ v }, name), expected, `${v} ${name}`);
    const named = wholePaths(folder("/srv/$v"), () => name);
    assertEquals(named.pathOf({ v }, "/any"), expected, `${v} ${name}`);
  }
});

Deno.test("leadsUp: what a variable brings along, not what is written", () => {
  const rows: [text: string, v: string, expected: boolean][] = [
    ["/srv/../x", "", false],
    ["/srv/$v", "a/b", false],
    ["/srv/$v", "..", true],
    ["/srv/$v", "a/../..", true],
    ["/srv/../$v", "a", false],
    ["/srv/../$v", "../a", true],
    ["/srv/.$v", ".", true],
    ["/srv/$v", "..a", false],
  ];
  for (const [text, v, expected] of rows) {
    const { template } = folder(text);
    const value = template.evaluate({ v });
    assertEquals(leadsUp(template, value), expected, value);
  }
});
