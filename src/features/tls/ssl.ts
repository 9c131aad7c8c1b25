/**
 * TLS as far as it is configured: which servers have which certificate. The
 * sockets are the business of `net`; protocol versions and cipher suites are
 * the runtime's own (TLS 1.2 and 1.3, modern suites only), so a directive that
 * asks for others is accepted with a warning.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import { oneOf, onOff, onOffDirective } from "../../config/values.ts";
import {
  failureReason,
  GUARDED_REMEDY,
  isGuarded,
  osErrorCode,
} from "../../os_error.ts";
import type { Module } from "../../core/module.ts";
import type { NamedFile, ServerTls } from "../../core/server_tls.ts";
import { certificatesIn, privateKeyIn } from "./pem.ts";
import { SSL_VARIABLES } from "./ssl_variables.ts";

const CONTEXTS = ["http", "server"] as const;

/** nginx takes one pair for each kind of key; the first one is used here. */
function fileDirective(
  name: string,
  summary: string,
): Directive<readonly NamedFile[]> {
  return defineDirective<readonly NamedFile[]>({
    name,
    contexts: CONTEXTS,
    args: [1, 1],
    repeatable: true,
    default: [],
    summary,
    syntax: "file",
    differs: "Only the first one of a server is used.",
    parse({ args: [path = ""], place }, previous = [], context) {
      if (/^(?:data|engine|store):/.test(path) || path.includes("$")) {
        throw new ConfigError(
          `"${name} ${path}" is not supported by webserv`,
          place,
          "expected the path of a PEM file",
        );
      }
      if (previous.length > 0) {
        context.warn(`only the first "${name}" of a server is used`);
      }
      return [...previous, { path: context.resolvePath(path), place }];
    },
  });
}

/** `ssl_certificate file`: the chain, the server's own certificate first. */
const sslCertificate = fileDirective(
  "ssl_certificate",
  "The PEM file with the certificate and those between it and the root.",
);

const sslCertificateKey = fileDirective(
  "ssl_certificate_key",
  "The PEM file with the certificate's private key, not encrypted.",
);

const sslRejectHandshake = onOffDirective({
  name: "ssl_reject_handshake",
  contexts: CONTEXTS,
  default: false,
  summary: "Whether handshakes for a server's names are refused.",
});

/** The versions that are spoken. */
const SPOKEN_PROTOCOLS = ["TLSv1.2", "TLSv1.3"] as const;

const KNOWN_PROTOCOLS: readonly string[] = [
  "SSLv2",
  "SSLv3",
  "TLSv1",
  "TLSv1.1",
  ...SPOKEN_PROTOCOLS,
];

function isSpoken(name: string): boolean {
  return (SPOKEN_PROTOCOLS as readonly string[]).includes(name);
}

/** TLS 1.3 as a hello says it. */
const TLS13 = 0x0304;

/** `ssl_protocols`: the oldest version; `undefined` for all that are spoken. */
const sslProtocols = defineDirective<number | undefined>({
  name: "ssl_protocols",
  contexts: CONTEXTS,
  args: [1, Infinity],
  default: undefined,
  summary: "The versions that are spoken: TLSv1.2 and TLSv1.3, or the latter.",
  syntax: "[SSLv2] [SSLv3] [TLSv1] [TLSv1.1] [TLSv1.2] [TLSv1.3]",
  defaultText: "TLSv1.2 TLSv1.3",
  differs:
    "Older versions are never spoken, and TLSv1.3 always is; a warning " +
    "says so. Each server has its own.",
  parse({ args, place }, _previous, { warnOnce }) {
    const unknown = args.find((name) => !KNOWN_PROTOCOLS.includes(name));
    if (unknown !== undefined) {
      throw new ConfigError(
        `invalid value "${unknown}"`,
        place,
        `ssl_protocols: expected some of ${KNOWN_PROTOCOLS.join(", ")}`,
      );
    }
    const old = args.filter((name) => !isSpoken(name));
    const has13 = args.includes("TLSv1.3");
    const only13 = has13 && !args.includes("TLSv1.2");
    if (!has13) warnOnce(`"ssl_protocols": ${without(args)} is spoken too`);
    if (old.length > 0) {
      const verb = old.length === 1 ? "is" : "are";
      warnOnce(`"ssl_protocols": ${old.join(" and ")} ${verb} not spoken`);
    }
    return only13 ? TLS13 : undefined;
  },
});

/** The versions that are spoken and not among `names`. */
function without(names: readonly string[]): string {
  return SPOKEN_PROTOCOLS.filter((name) => !names.includes(name))
    .join(" and ");
}

/** A directive that changes nothing here, and the warning that says so. */
function unusedDirective(
  name: string,
  syntax: string,
  why: string,
  isMeant: (args: readonly string[]) => boolean = () => true,
): Directive<undefined> {
  return defineDirective<undefined>({
    name,
    contexts: CONTEXTS,
    args: [1, 1],
    repeatable: true,
    default: undefined,
    summary: `Accepted; ${why}.`,
    syntax,
    differs: "It has no effect.",
    parse(statement, _previous, context) {
      if (isMeant(statement.args)) context.warnOnce(`"${name}": ${why}`);
      return undefined;
    },
  });
}

const isOn = ([word = ""]: readonly string[]) => word.toLowerCase() === "on";

const sslVerifyClient = defineDirective<undefined>({
  name: "ssl_verify_client",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "Accepted if off: clients are not asked for certificates.",
  syntax: "off",
  defaultText: "off",
  differs: "Anything but off is an error.",
  parse(statement) {
    const words = ["off", "on", "optional", "optional_no_ca"] as const;
    if (oneOf(statement, words) === "off") return undefined;
    throw new ConfigError(
      `"ssl_verify_client ${statement.args[0]}" is not supported by webserv`,
      statement.place,
      "clients are not asked for certificates: expected off",
    );
  },
});

/** nginx's obsolete way of saying `listen … ssl`. */
const ssl = defineDirective<undefined>({
  name: "ssl",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "Obsolete: it is a parameter of listen.",
  syntax: "off",
  defaultText: "off",
  differs: 'on is an error, as in nginx since 1.25.1: say "listen ... ssl".',
  parse(statement) {
    if (!onOff(statement)) return undefined;
    throw new ConfigError(
      'the "ssl" directive is not supported',
      statement.place,
      'expected "listen … ssl" instead',
    );
  },
});

function readPem({ path, place }: NamedFile, what: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `cannot load ${what} "${path}" (${failureReason(error)})`,
      place,
      remedyFor(error),
    );
  }
}

function remedyFor(error: unknown): string | undefined {
  if (isGuarded(error)) return GUARDED_REMEDY;
  switch (osErrorCode(error)) {
    case "EACCES":
      return "the user of the server needs the right to read it";
    case "ENOENT":
      return "relative paths begin at the prefix (-p), or else at the folder " +
        "of the configuration";
  }
  return undefined;
}

function readCertificate(file: NamedFile): string {
  const cert = certificatesIn(readPem(file, "certificate"));
  if (cert !== undefined) return cert;
  throw new ConfigError(
    `cannot load certificate "${file.path}"`,
    file.place,
    "expected a PEM file with BEGIN CERTIFICATE",
  );
}

function readKey(file: NamedFile): string {
  const key = privateKeyIn(readPem(file, "certificate key"));
  switch (key.kind) {
    case "encrypted":
      throw new ConfigError(
        `certificate key "${file.path}" is encrypted`,
        file.place,
        "expected a PEM file without a password",
      );
    case "none":
      throw new ConfigError(
        `cannot load certificate key "${file.path}"`,
        file.place,
        "expected a PEM file with BEGIN PRIVATE KEY",
      );
  }
  return key.pem;
}

/**
 * What the server of `scope` does with a handshake; `undefined` when nothing
 * says so. Reads the files.
 *
 * @throws {ConfigError} when they cannot be read or are none
 */
function serverTls(scope: Scope): ServerTls | undefined {
  const [file] = scope.get(sslCertificate);
  const [keyFile] = scope.get(sslCertificateKey);
  if (scope.get(sslRejectHandshake)) return { kind: "reject" };
  if (file === undefined) {
    // One that is wrong has been reported.
    const isFaulty = scope.failedOf(sslCertificate).length > 0;
    return isFaulty ? { kind: "faulty" } : undefined;
  }
  if (keyFile === undefined) {
    throw new ConfigError(
      `no "ssl_certificate_key" is defined for certificate "${file.path}"`,
      file.place,
      "expected the file of its private key",
    );
  }
  const faults = new FaultList();
  const cert = faults.attempt(() => readCertificate(file)) ?? "";
  const key = faults.attempt(() => readKey(keyFile)) ?? "";
  faults.throwIfFound();
  const oldestVersion = scope.get(sslProtocols);
  const certificate = { cert, key, oldestVersion, file };
  return {
    kind: "certificate",
    certificates: [certificate],
    choose: () => certificate,
  };
}

const directives: readonly AnyDirective[] = [
  sslCertificate,
  sslCertificateKey,
  sslRejectHandshake,
  sslProtocols,
  sslVerifyClient,
  ssl,
  unusedDirective("ssl_ciphers", "ciphers", "the suites are the runtime's own"),
  unusedDirective(
    "ssl_early_data",
    "on | off",
    "early data is not taken",
    isOn,
  ),
  unusedDirective("ssl_stapling", "on | off", "no OCSP response is sent", isOn),
  unusedDirective("http3", "on | off", "QUIC is not spoken", isOn),
];

/** Certificates. */
export const sslModule: Module = {
  name: "ssl",
  directives,
  variables: SSL_VARIABLES,
  tls: serverTls,
  reads: (main) =>
    [main, ...main.descendants()].flatMap((scope) => [
      ...scope.own(sslCertificate) ?? [],
      ...scope.own(sslCertificateKey) ?? [],
    ]),
};
