/** A browser, and a page of a hundred resources over TLS and HTTP/2. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { Authority } from "../support/certificates.ts";
import { Chromium } from "../support/chromium.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import { isInstalled } from "../support/programs.ts";
import { eventually } from "../support/server_process.ts";

/** How many resources there are of each kind: a hundred without fonts. */
const COUNTS = { css: 20, js: 20, svg: 40, bin: 20 } as const;

/** A font of this system, which pages ask for as well where there is one. */
const FONT = [
  "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
  "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
].find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/**
 * How long each of the large answers is, in bytes: all of them are more than
 * Chromium lets come without reading, so that none is over before it is late.
 */
const LARGE_BYTES = 3_000_000;

function names(kind: keyof typeof COUNTS): string[] {
  return Array.from(
    { length: COUNTS[kind] },
    (_, at) => `${kind}${at}.${kind}`,
  );
}

/** Every style sheet colours one of the boxes, every script counts itself. */
function files(): Record<string, string | Uint8Array> {
  const image =
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">' +
    '<circle cx="10" cy="10" r="9" fill="green"/></svg>';
  const page = `<!doctype html><title>hundred</title>
    ${names("css").map((n) => `<link rel=stylesheet href=${n}>`).join("")}
    ${names("js").map((n) => `<script src=${n}></script>`).join("")}
    <style>@font-face { font-family: own; src: url(font.ttf) }
    p { font-family: own } b { display: inline-block; width: 20px; height: 20px }
    </style><p>a hundred resources</p>
    ${names("css").map((_, at) => `<b class=c${at}></b>`).join("")}<br>
    ${names("svg").map((n) => `<img src=${n}>`).join("")}`;
  return {
    "www/index.html": page,
    ...Object.fromEntries(
      names("css").map((name, at) => [
        `www/${name}`,
        `.c${at} { background: rgb(0, 0, ${200 + at}) } /*${
          "x".repeat(20_000)
        }*/`,
      ]),
    ),
    ...Object.fromEntries(
      names("js").map((name) => [
        `www/${name}`,
        `self.count = (self.count ?? 0) + 1; /*${"x".repeat(20_000)}*/`,
      ]),
    ),
    ...Object.fromEntries(
      names("svg").map((name) => [
        `www/${name}`,
        `${image}<!--${"x".repeat(40_000)}-->`,
      ]),
    ),
    ...Object.fromEntries(
      names("bin").map((name) => [`www/${name}`, new Uint8Array(LARGE_BYTES)]),
    ),
    "www/urgent.txt": new Uint8Array(LARGE_BYTES),
    ...(FONT === undefined ? {} : { "www/font.ttf": Deno.readFileSync(FONT) }),
  };
}

interface Entry {
  readonly name: string;
  readonly nextHopProtocol: string;
  readonly responseStatus: number;
  readonly decodedBodySize: number;
}

const CHROMIUM = isInstalled("chromium");
if (!CHROMIUM) {
  console.log("Chromium is not installed: a page in a browser is left out");
}

Deno.test({
  name: "Chromium loads a page of a hundred resources by HTTP/2, and the " +
    "urgent ones first" + (CHROMIUM ? "" : " (left out: no Chromium)"),
  ignore: !CHROMIUM,
  async fn() {
    using authority = await Authority.create();
    await authority.issue("a", "a.example", 1);
    const contents = files();
    await using server = new InProcessServer({
      config: `
        error_log stderr emerg;
        http {
          log_format order "$uri $status $server_protocol $connection";
          access_log log order; http2 on; root www;
          server {
            listen 127.0.0.1:0 ssl;
            ssl_certificate ${authority.path("a.crt")};
            ssl_certificate_key ${authority.path("a.key")};
            location = /favicon.ico { access_log off; return 204; }
          }
        }`,
      files: contents,
    });
    const log = `${server.folder}/log`;
    const logged = () =>
      Deno.readTextFileSync(log).split("\n").filter(Boolean)
        .map((line) => line.split(" "));
    const order = () => logged().map(([uri = ""]) => uri);
    await using browser = await Chromium.start();
    await browser.open(`https://127.0.0.1:${server.port}/`);
    await browser.evaluate("document.fonts.ready.then(() => 0)");

    const entries = await browser.evaluate<Entry[]>(
      `[...performance.getEntriesByType("navigation"),
        ...performance.getEntriesByType("resource")].map((entry) => entry.toJSON())`,
    );
    const fonts = FONT === undefined ? [] : ["font.ttf"];
    const expected = [
      ...["", ...names("css"), ...names("js"), ...names("svg"), ...fonts],
    ];
    const shown = entries.filter(({ name }) => !name.endsWith("favicon.ico"))
      .filter(({ name }) => FONT !== undefined || !name.endsWith("font.ttf"));
    assertEquals(
      shown.map(({ name }) => new URL(name).pathname.slice(1)).toSorted(),
      expected.toSorted(),
    );
    for (const entry of shown) {
      const { name, nextHopProtocol, responseStatus, decodedBodySize } = entry;
      const path = new URL(name).pathname.slice(1) || "index.html";
      assertEquals(
        [path, nextHopProtocol, responseStatus, decodedBodySize],
        [path, "h2", 200, contents[`www/${path}`]!.length],
      );
    }
    // Everything does what it is for.
    assertEquals(await browser.evaluate("count"), COUNTS.js);
    assertEquals(
      await browser.evaluate(
        `[...document.querySelectorAll("b")].map((box, at) =>
          getComputedStyle(box).backgroundColor ===
            \`rgb(0, 0, \${200 + at})\`).filter(Boolean).length`,
      ),
      COUNTS.css,
    );
    assertEquals(
      await browser.evaluate(
        `[...document.images].filter((image) => image.naturalWidth === 20).length`,
      ),
      COUNTS.svg,
    );
    if (FONT !== undefined) {
      assert(await browser.evaluate(`document.fonts.check("12px own")`));
    }
    const image = await browser.screenshot();
    assertEquals(
      [...image.subarray(1, 4)],
      [..."PNG"].map((c) => c.charCodeAt(0)),
    );
    const keep = Deno.env.get("WEBSERV_SCREENSHOT");
    if (keep !== undefined) Deno.writeFileSync(keep, image);

    // What is urgent overtakes what is as large and was asked for before.
    await browser.evaluate(`(async () => {
      const large = ${JSON.stringify(names("bin"))}
        .map((name) => fetch(name, { priority: "low" }));
      await Promise.all(large);
      const urgent = fetch("urgent.txt", { priority: "high" });
      await urgent;
      const bodies = await Promise.all([...large, urgent]
        .map(async (response) => (await (await response).bytes()).length));
      return bodies.reduce((sum, length) => sum + length, 0);
    })()`);
    await eventually(
      () => names("bin").every((name) => order().includes(`/${name}`)),
      "all is logged",
    );
    const large = order().filter((uri) => uri.endsWith(".bin"));
    const ended = order().slice(0, order().indexOf("/urgent.txt"))
      .filter((uri) => large.includes(uri));
    assertLess(ended.length, large.length / 2, order().join(" "));
    assertEquals(
      new Set(logged().map(([, , protocol]) => protocol)),
      new Set(["HTTP/2.0"]),
    );
  },
});
