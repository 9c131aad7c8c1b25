import { assertEquals } from "@std/assert";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { toldOf } from "../../../src/server/setup/process_settings.ts";

const PREFIX = Deno.realPathSync(Deno.makeTempDirSync());
for (const name of ["key.pem", "file", "ca.pem", "x.pem"]) {
  Deno.writeTextFileSync(`${PREFIX}/${name}`, "");
}

/** What is said of the content of `http`: the error, or the warnings. */
function said(text: string): string {
  const warnings: string[] = [];
  const warn = (message: string) => void warnings.push(message);
  try {
    const configuration = readConfiguration({
      file: "x.conf",
      statements: parseConfig(`http { access_log off; ${text} }`, "x.conf"),
      prefix: PREFIX,
    }, warn);
    prepareGeneration(configuration, warn).environment.logs.close();
  } catch (error) {
    return (error as Error).message.replaceAll(PREFIX, "");
  }
  return warnings.join("; ");
}

const ISSUER = (inside = "") =>
  `acme_issuer le { uri https://ca.test/dir; ${inside} }`;

const SERVER = (inside: string) =>
  `server { listen 443 ssl; ${inside}
   ssl_certificate $acme_certificate;
   ssl_certificate_key $acme_certificate_key; }`;

const EVERYWHERE = "ssl_certificate $acme_certificate; " +
  "ssl_certificate_key $acme_certificate_key;";

const OWN =
  "server { listen 443 ssl; server_name a.test; acme_certificate le; }";

const IN = " in x.conf:1";

Deno.test("an issuer takes nginx's directives, and what else is said is an error", () => {
  const rows: [string, string][] = [
    ["contact a@b.test;", ""],
    ["contact mailto:a@b.test tel:+123 https://b.test/x;", ""],
    ["contact nobody;", `invalid contact "nobody"${IN}`],
    ["contact mailto:nobody@;", `invalid contact "mailto:nobody@"${IN}`],
    ["state_path off;", ""],
    ["state_path x/y;", ""],
    ["accept_terms_of_service;", ""],
    [
      "accept_terms_of_service on;",
      `invalid number of arguments in "accept_terms_of_service" directive${IN}`,
    ],
    ["account_key rsa;", ""],
    ["account_key ecdsa:521;", ""],
    ["account_key key.pem;", ""],
    ["account_key rsa:1024;", `unsupported key type "rsa:1024"${IN}`],
    ["account_key ed25519;", `unsupported key type "ed25519"${IN}`],
    ["external_account_key kid file;", ""],
    ["external_account_key kid data:abc-_;", ""],
    [
      "external_account_key kid data:a+b;",
      `invalid external account key${IN}`,
    ],
    ["challenge http-01;", ""],
    ["challenge tls-alpn;", ""],
    ["challenge dns-01;", `unsupported challenge "dns-01"${IN}`],
    ["preferred_chain 'Root X1';", ""],
    ["profile shortlived;", ""],
    ["profile shortlived require;", ""],
    ["profile shortlived please;", `invalid parameter "please"${IN}`],
    ["resolver 127.0.0.1:53; resolver_timeout 5s;", ""],
    ["ssl_trusted_certificate ca.pem; ssl_verify on;", ""],
    ["ssl_verify off;", `"ssl_verify off" is not supported by webserv${IN}`],
    ["uri https://b.test/;", `"uri" directive is duplicate${IN}`],
    ["root x;", `"root" directive is not allowed here${IN}`],
  ];
  for (const [text, message] of rows) {
    const found = said(
      `${ISSUER(text)} ${SERVER("server_name a.test; acme_certificate le;")}`,
    );
    assertEquals(found, message, text);
  }
});

Deno.test("an issuer has a name of its own and a directory", () => {
  const rows: [string, string][] = [
    [
      "acme_issuer le { }",
      `no "uri" is defined for ACME issuer "le"${IN}`,
    ],
    [
      "acme_issuer le { uri http://ca.test/; }",
      `invalid ACME directory URL "http://ca.test/"${IN}`,
    ],
    [
      "acme_issuer le { uri ca.test; }",
      `invalid ACME directory URL "ca.test"${IN}`,
    ],
    [`${ISSUER()} ${ISSUER()}`, `duplicate ACME issuer "le"${IN}`],
    [
      `${ISSUER("state_path x/;")} ${
        ISSUER("state_path x;").replace(" le ", " other ")
      } ${SERVER("server_name a.test; acme_certificate le;")}`,
      `state_path "/x" is used by ACME issuer "le"${IN}`,
    ],
    [
      "acme_issuer ../x { uri https://ca.test/; }",
      `invalid ACME issuer name "../x"${IN}`,
    ],
    [
      SERVER("server_name a.test; acme_certificate le;"),
      `ACME issuer "le" not found${IN}`,
    ],
    [
      `${ISSUER()} ${SERVER("server_name a.test; acme_certificate other;")}`,
      `ACME issuer "other" not found${IN}`,
    ],
    [
      `${ISSUER()} ${SERVER("server_name a.test;")}`,
      `no "acme_certificate" is defined for "$acme_certificate" in x.conf:2`,
    ],
    [
      `${ISSUER()} server { listen 443 ssl; server_name a.test;
       acme_certificate le; }`,
      'no "ssl_certificate" is defined for the "listen ... ssl" directive' +
      IN,
    ],
    [
      `${ISSUER()} server { listen 80; server_name a.test;
       acme_certificate le; }`,
      "",
    ],
    [
      `${ISSUER()} server { listen 443 ssl; server_name a.test;
       acme_certificate le; ssl_certificate $acme_certificate; }`,
      'no "ssl_certificate_key" is defined for certificate ' +
      `"$acme_certificate" in x.conf:2`,
    ],
    [
      `${ISSUER()} server { listen 443 ssl; server_name a.test;
       acme_certificate le; ssl_certificate $acme_certificate;
       ssl_certificate_key a.key; }`,
      '"/a.key" does not go with "$acme_certificate" in x.conf:3',
    ],
    // What http says is for all servers.
    [`${ISSUER()} ${EVERYWHERE} ${OWN} server { listen 80; }`, ""],
    [
      `${ISSUER()} ${EVERYWHERE} ${OWN}
       server { listen 443; server_name b.test; }`,
      `no "acme_certificate" is defined for "$acme_certificate"${IN}`,
    ],
    [
      `${ISSUER()} ${EVERYWHERE} ${OWN} server { listen 80; }
       server { listen unix:/x ssl; server_name b.test; }`,
      `no "acme_certificate" is defined for "$acme_certificate"${IN}`,
    ],
    [
      `${ISSUER()} server { listen 80; server_name a.test;
       ssl_certificate $acme_certificate;
       ssl_certificate_key $acme_certificate_key; }`,
      `no "acme_certificate" is defined for "$acme_certificate" in x.conf:2`,
    ],
    [
      "acme_shared_zone zone=x:8k;",
      `zone "x" is too small${IN}`,
    ],
    ["acme_shared_zone x;", `invalid parameter "x"${IN}`],
    [
      `acme_shared_zone zone=x:1m; ${ISSUER()} ${
        SERVER("server_name a.test; acme_certificate le;")
      }`,
      "",
    ],
    [
      `limit_conn_zone $uri zone=ngx_acme_shared:256k; ${ISSUER()} ${
        SERVER("server_name a.test; acme_certificate le;")
      }`,
      'the shared memory zone "ngx_acme_shared" is already declared for a ' +
      `different use${IN}`,
    ],
  ];
  for (const [text, message] of rows) assertEquals(said(text), message, text);
});

Deno.test("a certificate is for names and addresses that can be proved", () => {
  const NO = (name: string) => `no certificate for "${name}" can be asked for`;
  const BAD = (name: string) =>
    `"${name}" is no name or address that a certificate can be for`;
  const rows: [server: string, message: string][] = [
    ["server_name a.test b.test; acme_certificate le;", ""],
    ["server_name A.Test.; acme_certificate le;", ""],
    ["server_name _ ''; acme_certificate le a.test;", ""],
    ["server_name '~^x' a.test; acme_certificate le;", ""],
    ["server_name *.a.test; acme_certificate le a.test;", ""],
    ["acme_certificate le 192.0.2.1 2001:db8::1 [2001:db8::2];", ""],
    ["acme_certificate le a.test key=rsa:4096;", ""],
    ["acme_certificate le a.test key=x.pem;", ""],
    ["acme_certificate le xn--mnchen-3ya.test;", ""],
    ["server_name *.a.test; acme_certificate le;", NO("*.a.test")],
    ["server_name .a.test; acme_certificate le;", NO(".a.test")],
    ["server_name www.*; acme_certificate le;", NO("www.*")],
    ["acme_certificate le *.a.test;", NO("*.a.test")],
    [
      "acme_certificate le;",
      "no identifiers found for ACME certificate",
    ],
    [
      "server_name _ ~x; acme_certificate le;",
      "no identifiers found for ACME certificate",
    ],
    ["acme_certificate le a_b.test;", BAD("a_b.test")],
    ["acme_certificate le münchen.test;", BAD("münchen.test")],
    ["acme_certificate le -a.test;", BAD("-a.test")],
    ["acme_certificate le 1.2.3;", BAD("1.2.3")],
    [
      `acme_certificate le ${"a".repeat(64)}.test;`,
      BAD(`${"a".repeat(64)}.test`),
    ],
    [
      "acme_certificate le a.test key=rsa:1000;",
      'unsupported key type "rsa:1000"',
    ],
  ];
  for (const [text, message] of rows) {
    const found = said(`${ISSUER()} ${SERVER(text)}`);
    assertEquals(found, message === "" ? "" : `${message}${IN}`, text);
  }
});

Deno.test("what would be asked for is told, and whether anybody could come for the proof", () => {
  const told = (text: string) => {
    const configuration = readConfiguration({
      file: "x.conf",
      statements: parseConfig(`http { ${text} }`, "x.conf"),
      prefix: PREFIX,
    }, () => {});
    return toldOf(configuration);
  };
  const server = SERVER("server_name a.test b.test; acme_certificate le;");
  const asked = '"le" is asked for a certificate for a.test, b.test by ';
  const NOBODY =
    "nothing here listens on port 80, where it comes for the proof";
  const may = (at: string, port = 80) =>
    `nothing here listens on port ${port} of ${at}, where it may come for ` +
    "the proof";
  const alone = (at: string, port = 80) =>
    `port ${port} is open to this machine alone (${at}), and it comes from ` +
    "elsewhere for the proof";
  const WITH = "port 80 speaks TLS here, and it comes without for the proof";
  const WITHOUT =
    "port 443 speaks no TLS here, and it comes with TLS for the proof";
  const both = "listen 443 ssl; listen [::]:443 ssl;";
  const faults: [listens: string, others: string, fault: string][] = [
    ["listen unix:/x ssl;", "server { listen unix:/y; }", NOBODY],
    ["listen 443 ssl;", "server { listen 8080; }", NOBODY],
    ["listen 443 ssl;", "server { listen 127.0.0.1:80; }", alone("127.0.0.1")],
    ["listen 443 ssl;", "server { listen [::1]:80; }", alone("::1")],
    ["listen 443 ssl;", "server { listen 127.0.0.1:80; listen 80; }", ""],
    ["listen 80 ssl;", "", WITH],
    ["listen 80 ssl;", "server { listen 80; server_name b.test; }", WITH],
    ["listen 443 ssl;", "server { listen 80 quic; }", NOBODY],
    ["listen 192.0.2.1:443 ssl;", "server { listen 80; }", ""],
    [
      "listen 192.0.2.1:443 ssl;",
      "server { listen 192.0.2.2:80; }",
      may("192.0.2.1"),
    ],
    ["listen 192.0.2.1:443 ssl;", "server { listen 192.0.2.1:80; }", ""],
    ["listen 443 ssl;", "server { listen 192.0.2.2:80; }", ""],
    [both, "server { listen 80; }", may("IPv6")],
    [both, "server { listen [::1]:80; listen 80; }", may("IPv6")],
    [both, "server { listen 80; listen [2001:db8::1]:80; }", ""],
    [both, "server { listen [::]:80; }", ""],
    ["listen 443;", "server { listen 80; } #alpn", WITHOUT],
    ["listen 8443 ssl;", "server { listen 443 ssl; } #alpn", ""],
    [
      "listen 127.0.0.1:443 ssl;",
      "server { listen 80; } #alpn",
      alone("127.0.0.1", 443),
    ],
    [
      "listen 192.0.2.1:8443 ssl;",
      `${server.replace("listen 443", "listen 192.0.2.2:443")} #alpn`,
      may("192.0.2.1", 443),
    ],
  ];
  const rows: [string, string[]][] = [
    ["server { listen 80; }", []],
    [`${ISSUER()} server { listen 80; }`, []],
    [`${ISSUER()} ${server} server { listen 80; }`, [`${asked}HTTP-01`]],
    [`${ISSUER()} ${server} server { }`, [`${asked}HTTP-01`]],
    [`${ISSUER()} ${server} ${server}`, [
      `${asked}HTTP-01; nothing here listens on port 80, where it comes for ` +
      "the proof",
    ]],
    [`${ISSUER("challenge tls-alpn-01;")} ${server}`, [`${asked}TLS-ALPN-01`]],
    ...faults.map(([listens, others, fault]): [string, string[]] => [
      `${ISSUER(others.includes("#alpn") ? "challenge tls-alpn-01;" : "")}
       ${server.replace("listen 443 ssl;", listens)}
       ${others.replace("#alpn", "")}`,
      [
        `${asked}${others.includes("#alpn") ? "TLS-ALPN-01" : "HTTP-01"}` +
        (fault === "" ? "" : `; ${fault}`),
      ],
    ]),
  ];
  for (const [text, lines] of rows) assertEquals(told(text), lines, text);
});

Deno.test("a file that cannot be read is an error", () => {
  const gone = (name: string) =>
    `"/${name}" cannot be read (2: No such file or directory)${IN}`;
  const server = SERVER("server_name a.test; acme_certificate le;");
  const rows: [string, string][] = [
    [`${ISSUER("account_key no.pem;")} ${server}`, gone("no.pem")],
    [`${ISSUER("external_account_key k no.txt;")} ${server}`, gone("no.txt")],
    [`${ISSUER("ssl_trusted_certificate no.pem;")} ${server}`, gone("no.pem")],
    [
      `${ISSUER()} ${SERVER("acme_certificate le a.test key=no.pem;")}`,
      gone("no.pem"),
    ],
    // Nothing is asked of this one.
    [`${ISSUER("account_key no.pem;")} server { listen 80; }`, ""],
  ];
  for (const [text, message] of rows) assertEquals(said(text), message, text);
});

Deno.test("a state folder that cannot be written is an error", () => {
  Deno.mkdirSync(`${PREFIX}/folder`);
  Deno.symlinkSync(`${PREFIX}/folder`, `${PREFIX}/link`);
  Deno.symlinkSync(`${PREFIX}/nothing`, `${PREFIX}/lost`);
  const no = (path: string, reason: string) =>
    `state_path "/${path}" cannot be written (${reason})${IN}`;
  const rows: [path: string, message: string][] = [
    ["new", ""],
    ["new/er", ""],
    ["folder", ""],
    ["link", ""],
    ["link/new", ""],
    ["file", no("file", "20: Not a directory")],
    ["file/x", no("file/x", "20: Not a directory")],
    ["lost", no("lost", "2: No such file or directory")],
    ["lost/x", no("lost/x", "2: No such file or directory")],
  ];
  for (const [path, message] of rows) {
    const server = SERVER("server_name a.test; acme_certificate le;");
    assertEquals(
      said(`${ISSUER(`state_path ${path};`)} ${server}`),
      message,
      path,
    );
  }
});
