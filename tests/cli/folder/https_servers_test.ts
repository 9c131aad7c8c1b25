import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { folderSource } from "../../../src/cli/folder/folder_source.ts";
import { statementsText } from "../../../src/cli/folder/statements.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

/** The configuration that words stand for, with state in `/state`. */
function textFor(...words: string[]): string {
  const folder = Deno.makeTempDirSync();
  try {
    const args = parseArguments([folder, "--state", "/state", ...words]);
    return statementsText(folderSource(args, folder).statements ?? []);
  } finally {
    Deno.removeSync(folder);
  }
}

const BASE = `\
    root .;
    absolute_redirect off;
    access_log /dev/stdout;
`;

const CLEAN_URLS = `\
    location / {
        try_files $uri $uri.html $uri/ =404;
    }
`;

/** What is published: nothing is listed, and files may be kept. */
const PUBLISHED = `${BASE}    autoindex off;
${CLEAN_URLS}`;

/** What is looked at. */
const PREVIEW = `${
  BASE.replace("/dev/stdout;", "/dev/stdout combined buffer=1;")
}    autoindex on;
    autoindex_format page;
    autoindex_localtime on;
    autoindex_page_size 500;
    autoindex_header HEADER.md HEADER.txt HEADER;
    autoindex_readme README.md README.txt README readme.md readme.txt;
    open_file_cache off;
    open_file_cache_errors off;
    etag content;
    add_header Cache-Control no-cache always;
${CLEAN_URLS}`;

Deno.test("--tls is a server with the certificate that is made here", () => {
  assertEquals(
    textFor("--tls"),
    `\
server {
    listen 8443 ssl;
    listen [::]:8443 ssl;
    http2 on;
    ssl_certificate /state/self-made.pem;
    ssl_certificate_key /state/self-made.pem;
${PREVIEW}}
`,
  );
});

Deno.test("-d is an issuer, a server, and one that sends people there", () => {
  assertEquals(
    textFor("-d", "example.org", "-d", "www.example.org"),
    `\
acme_issuer letsencrypt {
    uri https://acme-v02.api.letsencrypt.org/directory;
    state_path /state/acme/letsencrypt;
    accept_terms_of_service;
}
server {
    listen 443 ssl;
    listen [::]:443 ssl;
    http2 on;
    server_name example.org www.example.org;
    acme_certificate letsencrypt;
    ssl_certificate $acme_certificate;
    ssl_certificate_key $acme_certificate_key;
${PUBLISHED}}
server {
    listen 80;
    listen [::]:80;
    server_name example.org www.example.org;
    access_log /dev/stdout;
    return 301 https://$host$request_uri;
}
`,
  );
});

Deno.test("-d asks the authority that is named, at ports that are", () => {
  const text = textFor(
    ...["-d", "a.lan", "--email", "me@a.lan", "--http", "127.0.0.1:8080"],
    ...["--issuer", "https://ca.lan:9000/acme/dir", "--issuer-ca", "/ca.crt"],
    ...["-l", "[::1]:8443"],
  );
  const rows = [
    "acme_issuer ca.lan {",
    "uri https://ca.lan:9000/acme/dir;",
    "contact me@a.lan;",
    "state_path /state/acme/ca.lan;",
    "ssl_trusted_certificate /ca.crt;",
    "listen [::1]:8443 ssl;",
    "listen 127.0.0.1:8080;",
  ];
  for (const row of rows) {
    assertEquals(text.split(row).length, 2, `${row} in ${text}`);
  }
  const staging = textFor("-d", "example.org", "--staging");
  assertEquals(
    staging.match(/\S*staging\S*/g),
    [
      "letsencrypt-staging",
      "https://acme-staging-v02.api.letsencrypt.org/directory;",
      "/state/acme/letsencrypt-staging;",
      "letsencrypt-staging;",
    ],
  );
});

Deno.test("a folder of state that would be a variable is told", () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const state = `${folder}/a$b`;
  const args = parseArguments([folder, "--tls", "--state", state]);
  const error = assertThrows(() => folderSource(args, folder), UsageError);
  assertEquals(
    error.message,
    `the certificate cannot be kept at "${state}/self-made.pem": "$" begins a ` +
      'variable there; say where else with "--state DIR"',
  );
  Deno.removeSync(folder);
});

Deno.test("addresses and URLs that are none are told by their option", () => {
  const rows: [words: string[], message: string][] = [
    [
      ["-d", "a.example", "--http", "x"],
      'invalid option: "--http x", expected [address:]port',
    ],
    [
      ["-d", "a.example", "-l", "70000"],
      'invalid option: "-l 70000", expected [address:]port',
    ],
    [["--tls", "-l", "x"], 'invalid option: "-l x", expected [address:]port'],
    ...["letsencrypt", "http://ca.example/", "https://"].map((
      url,
    ): [string[], string] => [
      ["-d", "a.example", "--issuer", url],
      `invalid option: "--issuer ${url}", expected the URL of an ACME ` +
      "directory, https://...",
    ]),
  ];
  for (const [words, message] of rows) {
    const error = assertThrows(() => textFor(...words), UsageError);
    assertEquals(error.message, message);
  }
});
