import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { FaultList } from "../../../src/config/fault_list.ts";
import type { Scope } from "../../../src/config/scope.ts";
import { finish } from "../../../src/config/steps.ts";
import type { Environment, Module } from "../../../src/core/module.ts";
import type { ListenAddress } from "../../../src/core/settings/listen.ts";
import { TlsCompiler } from "../../../src/server/setup/tls_plan.ts";
import { ConfigErrors } from "../../../src/config/errors.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../../src/server/setup/configuration.ts";
import { groupFor } from "../../../src/server/client_addresses.ts";
import type { Plan } from "../../../src/server/setup/plan.ts";
import { Authority } from "../../support/certificates.ts";

/** Compiles the content of `http`; the folder is that of the authority. */
function compile(ca: Authority, text: string): Plan {
  const configuration = readConfiguration({
    file: "x.conf",
    statements: parseConfig(`http { access_log off; ${text} }`, "x.conf"),
    prefix: ca.folder,
  }, () => {});
  return prepareGeneration(configuration, () => {}).plan;
}

function errorOf(ca: Authority, text: string): string {
  try {
    compile(ca, text);
    return "no error";
  } catch (error) {
    return (error as Error).message.replaceAll(ca.folder, "");
  }
}

async function authority(): Promise<Authority> {
  const ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  await ca.issue("b", "b.test", 2);
  return ca;
}

const PAIR = (file: string) =>
  `ssl_certificate ${file}.crt; ssl_certificate_key ${file}.key;`;

Deno.test("TlsCompiler: a name has the certificate of its server", async () => {
  using ca = await authority();
  const text = (file: string) => Deno.readTextFileSync(ca.path(file));
  const plan = compile(
    ca,
    `server { listen 443; server_name a.test; ${PAIR("a")} }
     server { listen 443 ssl; server_name *.b.test; ${PAIR("b")} }
     server { listen 443; server_name no.test; ssl_reject_handshake on; }
     server { listen 80; }`,
  );
  const [secure, plain] = plan.listeners;
  assertEquals(plain?.group?.tls, undefined);
  const rows: [string, string | undefined][] = [
    ["", text("a.crt")],
    ["a.test", text("a.crt")],
    ["A.Test", text("a.crt")],
    ["x.b.test", text("b.crt")],
    ["else.test", text("a.crt")],
    ["no.test", undefined],
  ];
  for (const [name, cert] of rows) {
    assertEquals(secure?.group?.tls?.choose(name)?.cert, cert, name);
  }
  assertEquals(secure?.group?.tls?.choose("x.b.test")?.key, text("b.key"));
});

Deno.test("TlsCompiler: a name that takes too long has no certificate", async () => {
  using ca = await authority();
  const plan = compile(
    ca,
    `server { listen 443 ssl; server_name a.test; ${PAIR("a")} }
     server { listen 443; server_name "~(a*)*(a*)*\\2x$"; ${PAIR("b")} }`,
  );
  const choice = plan.listeners[0]?.group?.tls;
  assertEquals(choice?.choose("other.test")?.cert, choice?.choose("")?.cert);
  assertEquals(choice?.choose(`${"a".repeat(250)}.test`), undefined);
});

Deno.test("TlsCompiler says what is wrong, and where", async () => {
  using ca = await authority();
  Deno.writeTextFileSync(ca.path("empty.pem"), "");
  Deno.writeTextFileSync(
    ca.path("locked.key"),
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
  );
  const rows: [string, string][] = [
    [
      "server { listen 443 ssl; }",
      'no "ssl_certificate" is defined for the "listen ... ssl" directive in x.conf:1',
    ],
    [
      `server { listen 443 ssl; server_name a; ${PAIR("a")} }
       server { listen 443; server_name b; }`,
      'no "ssl_certificate" is defined for the "listen ... ssl" directive in x.conf:2',
    ],
    [
      "server { listen 443 ssl; ssl_certificate a.crt; }",
      'no "ssl_certificate_key" is defined for certificate "/a.crt" in x.conf:1',
    ],
    [
      "server { listen 443 ssl; ssl_certificate no.crt; ssl_certificate_key a.key; }",
      'cannot load certificate "/no.crt" (2: No such file or directory) in x.conf:1',
    ],
    [
      "server { listen 443 ssl; ssl_certificate empty.pem; ssl_certificate_key a.key; }",
      'cannot load certificate "/empty.pem" in x.conf:1',
    ],
    [
      "server { listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key a.crt; }",
      'cannot load certificate key "/a.crt" in x.conf:1',
    ],
    [
      "server { listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key locked.key; }",
      'certificate key "/locked.key" is encrypted in x.conf:1',
    ],
    [
      "server { listen 443 ssl; ssl_certificate a.crt; ssl_certificate_key b.key; }",
      'cannot use certificate "/a.crt": the key does not fit the certificate in x.conf:1',
    ],
    [
      "server { listen 443 quic; }",
      "the server listens for QUIC only, which is not supported by webserv in x.conf:1",
    ],
    [
      `server { listen 443 ssl; listen [::]:443 ssl; ${PAIR("a")} }`,
      "no error",
    ],
    [
      `server { listen 80; ${PAIR("no")} }`,
      'cannot load certificate "/no.crt" (2: No such file or directory) in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) {
    const found = errorOf(ca, text);
    assertEquals(found, message);
  }
});

Deno.test("TlsCompiler: each address behind a wildcard has its own", async () => {
  using ca = await authority();
  const { listeners } = compile(
    ca,
    `server { listen 443 ssl; ${PAIR("a")} }
     server { listen 127.0.0.2:443 ssl; ${PAIR("b")} }
     server { listen 127.0.0.3:443; }`,
  );
  assertEquals(listeners.length, 1);
  const certOf = (address: string) =>
    groupFor(listeners[0]!, address)?.tls?.choose("x")?.cert;
  const text = (file: string) => Deno.readTextFileSync(ca.path(file));
  assertEquals(certOf("127.0.0.1"), text("a.crt"));
  assertEquals(certOf("127.0.0.2"), text("b.crt"));
  assertEquals(certOf("127.0.0.3"), undefined);
});

Deno.test("TlsCompiler tells of a certificate and of its key", async () => {
  using ca = await authority();
  const error = assertThrows(
    () => compile(ca, `server { listen 443 ssl; ${PAIR("no")} }`),
    ConfigErrors,
  );
  assertEquals(
    error.errors.map(({ message }: Error) => message.replace(ca.folder, "")),
    [
      'cannot load certificate "/no.crt" (2: No such file or directory) ' +
      "in x.conf:1",
      'cannot load certificate key "/no.key" (2: No such file or directory) ' +
      "in x.conf:1",
    ],
  );
});

Deno.test("TlsCompiler: a runtime without TLS is a fault, said once", () => {
  const faults = new FaultList();
  const refusing = { tls: () => ({ kind: "reject" }) } as unknown as Module;
  const compiler = new TlsCompiler({
    modules: [refusing],
    environment: undefined as unknown as Environment,
    faults,
    runtimeFault: () => "no TLS here",
  });
  const member = (ssl: boolean, line: number) => ({
    server: { scope: undefined as unknown as Scope },
    address: { ssl, place: { file: "x.conf", line } } as ListenAddress,
  });
  const hosts = { match: () => member(true, 0).server };
  for (const [ssl, line] of [[false, 1], [true, 3], [true, 5]] as const) {
    finish(compiler.compile({ hosts, members: [member(ssl, line)] }));
  }
  const messages = faults.inOrder().map(({ message }) => message);
  assertEquals(messages.length, 1);
  assertMatch(
    messages[0]!,
    /^"listen \.\.\. ssl" cannot be served: no TLS here.* in x\.conf:3$/,
  );
});
