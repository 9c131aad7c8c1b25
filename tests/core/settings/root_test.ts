import { assertEquals } from "@std/assert";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import { byteString } from "../../../src/http/byte_string.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { Server } from "../../../src/server/server.ts";
import { InProcessServer } from "../../support/in_process_server.ts";
import { get } from "../../support/raw_client.ts";
import { writeFiles } from "../../support/server_process.ts";
import { serverError } from "../../support/config_support.ts";
import { assertAnswers, type Row, serve } from "../../support/serving.ts";

const FILES = {
  "www/a.txt": "www a",
  "www/sub/b.txt": "www b",
  "data/img/pic.txt": "pic",
  "data/img/index.html": "images",
  "data/secret.txt": "secret",
  "data/one.txt": "one",
  "users/ann/pub/page.txt": "ann",
  "sites/a.example/index.html": "site a",
  "sites/.hidden/index.html": "hidden site",
};

Deno.test("alias: prefix, exact and regex locations", async () => {
  await using server = serve(
    `
    location /img/ { alias data/img/; }
    location /noslash { alias data/img; }
    location /mixed { alias data/img/; }
    location /slash/ { alias data/img; }
    location = /exact.txt { alias data/one.txt; }
    location /file.txt { alias data/one.txt; }
    location ~ ^/~(\\w+)/(.*)$ { alias users/$1/pub/$2; }
    location /outer/ { alias data/; location /outer/img/ { } }
    `,
    FILES,
  );
  await assertAnswers(server, [
    ["/img/pic.txt", "200", "pic"],
    ["/img/", "200", "images"],
    ["/img../secret.txt", "404"],
    ["/img/../../data/secret.txt", "400"],
    ["/noslash/pic.txt", "pic"],
    ["/noslash", "301", "location: http://a.example:PORT/noslash/"],
    ["/noslash../secret.txt", "404"],
    ["/noslashpic.txt", "404"],
    ["/mixed/pic.txt", "pic"],
    ["/mixed../secret.txt", "404"],
    ["/mixedpic.txt", "404"],
    ["/slash/pic.txt", "pic"],
    ["/exact.txt", "one"],
    ["/exact.txt/", "404"],
    ["/file.txt", "one"],
    ["/file.txt/x", "404"],
    ["/file.txtx", "404"],
    ["/~ann/page.txt", "ann"],
    ["/~ann/", "403"],
    ["/~bob/page.txt", "404"],
    ["/~ann/%2e%2e/secret", "404"],
    ["/outer/secret.txt", "secret"],
    ["/outer/img/pic.txt", "pic"],
    ["/sub/b.txt", "www b"],
  ]);
});

Deno.test("root: variables choose the folder and do not lead out of it", async () => {
  await using server = serve(
    `
    location / { root sites/$host; }
    location /arg/ { root $arg_root; }
    `,
    { ...FILES, "sites/a.example/arg/x.txt": "x" },
  );
  const { folder } = server;
  await assertAnswers(server, [
    ["/", "200", "site a"],
    ["/ | Host: A.Example:99", "site a"],
    ["/ | Host: b.example", "404"],
    ["/ | Host: .hidden", "400"],
    ["/a.txt | Host: ..", "400"],
    [`/arg/x.txt?root=${folder}/sites/a.example`, "x"],
    ["/arg/x.txt?root=sites/a.example", "x"],
    ["/arg/x.txt?root=sites/../sites/a.example", "404"],
    ["/arg/x.txt", "404"],
  ]);
});

Deno.test("root and alias: $document_root, $realpath_root, $request_filename", async () => {
  await using server = serve(
    `
    location /x/ { return 200 "$document_root $request_filename"; }
    location /al/ { alias data/; return 200 "$document_root $request_filename"; }
    location /as { alias data; return 200 "$document_root $request_filename"; }
    location /link/ { root link; return 200 "$document_root $realpath_root"; }
    location ~ ^/c(.)(.) { return 200 "$1 $2 \${1}0 $3"; }
    `,
    FILES,
  );
  const { folder } = server;
  Deno.symlinkSync("www", `${folder}/link`);
  await assertAnswers(server, [
    ["/x/a", `${folder}/www ${folder}/www/x/a`],
    ["/al/a", `${folder}/data/ ${folder}/data/a`],
    ["/as/a", `${folder}/data ${folder}/data/a`],
    ["/link/a", `${folder}/link ${folder}/www`],
    ["/cab", "a b a0 "],
  ]);
});

Deno.test("without root there is html under the prefix", async () => {
  await using server = new InProcessServer({
    config: `access_log off; server {
      listen 127.0.0.1:0; http2 on;
      location /say { return 200 "$document_root|$request_filename"; }
      location /try/ { try_files /index.html =403; }
      location /img/ { alias data/img/; }
      location /own/ { root www; }
    }`,
    files: { ...FILES, "html/index.html": "html", "www/own/x.txt": "own" },
  });
  await assertAnswers(server, [
    ["/", "200", "html"],
    ["/index.html", "html"],
    ["/missing", "404"],
    ["/say", `${server.folder}/html|${server.folder}/html/say`],
    ["/try/x", "html"],
    ["/img/pic.txt", "pic"],
    ["/own/x.txt", "own"],
  ]);
});

Deno.test("the name of the prefix may hold any character", async () => {
  const parent = Deno.realPathSync(Deno.makeTempDirSync());
  const prefix = `${parent}/US$ 2024 $host \${uri} {;} "'\\\n#ü*[a]`;
  writeFiles(prefix, {
    "www/a.txt": "a",
    "sites/a.example/b.txt": "b",
    "data/c.txt": "c",
    "html/d.txt": "d",
  });
  const config = (directives: string) =>
    `access_log off; server { listen 127.0.0.1:0; ${directives} }`;
  const rows: [directives: string, path: string, text: string][] = [
    ["root www;", "/a.txt", "a"],
    ["root www/; try_files /a.txt =404;", "/x", "a"],
    ["root ./sites/$host;", "/b.txt", "b"],
    ["root sites//$host/;", "/b.txt", "b"],
    ["location /al/ { alias data/; }", "/al/c.txt", "c"],
    ["location ~ /re/(.*) { alias data/$1; }", "/re/c.txt", "c"],
    ["root .;", "/www/a.txt", "a"],
    ["", "/d.txt", "d"],
    ["root www; return 200 $document_root;", "/", `${prefix}/www`],
    [
      "root www/$host; return 200 $document_root;",
      "/",
      `${prefix}/www/a.example`,
    ],
  ];
  for (const [directives, path, text] of rows) {
    const server = new Server();
    const file = `${prefix}/webserv.conf`;
    const statements = parseConfig(config(directives), file);
    const configuration = readConfiguration(
      { file, prefix, statements },
      () => {},
    );
    server.serve(prepareGeneration(configuration, () => {}));
    try {
      const answer = await get(server.addresses[0]!.port, path);
      assertEquals(answer.text, byteString(text), directives);
    } finally {
      await server.stop();
    }
  }
  Deno.removeSync(parent, { recursive: true });
});

Deno.test("bytes that are not UTF-8 name no file", async () => {
  await using server = serve(
    `location /root/ { root $arg_d; }
     location /alias { alias data/$arg_d; }
     location /try { try_files /$arg_d =404; }
     location /rewrite { rewrite ^ /$arg_d break; }
     location /index/ { index $arg_d; alias www/; }
     location /if { if (-e www/$arg_d) { return 200 yes; } return 404; }`,
    { "www/\ufffd": "other", "data/\ufffd": "other" },
  );
  const { folder } = server;
  const named = encodeURI("\ufffd").replace(
    /%(..)/g,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  const paths = ["/alias?d=", "/try?d=", "/rewrite?d=", "/if?d="];
  await assertAnswers(server, [
    ...paths.map((path): Row => [`${path}\xff`, "404"]),
    ["/index/?d=\xff", "403"],
    [`/root/x?d=${folder}/www/\xff`, "404"],
    ...paths.map((path): Row => [path + named, "200"]),
  ]);
});

Deno.test("root and alias refuse what makes no sense", () => {
  const rows: [directives: string, message: string][] = [
    [
      "location / { root a; alias b; }",
      '"alias" directive is duplicate, "root" directive was specified earlier',
    ],
    [
      "location / { alias a; root b; }",
      '"root" directive is duplicate, "alias" directive was specified earlier',
    ],
    ["alias a;", '"alias" directive is not allowed here'],
    [
      "location @n { alias a; }",
      'the "alias" directive cannot be used inside the named location',
    ],
    [
      "root $document_root/x;",
      'the $document_root variable cannot be used in the "root" directive',
    ],
    [
      "location / { alias $request_filename; }",
      'the $request_filename variable cannot be used in the "alias" directive',
    ],
    ["root sites/$nope;", 'unknown "nope" variable'],
    [
      "root sites/$host/../x;",
      '".." and variables cannot be mixed in the "root" directive',
    ],
  ];
  for (const [directives, message] of rows) {
    assertEquals(serverError(directives), `${message} in x.conf:1`, directives);
  }
});
