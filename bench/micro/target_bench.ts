import { normalizePath, parseTarget } from "../../src/http/target.ts";

const TARGETS = {
  "plain": "/images/photos/2024/cat.jpg",
  "with a query": "/search/results.html?q=static+server&page=2",
  "escaped": "/a%20file/caf%C3%A9.html",
  "with dots": "/a/b/../c/./d//e.html",
};

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.bench({
    name: `parseTarget() and normalizePath(), ${name}`,
    group: "target",
    baseline: name === "plain",
    fn() {
      const parsed = parseTarget(target);
      if (parsed.form !== "origin") throw new Error(parsed.form);
      normalizePath(parsed.path, { mergeSlashes: true });
    },
  });
}
