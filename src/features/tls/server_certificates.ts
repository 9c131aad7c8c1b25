/** What a server answers handshakes with: its certificates, read and judged. */

import type { Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Scope } from "../../config/scope.ts";
import { onOffDirective } from "../../config/values.ts";
import type {
  Certificate as UsedCertificate,
  NamedFile,
  ServerTls,
} from "../../core/server_tls.ts";
import {
  checkOwner,
  type PemSource,
  readCertificates,
  readKey,
  sslCertificate,
  sslCertificateKey,
  sslPasswordFile,
  TLS_CONTEXTS,
} from "./certificate_files.ts";
import { type ClientPolicy, clientPolicy } from "./client_certificates.ts";
import { chosenPair, type KeyKind, type KindOfPair } from "./pair_choice.ts";
import { sslProtocols } from "./tls_settings.ts";
import type { Certificate } from "./x509.ts";

/** `ssl_reject_handshake on | off`. */
export const sslRejectHandshake: Directive<boolean> = onOffDirective({
  name: "ssl_reject_handshake",
  contexts: TLS_CONTEXTS,
  default: false,
  summary: "Whether handshakes for a server's names are refused.",
});

/** A chain that a server has. */
export interface OwnChain {
  readonly file: NamedFile;
  /** The certificates, the server's own first. */
  readonly certificates: readonly Certificate[];
}

/** What a server does with handshakes, and what is known of its certificates. */
export interface OwnTls {
  readonly tls: ServerTls | undefined;
  readonly chains: readonly OwnChain[];
  /** What it asks of its clients, if anything. */
  readonly clients: ClientPolicy | undefined;
  /** Where it says that it shows what `acme_certificate` asks for. */
  readonly made?: PemSource;
}

const NOTHING = { chains: [], clients: undefined } as const;

const known = new WeakMap<Scope, OwnTls>();

/**
 * What the server of `scope` does with handshakes. Reads its files, once.
 *
 * @throws {ConfigError} when they cannot be read or are none
 */
export function ownTls(scope: Scope): OwnTls {
  let own = known.get(scope);
  if (own === undefined) known.set(scope, own = read(scope));
  return own;
}

function read(scope: Scope): OwnTls {
  if (scope.get(sslRejectHandshake)) {
    return { ...NOTHING, tls: { kind: "reject" } };
  }
  const files = scope.get(sslCertificate);
  if (files.length === 0) {
    // One that is wrong has been reported.
    const isFaulty = scope.failedOf(sslCertificate).length > 0;
    return { ...NOTHING, tls: isFaulty ? { kind: "faulty" } : undefined };
  }
  const keyFiles = scope.get(sslCertificateKey);
  const lacking = files[keyFiles.length];
  if (lacking !== undefined) {
    throw new ConfigError(
      `no "ssl_certificate_key" is defined for certificate "${lacking.path}"`,
      lacking.place,
      "expected the file of its private key",
    );
  }
  const made = files.find(({ isMade }) => isMade);
  checkMade(made, files, keyFiles);
  if (made !== undefined) {
    return { tls: undefined, chains: [], clients: clientPolicy(scope), made };
  }
  const faults = new FaultList();
  const clients = faults.attempt(() => clientPolicy(scope));
  const oldestVersion = scope.get(sslProtocols);
  const passwords = scope.get(sslPasswordFile);
  const pairs: KindOfPair[] = [];
  const chains: OwnChain[] = [];
  for (const [at, file] of files.entries()) {
    const pair = readPair(file, keyFiles[at]!, passwords, faults);
    if (pair === undefined) continue;
    const { cert, key, certificates } = pair;
    const kind = kindOf(certificates[0]!);
    chains.push({ file, certificates });
    const certificate = { cert, key, oldestVersion, clients, file };
    // Of two with the same kind of key the later one is used (OpenSSL).
    const same = pairs.findIndex((other) => other.kind === kind);
    if (same === -1) pairs.push({ kind, certificate });
    else pairs[same] = { kind, certificate };
  }
  faults.throwIfFound();
  return {
    tls: {
      kind: "certificate",
      certificates: pairs.map(({ certificate }) => certificate),
      choose: (offer): UsedCertificate | undefined => chosenPair(pairs, offer),
    },
    chains,
    clients,
  };
}

/** @throws {ConfigError} when a certificate that is made is beside another */
function checkMade(
  made: PemSource | undefined,
  files: readonly PemSource[],
  keyFiles: readonly PemSource[],
): void {
  const other = made === undefined
    ? keyFiles.find(({ isMade }) => isMade)
    : [...files, ...keyFiles].find(({ isMade }) => !isMade);
  if (other === undefined && files.length < 2) return;
  if (made === undefined && other === undefined) return;
  throw new ConfigError(
    `"${(other ?? files[1]!).path}" does not go with ` +
      `"${(made ?? files[0]!).path}"`,
    (other ?? files[1]!).place,
    "expected ssl_certificate $acme_certificate and " +
      "ssl_certificate_key $acme_certificate_key, and no others",
  );
}

function readPair(
  file: PemSource,
  keyFile: PemSource,
  passwords: NamedFile | undefined,
  faults: FaultList,
) {
  const chain = faults.attempt(() => readCertificates(file, "certificate"));
  const key = faults.attempt(() => readKey(keyFile, passwords));
  if (chain === undefined || key === undefined) return undefined;
  const { text: cert, certificates } = chain;
  return faults.attempt(() => {
    checkOwner(file, certificates, key);
    return { cert, key, certificates };
  });
}

/** The kind of the key that a certificate is about. */
function kindOf({ native }: Certificate): KeyKind {
  try {
    const type = native.publicKey.asymmetricKeyType;
    if (type === "ec" || type === "ed25519") return type;
  } catch {
    // Whoever listens with it says what is wrong.
  }
  return "rsa";
}
