/** Certificates of clients, and what of a server's certificate is for whom. */

import { assertEquals, assertMatch } from "@std/assert";
import { freePort } from "../support/free_ports.ts";
import { Pki } from "../support/pki.ts";
import { runCommand } from "../support/run_command.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";

const CLIENT = "basicConstraints=CA:FALSE";

/** What a program says. */
async function run(
  command: string,
  args: readonly string[],
  input = "",
): Promise<string> {
  return (await runCommand(command, args, input)).text;
}

/** What a client does beside its request. */
interface Client {
  /** The certificate it shows. */
  readonly shows?: string;
  /** The name it greets, if not that of the request. */
  readonly greets?: string;
  readonly options?: readonly string[];
}

/** Asks `host` by curl, and tells status and body. */
function ask(
  pki: Pki,
  port: number,
  host: string,
  { shows, greets = host, options = [] }: Client = {},
): Promise<string> {
  const own = shows === undefined ? [] : [
    ...["--cert", `${pki.folder}/${shows}.crt`],
    ...["--key", `${pki.folder}/${shows}.key`],
  ];
  return run("curl", [
    ...["-sk", "--max-time", "20", "-w", "|%{http_code}", ...own, ...options],
    ...["--connect-to", `::127.0.0.1:${port}`, "-H", `Host: ${host}`],
    `https://${greets}:${port}/`,
  ]);
}

/** Variables that openssl tells too, by how it is asked. */
const BY_OPENSSL = {
  "$ssl_client_s_dn": ["-subject", "-nameopt", "RFC2253"],
  "$ssl_client_s_dn_legacy": ["-subject", "-nameopt", "compat"],
  "$ssl_client_i_dn": ["-issuer", "-nameopt", "RFC2253"],
  "$ssl_client_i_dn_legacy": ["-issuer", "-nameopt", "compat"],
  "$ssl_client_serial": ["-serial"],
  "$ssl_client_v_start": ["-startdate"],
  "$ssl_client_v_end": ["-enddate"],
} as const;

const ALL = [
  ...Object.keys(BY_OPENSSL),
  "$ssl_client_fingerprint",
  "$ssl_client_v_remain",
  "$ssl_client_escaped_cert",
  "$ssl_client_raw_cert",
];

async function pkiOf(): Promise<Pki> {
  const pki = await Pki.create();
  await pki.root("root");
  await pki.root("other");
  const names = "subjectAltName=DNS:on.test,DNS:optional.test,DNS:no-ca.test," +
    "DNS:open.test,DNS:other.test,DNS:second.test";
  await pki.issue("root", "server", names);
  for (const name of ["good", "revoked"]) await pki.issue("root", name, CLIENT);
  await pki.issue("other", "foreign", CLIENT);
  await pki.revoke("root", ["revoked"]);
  return pki;
}

function configuration(pki: Pki, port: number): string {
  const server = (name: string, text: string, first = "") =>
    `server { listen 127.0.0.1:${port} ssl; server_name ${name}; ${text}
       location / { return 200 "${first}$ssl_client_verify,$ssl_client_s_dn"; }
       location = /all { return 200 "${ALL.join("\\n")}"; }
       location = /field { add_header X-Cert $ssl_client_cert;
         return 204; }
       location = /raw { add_header X-Cert $ssl_client_raw_cert;
         return 204; }
       location = /refused { return 200 "refused $ssl_client_verify"; } }`;
  const own = (name: string) => `${pki.folder}/${name}.crt`;
  return `error_log logs/error.log info;
    http {
      access_log off;
      ssl_certificate ${own("server")};
      ssl_certificate_key ${pki.folder}/server.key;
      ${server("open.test", "http2 on;")}
      ${
    server(
      "on.test second.test",
      `ssl_client_certificate ${own("root")}; ssl_verify_client on;
         ssl_crl ${pki.folder}/root.crl; http2 on;`,
    )
  }
      ${
    server(
      "optional.test",
      `ssl_client_certificate ${own("root")}; ssl_verify_client optional;
         error_page 495 =403 /refused;`,
    )
  }
      ${server("no-ca.test", "ssl_verify_client optional_no_ca;")}
      ${
    server(
      "other.test",
      `ssl_client_certificate ${own("other")}; ssl_verify_client on;`,
    )
  }
    }`;
}

const NOT_ASKED =
  "client attempted to request the server name different from the one that " +
  "was negotiated";

/** Whom a client asks, how, and what it gets; compared with nginx 1.22. */
const ROWS: readonly (readonly [
  host: string,
  client: Client,
  answer: RegExp,
  line?: string,
])[] = [
  ["open.test", {}, /^NONE,\|200$/],
  ["open.test", { shows: "good" }, /^NONE,\|200$/],
  ["on.test", { shows: "good" }, /^SUCCESS,CN=good\|200$/],
  [
    "on.test",
    {},
    /400<\/b> No required SSL certificate was sent[^]*\|400$/,
    "client sent no required SSL certificate",
  ],
  [
    "on.test",
    { shows: "foreign" },
    /400<\/b> The SSL certificate error[^]*\|400$/,
    "client SSL certificate verify error: " +
    "(21:unable to verify the first certificate)",
  ],
  [
    "on.test",
    { shows: "revoked" },
    /\|400$/,
    "client SSL certificate verify error: (23:certificate revoked)",
  ],
  ["optional.test", {}, /^NONE,\|200$/],
  ["optional.test", { shows: "good" }, /^SUCCESS,CN=good\|200$/],
  ["optional.test", { shows: "revoked" }, /^SUCCESS,CN=revoked\|200$/],
  [
    "optional.test",
    { shows: "foreign" },
    /^refused FAILED:unable to verify the first certificate\|403$/,
  ],
  ["no-ca.test", {}, /^NONE,\|200$/],
  [
    "no-ca.test",
    { shows: "foreign" },
    /^FAILED:unable to verify the first certificate,CN=foreign\|200$/,
  ],
  ["other.test", { shows: "foreign" }, /^SUCCESS,CN=foreign\|200$/],
  ["other.test", { shows: "good" }, /\|400$/],
  // By one name to another: what one server lets in is nothing to another.
  ["on.test", { greets: "open.test", shows: "good" }, /\|421$/, NOT_ASKED],
  ["optional.test", { greets: "open.test" }, /\|421$/, NOT_ASKED],
  ["other.test", { greets: "on.test", shows: "good" }, /\|421$/],
  ["second.test", { greets: "on.test", shows: "good" }, /\|421$/],
  ["open.test", { greets: "on.test", shows: "good" }, /^NONE,CN=good\|200$/],
  ["on.test", { greets: "127.0.0.1", shows: "good" }, /\|421$/],
  // Names are compared as names are.
  ["ON.test", { greets: "on.TEST", shows: "good" }, /^SUCCESS,CN=good\|200$/],
  ["on.test.", { greets: "on.test", shows: "good" }, /^SUCCESS,CN=good\|200$/],
];

Deno.test("ssl_verify_client: who is let in, and what who is not is told", async (t) => {
  using pki = await pkiOf();
  const port = freePort();
  await using server = await ServerProcess.start({
    config: configuration(pki, port),
  });
  for (const protocol of ["--http1.1", "--http2"]) {
    for (const version of ["1.2", "1.3"]) {
      await t.step(`${protocol}, TLS ${version}`, async () => {
        const options = [protocol, "--tls-max", version];
        for (const [host, client, answer, line] of ROWS) {
          const name = JSON.stringify([host, client]);
          assertMatch(
            await ask(pki, port, host, { ...client, options }),
            answer,
            name,
          );
          if (line === undefined) continue;
          await eventually(
            () => server.read("logs/error.log").includes(` ${line}`),
            line,
          );
        }
      });
    }
  }

  await t.step("variables say what openssl says", async () => {
    const path = (what: string) =>
      run("curl", [
        ...["-ski", "--connect-to", `::127.0.0.1:${port}`, "--http1.1"],
        ...["--cert", `${pki.folder}/good.crt`],
        ...["--key", `${pki.folder}/good.key`],
        `https://on.test:${port}${what}`,
      ]);
    const [, body = ""] = (await path("/all")).split("\r\n\r\n");
    const lines = body.split("\n");
    for (const [at, how] of Object.values(BY_OPENSSL).entries()) {
      const said = await pki.openssl(
        "x509",
        "-noout",
        "-in",
        "good.crt",
        ...how,
      );
      assertEquals(lines[at], said.replace(/^\w+=/, "").trimEnd());
    }
    const [fingerprint, left, escaped, ...raw] = lines.slice(
      Object.keys(BY_OPENSSL).length,
    );
    const sha1 = await pki.openssl(
      ...["x509", "-noout", "-in", "good.crt", "-fingerprint", "-sha1"],
    );
    assertEquals(
      fingerprint,
      /=(.*)/.exec(sha1)![1]!.replaceAll(":", "").toLowerCase(),
    );
    assertEquals(left, "299");
    assertEquals(decodeURIComponent(escaped!), pki.text("good.crt"));
    assertEquals(raw.join("\n"), pki.text("good.crt"));
    // What goes over several lines is one in a field, and a PEM all the same.
    const inField = await path("/field");
    assertMatch(inField, /^HTTP\/1\.1 204 /);
    assertEquals(
      /^X-Cert: (.*)\r$/m.exec(inField)?.[1],
      pki.text("good.crt").trimEnd().replaceAll("\n", " "),
    );
    // Lines that are not continued would be fields of their own.
    assertMatch(await path("/raw"), /^HTTP\/1\.1 500 /);
    await eventually(
      () =>
        server.read("logs/error.log").includes(
          ' invalid value of response field "X-Cert"',
        ),
      "it is logged",
    );
  });

  await t.step("a session that is resumed is judged again", async () => {
    for (const version of ["-tls1_2", "-tls1_3"]) {
      for (
        const [shows, verdict] of [
          ["good", /SUCCESS,CN=good/],
          ["revoked", /400<\/b> The SSL/],
          ["foreign", /400<\/b> The SSL/],
        ] as const
      ) {
        const session = server.path(`session-${shows}`);
        const request = "GET / HTTP/1.0\r\nHost: on.test\r\n\r\n";
        const connect = (option: string) =>
          run("openssl", [
            ...["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof"],
            ...["-servername", "on.test", version, option, session],
            ...["-cert", `${pki.folder}/${shows}.crt`],
            ...["-key", `${pki.folder}/${shows}.key`],
          ], request);
        assertMatch(await connect("-sess_out"), verdict, shows);
        assertMatch(await connect("-sess_in"), verdict, `${shows}, resumed`);
      }
    }
  });

  await t.step("a certificate without its key is worth nothing", async () => {
    const refused = await run("openssl", [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-ign_eof"],
      ...["-servername", "on.test", "-tls1_3"],
      ...["-cert", `${pki.folder}/good.crt`, "-key", forgedKey(pki)],
    ], "GET / HTTP/1.0\r\nHost: on.test\r\n\r\n");
    assertMatch(refused, /alert decrypt error/);
  });

  await t.step(
    "who was not asked before a reload has to come again",
    async () => {
      using socket = await Deno.startTls(
        await Deno.connect({ hostname: "127.0.0.1", port }),
        { hostname: "open.test", caCerts: [pki.text("root.crt")] },
      );
      const buffer = new Uint8Array(4096);
      const get = async () => {
        const request = "GET / HTTP/1.1\r\nHost: open.test\r\n\r\n";
        await socket.write(new TextEncoder().encode(request));
        const count = await socket.read(buffer) ?? 0;
        return new TextDecoder().decode(buffer.subarray(0, count));
      };
      assertMatch(await get(), /^HTTP\/1\.1 200 /);
      const config = server.path("webserv.conf");
      Deno.writeTextFileSync(
        config,
        Deno.readTextFileSync(config).replace(
          "server_name open.test;",
          `$& ssl_client_certificate ${pki.folder}/root.crt;
          ssl_verify_client optional;`,
        ),
      );
      server.signal("SIGHUP");
      await eventually(
        () => /reload|reconfigur/.test(server.read("logs/error.log")),
        "it is reloaded",
      );
      assertMatch(await get(), /^HTTP\/1\.1 421 /);
      assertMatch(
        await ask(pki, port, "open.test", { shows: "good" }),
        /^SUCCESS,CN=good\|200$/,
      );
    },
  );
});

/** A key file that says it belongs to `good`, with another one's secret. */
function forgedKey(pki: Pki): string {
  const read = (name: string) =>
    Uint8Array.fromBase64(
      pki.text(`${name}.key`).replaceAll(/-----.*-----|\s/g, ""),
    );
  const [own, other] = [read("good"), read("foreign")];
  // A key of 32 bytes, as RFC 5915 has it within RFC 5958.
  const mark = [0x02, 0x01, 0x01, 0x04, 0x20];
  const at = (bytes: Uint8Array) =>
    bytes.findIndex((_, i) => mark.every((byte, j) => bytes[i + j] === byte)) +
    mark.length;
  own.set(other.subarray(at(other), at(other) + 32), at(own));
  const path = `${pki.folder}/forged.key`;
  Deno.writeTextFileSync(
    path,
    `-----BEGIN PRIVATE KEY-----\n${own.toBase64()}\n-----END PRIVATE KEY-----\n`,
  );
  return path;
}

Deno.test("ssl_certificate twice: each client has the one it can check", async () => {
  using pki = await Pki.create();
  await pki.root("root");
  await pki.issue("root", "ec", "subjectAltName=DNS:a.test");
  await pki.openssl(
    ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a.test"],
    ...["-addext", "subjectAltName=DNS:a.test", "-days", "300"],
    ...["-keyout", "rsa.key", "-out", "rsa.crt"],
  );
  await pki.openssl(
    ...["pkcs8", "-topk8", "-in", "ec.key", "-out", "locked.key"],
    ...["-passout", "pass:second word"],
  );
  Deno.writeTextFileSync(`${pki.folder}/passwords`, "first\r\nsecond word\n");
  const port = freePort();
  await using _server = await ServerProcess.start({
    config: `http { access_log off; server {
      listen 127.0.0.1:${port} ssl;
      server_name a.test;
      ssl_password_file ${pki.folder}/passwords;
      ssl_certificate ${pki.folder}/rsa.crt;
      ssl_certificate_key ${pki.folder}/rsa.key;
      ssl_certificate ${pki.folder}/ec.crt;
      ssl_certificate_key ${pki.folder}/locked.key;
      error_page 497 =301 https://$host$request_uri;
      location / { return 200 "$ssl_ciphers|$ssl_curves"; }
      location = /metrics { metrics; }
    } }`,
  });
  const signature = async (...options: string[]) =>
    /Peer signature type: (\S+)/.exec(
      await run("openssl", [
        ...["s_client", "-connect", `127.0.0.1:${port}`, ...options],
      ]),
    )?.[1];
  assertEquals(await signature(), "ECDSA");
  assertEquals(await signature("-sigalgs", "rsa_pss_rsae_sha256"), "RSA-PSS");
  assertEquals(await signature("-tls1_2"), "ECDSA");
  assertMatch(
    await signature("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256") ?? "",
    /^RSA/,
  );
  assertEquals(
    await signature("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"),
    "ECDSA",
  );
  assertMatch(
    await ask(pki, port, "a.test", { options: ["--curves", "X25519:P-256"] }),
    /^TLS_AES_256_GCM_SHA384:[^|]*ECDHE-[^|]*\|X25519:prime256v1\|200$/,
  );
  const metrics = await run("curl", [
    ...["-sk", "--connect-to", `::127.0.0.1:${port}`],
    `https://a.test:${port}/metrics`,
  ]);
  for (const name of ["rsa", "ec"]) {
    const text = pki.text(`${name}.crt`);
    const end = await run(
      "openssl",
      ["x509", "-noout", "-enddate", "-dateopt", "iso_8601"],
      text,
    );
    const seconds = Date.parse(/=(.*)/.exec(end)![1]!.replace(" ", "T")) / 1000;
    assertMatch(
      metrics,
      new RegExp(
        `webserv_certificate_expiry_timestamp_seconds\\{file=".*/${name}\\.crt"\\} ${seconds}\n`,
      ),
    );
  }
  // `error_page 497` sends who speaks without TLS to where it is spoken.
  assertMatch(
    await run("curl", [
      ...["-si", "--connect-to", `::127.0.0.1:${port}`],
      `http://a.test:${port}/x?y`,
    ]),
    /^HTTP\/1\.1 301 [^]*Location: https:\/\/a\.test\/x\?y\r\n/,
  );
});

Deno.test("a certificate that has expired is told of at a start and a reload", async () => {
  using pki = await Pki.create();
  await pki.root("root");
  await pki.issue("root", "old", "subjectAltName=DNS:a.test", {
    until: "20250101000000Z",
  });
  await using server = await ServerProcess.start({
    config: `error_log logs/error.log; http { access_log off; server {
      listen 127.0.0.1:0 ssl; server_name a.test;
      ssl_certificate ${pki.folder}/old.crt;
      ssl_certificate_key ${pki.folder}/old.key;
    } }`,
  });
  const lines = () =>
    server.read("logs/error.log").split("\n").filter((line) =>
      line.includes('/old.crt" has expired on 2025-01-01 00:00 UTC in ')
    ).length;
  await eventually(() => lines() === 1, "it is told of at the start");
  server.signal("SIGHUP");
  await eventually(() => lines() === 2, "and at a reload");
});
