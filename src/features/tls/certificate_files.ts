/**
 * The files of certificates and keys: the directives that name them, and what
 * is wrong with them, in words that say what to do.
 */

import { createPrivateKey, type X509Certificate } from "node:crypto";
import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { NamedFile } from "../../core/server_tls.ts";
import {
  failureReason,
  GUARDED_REMEDY,
  isGuarded,
  osErrorCode,
} from "../../os_error.ts";
import {
  certificatesIn,
  derOf,
  encryptedKeyIn,
  privateKeyIn,
  separately,
} from "./pem.ts";
import { type Certificate, readCertificate } from "./x509.ts";

/** The blocks that directives of TLS stand in. */
export const TLS_CONTEXTS = ["http", "server"] as const;

/** A file, or a text that stands in the configuration itself (`data:`). */
export interface PemSource extends NamedFile {
  /** The text; `undefined` if it is in the file. */
  readonly text?: string | undefined;
  /** Whether it stands for what `acme_certificate` asks for. */
  readonly isMade?: boolean;
}

/** Before a value that is no path, as in nginx. */
const DATA = "data:";

/** Reads the argument of a directive that names a file, or has its text. */
function pemDirective(
  name: string,
  variable: string,
  summary: string,
): Directive<readonly PemSource[]> {
  return defineDirective<readonly PemSource[]>({
    name,
    contexts: TLS_CONTEXTS,
    args: [1, 1],
    repeatable: true,
    default: [],
    summary,
    syntax: `file | data:text | ${variable}`,
    differs: "Other variables, engine: and store: are errors.",
    parse({ args: [value = ""], place }, previous = [], context) {
      if (value === variable) {
        return [...previous, { path: value, place, isMade: true }];
      }
      if (/^(?:engine|store):/.test(value) || value.includes("$")) {
        throw new ConfigError(
          `"${name} ${value}" is not supported by webserv`,
          place,
          `expected the path of a PEM file, data: and its text, or ${variable}`,
        );
      }
      const source = value.startsWith(DATA)
        ? { path: "data:...", place, text: value.slice(DATA.length) }
        : { path: context.resolvePath(value), place };
      return [...previous, source];
    },
  });
}

/** `ssl_certificate file`: the chain, the server's own certificate first. */
export const sslCertificate: Directive<readonly PemSource[]> = pemDirective(
  "ssl_certificate",
  "$acme_certificate",
  "The PEM file with the certificate and those between it and the root; " +
    "once for each kind of key.",
);

/** `ssl_certificate_key file`, as often as {@linkcode sslCertificate}. */
export const sslCertificateKey: Directive<readonly PemSource[]> = pemDirective(
  "ssl_certificate_key",
  "$acme_certificate_key",
  "The PEM file with the certificate's private key.",
);

/** A directive that names one file. */
export function fileDirective(
  name: string,
  summary: string,
  differs = "",
): Directive<NamedFile | undefined> {
  return defineDirective<NamedFile | undefined>({
    name,
    contexts: TLS_CONTEXTS,
    args: [1, 1],
    default: undefined,
    summary,
    syntax: "file",
    differs,
    parse: ({ args: [path = ""], place }, _previous, context) => ({
      path: context.resolvePath(path),
      place,
    }),
  });
}

/** `ssl_password_file file`: passwords of keys, one a line. */
export const sslPasswordFile: Directive<NamedFile | undefined> = fileDirective(
  "ssl_password_file",
  "The file with the passwords of private keys, one a line, tried in turn.",
);

/**
 * The text of a file.
 *
 * @param what what it is called in the error
 * @throws {ConfigError} when it cannot be read
 */
export function readPem(
  { path, place, text }: PemSource,
  what: string,
): string {
  if (text !== undefined) return text;
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    throw new ConfigError(
      `cannot load ${what} "${path}" (${failureReason(error)})`,
      place,
      remedyFor(error),
    );
  }
  if (bytes.length === 0) {
    throw new ConfigError(
      `cannot load ${what} "${path}"`,
      place,
      "the file is empty: expected a PEM file",
    );
  }
  if (bytes[0] === 0x30) {
    throw new ConfigError(
      `cannot load ${what} "${path}"`,
      place,
      "it is in DER: openssl can turn it into PEM (-inform DER)",
    );
  }
  return new TextDecoder().decode(bytes);
}

function remedyFor(error: unknown): string | undefined {
  if (isGuarded(error)) return GUARDED_REMEDY;
  switch (osErrorCode(error)) {
    case "EACCES":
      return "the user of the server needs the right to read it";
    case "EISDIR":
      return "expected the file in it";
    case "ENOENT":
      return "relative paths begin at the prefix (-p), or else at the folder " +
        "of the configuration";
  }
  return undefined;
}

/**
 * The certificates of a file, each with its text.
 *
 * @throws {ConfigError} when there is none, or one is broken
 */
export function readCertificates(
  source: PemSource,
  what: string,
): { readonly text: string; readonly certificates: readonly Certificate[] } {
  const content = readPem(source, what);
  const text = certificatesIn(content);
  if (text === undefined) {
    throw new ConfigError(
      `cannot load ${what} "${source.path}"`,
      source.place,
      privateKeyIn(content).kind === "none"
        ? "expected a PEM file with BEGIN CERTIFICATE"
        : "expected a PEM file with BEGIN CERTIFICATE; there is only a key",
    );
  }
  const certificates = separately(text).map((pem, at) => {
    try {
      return readCertificate(derOf(pem));
    } catch (error) {
      throw new ConfigError(
        `cannot load ${what} "${source.path}": certificate ${at + 1} in it ` +
          `is broken (${failureReason(error)})`,
        source.place,
        "expected what the authority has issued, unchanged",
      );
    }
  });
  return { text, certificates };
}

/**
 * The private key of a file, without a password.
 *
 * @throws {ConfigError} when there is none, or it needs another password
 */
export function readKey(
  source: PemSource,
  passwordFile: NamedFile | undefined,
): string {
  const text = readPem(source, "certificate key");
  const key = privateKeyIn(text);
  switch (key.kind) {
    case "key":
      return key.pem;
    case "encrypted":
      return decrypted(source, text, passwordFile);
    case "none":
      throw new ConfigError(
        `cannot load certificate key "${source.path}"`,
        source.place,
        certificatesIn(text) === undefined
          ? "expected a PEM file with BEGIN PRIVATE KEY"
          : "expected a PEM file with BEGIN PRIVATE KEY; there is only a " +
            "certificate",
      );
  }
}

/** What the runtime says of a password that is none, and of no other fault. */
const WRONG_PASSWORD = /bad decrypt/;

function decrypted(
  source: PemSource,
  text: string,
  passwordFile: NamedFile | undefined,
): string {
  if (passwordFile === undefined) {
    throw new ConfigError(
      `certificate key "${source.path}" is encrypted`,
      source.place,
      'expected "ssl_password_file" with its password, or a PEM file ' +
        "without one",
    );
  }
  const passwords = readPem(passwordFile, "password file").split("\n")
    .map((line) => line.replace(/\r$/, "")).filter((line) => line !== "");
  const pem = encryptedKeyIn(text);
  for (const passphrase of passwords) {
    try {
      return String(
        createPrivateKey({ key: pem, passphrase })
          .export({ type: "pkcs8", format: "pem" }),
      );
    } catch (error) {
      const reason = failureReason(error);
      if (WRONG_PASSWORD.test(reason)) continue;
      throw new ConfigError(
        `certificate key "${source.path}" cannot be decrypted (${reason})`,
        source.place,
        "the runtime cannot read keys encrypted in this way: " +
          "openssl pkcs8 -topk8 -v2 aes-256-cbc writes one that it can",
      );
    }
  }
  throw new ConfigError(
    `certificate key "${source.path}" cannot be decrypted: none of the ` +
      `passwords in "${passwordFile.path}" is right`,
    source.place,
    "expected its password on a line of its own",
  );
}

/**
 * Makes sure that a key is that of the first of some certificates.
 *
 * @throws {ConfigError} when it is not
 */
export function checkOwner(
  source: PemSource,
  certificates: readonly Certificate[],
  key: string,
): void {
  const at = certificates.findIndex(({ native }) => isOwner(native, key));
  if (at === 0) return;
  throw new ConfigError(
    `cannot use certificate "${source.path}": the key does not fit the ` +
      "certificate",
    source.place,
    at > 0
      ? `the key is that of certificate ${at + 1} in the file: expected the ` +
        "server's own certificate first"
      : "expected the server's own certificate first, and its private key",
  );
}

/** Whether the runtime can tell that it is not is found out by a handshake. */
function isOwner(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return true; // Whoever listens with it says what is wrong.
  }
}
