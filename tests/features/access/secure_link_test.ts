import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createHash } from "node:crypto";
import { request, serverOf, valuesOf } from "../../support/module_support.ts";

function md5(text: string, encoding: "base64url" | "hex"): string {
  return createHash("md5").update(text).digest(encoding);
}

const NOW = Math.floor(Date.now() / 1000);

/** A link to `/a` that expires at `expires`, by the secret `s3`. */
function link(expires: number | string, secret = "s3"): string {
  const checksum = md5(`${expires}/a ${secret}`, "base64url");
  return `/a?m=${checksum}&e=${expires}`;
}

Deno.test("$secure_link is 1 for a good link, 0 for one that is over", async () => {
  await using server = serverOf(`location / {
    secure_link $arg_m,$arg_e;
    secure_link_md5 "$secure_link_expires$uri s3";
    return 200 "[$secure_link][$secure_link_expires]";
  }`);
  const good = link(NOW + 60);
  const rows: [target: string, shown: string][] = [
    [good, `[1][${NOW + 60}]`],
    [link(NOW - 60), `[0][${NOW - 60}]`],
    [link(NOW + 60, "other"), `[][${NOW + 60}]`],
    [good.replace("/a", "/b"), `[][${NOW + 60}]`],
    [good.replace("&e=", "=&e="), `[1][${NOW + 60}]`],
    [good.replace("&e=", "==&e="), `[1][${NOW + 60}]`],
    [good.replace("&e=", "===&e="), `[][${NOW + 60}]`],
    [good.replace("&e=", "x&e="), `[][${NOW + 60}]`],
    [good.replace(/e=\d+/, "e=9"), "[][9]"],
    [link("0"), "[][]"],
    [link("x"), "[][]"],
    [link(""), "[][]"],
    ["/a", "[][]"],
  ];
  for (const [target, shown] of rows) {
    const { body } = await request(server, target);
    assertEquals(new TextDecoder().decode(body), shown, target);
  }
});

Deno.test("$secure_link of the old form is what the link is for", async () => {
  await using server = serverOf(`
    location /p/ { secure_link_secret w; return 200 "[$secure_link]"; }
    location /none/ { return 200 "[$secure_link]"; }
  `);
  const sum = md5("x/y.txtw", "hex");
  const rows: [target: string, shown: string][] = [
    [`/p/${sum}/x/y.txt`, "[x/y.txt]"],
    [`/p/${sum.toUpperCase()}/x/y.txt`, "[x/y.txt]"],
    [`/p/${sum}/x/z.txt`, "[]"],
    [`/p/${sum}/x/y.txt?a`, "[]"],
    [`/p/${md5("x?aw", "hex")}/x?a`, "[x?a]"],
    [`/p/${md5("w", "hex")}/`, "[]"],
    [`/p/${sum.slice(1)}/x/y.txt`, "[]"],
    [`/p/`, "[]"],
    [`/none/${sum}/x/y.txt`, "[]"],
  ];
  for (const [target, shown] of rows) {
    const { body } = await request(server, target);
    assertEquals(new TextDecoder().decode(body), shown, target);
  }
});

Deno.test("the forms of secure_link cannot be mixed in a location", () => {
  for (const other of ["secure_link $arg_m;", "secure_link_md5 x;"]) {
    const text = `location / { secure_link_secret w; ${other} }`;
    const error = assertThrows(() => serverOf(text), Error);
    assertStringIncludes(
      error.message,
      '"secure_link_secret" cannot be mixed with "secure_link" and ' +
        '"secure_link_md5" in ',
    );
  }
});

Deno.test("locations that say nothing themselves inherit secure_link, all of them", async () => {
  await using server = serverOf(`
    secure_link $arg_m;
    secure_link_md5 "$arg_k s3";
    add_header X-Link "[$secure_link]" always;
    location /a {}
    location /b {}
    location /c { location /c/d {} }`);
  for (const path of ["/", "/a", "/b", "/c", "/c/d"]) {
    const checksum = md5("x s3", "base64url");
    const response = await request(server, `${path}?m=${checksum}&k=x`);
    assertEquals(valuesOf(response, "x-link"), ["[1]"], path);
  }
});
