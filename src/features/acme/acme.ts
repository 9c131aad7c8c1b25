/**
 * Certificates that look after themselves (RFC 8555): they are asked for,
 * renewed, and changed while the server goes on. The program's own thread
 * talks to the authorities, and only where something is wanted of one is the
 * code for that loaded; workers read what it has come to.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import { parseSize } from "../../config/units.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import type {
  Certificate,
  NamedFile,
  ServerTls,
} from "../../core/server_tls.ts";
import { listenDirective } from "../../core/settings/listen.ts";
import { addressText } from "../../core/settings/listen_address.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import { log } from "../../logging/logger.ts";
import { failureReason } from "../../os_error.ts";
import { sslCertificate } from "../tls/certificate_files.ts";
import { ownTls } from "../tls/server_certificates.ts";
import { sslProtocols } from "../tls/tls_settings.ts";
import { Board, type Pair } from "./board.ts";
import {
  filesOfIssuer,
  type Issuer,
  ISSUER_DIRECTIVES,
  issuersOf,
} from "./issuer.ts";
import { faultsText, progressGauges, requestsText } from "./progress.ts";
import { roomFor } from "./room.ts";
import { StateFolder } from "./state_folder.ts";
import { loadEngine, supervise } from "./supervise.ts";
import { acmeCertificate, allWanted, type Wanted, wantedBy } from "./wanted.ts";

/** Where HTTP-01 looks for an answer (RFC 8555 §8.3). */
const CHALLENGE_PATH = "/.well-known/acme-challenge/";

/** How TLS-ALPN-01 is asked for (RFC 8737). */
const CHALLENGE_PROTOCOL = "acme-tls/1";

/** The kind of the zone with what workers are told. */
const ZONE_KIND = "acme";

interface ZoneSetting {
  readonly name: string;
  /** In bytes. */
  readonly bytes: number;
}

/** As nginx. */
const DEFAULT_ZONE: ZoneSetting = {
  name: "ngx_acme_shared",
  bytes: 256 * 1024,
};

/** The smallest zone, in bytes: as in nginx eight pages. */
const MIN_ZONE_BYTES = 32 * 1024;

/** `acme_shared_zone zone=name:size`. */
const acmeSharedZone: Directive<ZoneSetting> = defineDirective<ZoneSetting>({
  name: "acme_shared_zone",
  contexts: ["http"],
  args: [1, 1],
  default: DEFAULT_ZONE,
  summary: "The memory in which workers find certificates and challenges.",
  syntax: "zone=name:size",
  defaultText: "zone=ngx_acme_shared:256k",
  differs: "More is taken where the certificates may need it.",
  parse({ args: [text = ""], place }) {
    const [, name, size] = /^zone=([^:]+):(.+)$/.exec(text) ?? [];
    const bytes = parseSize(size ?? "");
    if (name === undefined || bytes === undefined) {
      throw new ConfigError(
        `invalid parameter "${text}"`,
        place,
        "expected zone=name:size",
      );
    }
    if (bytes < MIN_ZONE_BYTES) {
      throw new ConfigError(
        `zone "${name}" is too small`,
        place,
        `expected at least ${MIN_ZONE_BYTES / 1024}k`,
      );
    }
    return { name, bytes };
  },
});

/** What a configuration asks for. */
interface Setup {
  readonly issuers: ReadonlyMap<string, Issuer>;
  readonly wanted: readonly Wanted[];
  readonly board: Board;
}

/** By the environment of the configuration; none where nothing is wanted. */
const setups = new WeakMap<Environment, Setup>();

function prepare(main: Scope, environment: Environment): void {
  checkUses(main);
  const issuers = issuersOf(main, environment.resolvePath);
  if (!isUsed(main)) return;
  const wanted = allWanted(main, issuers);
  const { name, bytes } = httpScope(main).get(acmeSharedZone);
  const place = httpScope(main).placeOf(acmeSharedZone) ?? wanted[0]!.place;
  const zone = environment.zones.open(name, {
    kind: ZONE_KIND,
    bytes: Math.max(bytes, roomFor(wanted)),
    place,
  });
  const board = new Board(zone);
  environment.gauges.push(...progressGauges(wanted, board));
  setups.set(environment, { issuers, wanted, board });
  for (const file of filesIn(wanted)) checkFile(file);
  for (const { statePath, place } of issuersIn(wanted)) {
    if (statePath !== undefined) checkFolder(statePath, place);
  }
}

/** Whether any server asks for a certificate. */
function isUsed(main: Scope): boolean {
  return [...main.descendantsOf("server")]
    .some((scope) => scope.get(acmeCertificate) !== undefined);
}

/** The issuers that something is wanted of. */
function issuersIn(wanted: readonly Wanted[]): Set<Issuer> {
  return new Set(wanted.map(({ issuer }) => issuer));
}

/** The files that are read for what is wanted. */
function filesIn(wanted: readonly Wanted[]): NamedFile[] {
  return [
    ...[...issuersIn(wanted)].flatMap(filesOfIssuer),
    ...wanted.flatMap(({ key }) => typeof key === "string" ? [] : [key]),
  ];
}

/** @throws {ConfigError} when the file could not be read */
function checkFile({ path, place }: NamedFile): void {
  try {
    Deno.openSync(path).close();
  } catch (error) {
    throw new ConfigError(
      `"${path}" cannot be read (${failureReason(error)})`,
      place,
      "the user of the server has to be able to read it",
    );
  }
}

/** @throws {ConfigError} when nothing could be kept in the folder */
function checkFolder(path: string, place: SourcePlace): void {
  try {
    new StateFolder(path).check();
  } catch (error) {
    throw new ConfigError(
      `state_path "${path}" cannot be written (${failureReason(error)})`,
      place,
      "the user of the server has to be able to make files there",
    );
  }
}

/** @throws {ConfigError} when a server shows what it does not ask for */
function checkUses(main: Scope): void {
  const servers = [...main.descendantsOf("server")];
  // One "ssl" is for all of an address.
  const secure = new Set(
    servers.flatMap((scope) => scope.get(listenDirective))
      .filter(({ ssl }) => ssl).map(addressText),
  );
  for (const scope of servers) {
    const { made } = ownTls(scope);
    const isShown = scope.get(listenDirective)
      .some((address) => secure.has(addressText(address)));
    // What http says is for all servers, also those without TLS.
    if (!isShown && scope.own(sslCertificate) === undefined) continue;
    const asks = scope.get(acmeCertificate) !== undefined ||
      scope.failedOf(acmeCertificate).length > 0;
    if (made === undefined || asks) continue;
    throw new ConfigError(
      `no "acme_certificate" is defined for "${made.path}"`,
      made.place,
      "the server has to name its issuer",
    );
  }
}

/** What a server shows that asks for a certificate: the newest there is. */
function serverTls(
  scope: Scope,
  environment: Environment,
): ServerTls | undefined {
  const { made, clients } = ownTls(scope);
  if (made === undefined) return undefined;
  const setup = setups.get(environment);
  const wanted = setup && wantedBy(scope, setup.issuers);
  // That the server asks for none has been reported.
  if (setup === undefined || wanted === undefined) return { kind: "faulty" };
  const { board } = setup;
  const terms = { oldestVersion: scope.get(sslProtocols), clients, file: made };
  let shown: { readonly pair: Pair; readonly all: Certificate } | undefined;
  return {
    kind: "certificate",
    certificates: [],
    choose() {
      const pair = board.read().pairs[wanted.id];
      if (pair === undefined) return undefined;
      if (shown?.pair !== pair) shown = { pair, all: { ...pair, ...terms } };
      return shown.all;
    },
  };
}

/** Answers HTTP-01, whatever the server does with other requests. */
function create(
  scope: Scope,
  environment: Environment,
): LocationHooks | undefined {
  const setup = setups.get(environment);
  if (setup === undefined || scope.context !== "server") return undefined;
  const uses = setup.wanted.some(({ issuer }) =>
    issuer.challenge === "http-01"
  );
  if (!uses) return undefined;
  const { board } = setup;
  return {
    rewrite({ uri }: Exchange) {
      if (!uri.startsWith(CHALLENGE_PATH)) return undefined;
      const { tokens } = board.read();
      const token = uri.slice(CHALLENGE_PATH.length);
      const text = Object.hasOwn(tokens, token)
        ? tokens[token]?.text
        : undefined;
      // Somebody else's challenge is for the server's own rules.
      return text === undefined ? undefined : challengeAnswer(text);
    },
  };
}

function challengeAnswer(text: string): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([["Content-Type", "application/octet-stream"]]),
    body: new TextEncoder().encode(text),
  });
}

const directives: readonly AnyDirective[] = [
  ...ISSUER_DIRECTIVES,
  acmeCertificate,
  acmeSharedZone,
];

/** Certificates of authorities. */
export const acmeModule: Module = {
  name: "acme",
  directives,
  dependsOn: [],
  prepare,
  create,
  tls: serverTls,
  tlsChallenge(environment) {
    const setup = setups.get(environment);
    const uses = setup?.wanted.some(({ issuer }) =>
      issuer.challenge === "tls-alpn-01"
    );
    if (setup === undefined || !uses) return undefined;
    return {
      protocol: CHALLENGE_PROTOCOL,
      choose(name) {
        const { hosts } = setup.board.read();
        return Object.hasOwn(hosts, name) ? hosts[name]?.pair : undefined;
      },
    };
  },
  supervise(_main, environment) {
    const setup = setups.get(environment);
    if (setup === undefined) return;
    for (const text of faultsText(setup.wanted)) log.warn(text);
    return supervise(setup.wanted, setup.board);
  },
  load(main) {
    return isUsed(main) ? loadEngine() : undefined;
  },
  keeps(_main, environment) {
    const { wanted = [] } = setups.get(environment) ?? {};
    return [...issuersIn(wanted)].flatMap(({ statePath }) => statePath ?? []);
  },
  reads(main) {
    const issuers = issuersOf(main, (path) => path);
    return filesIn(allWanted(main, issuers));
  },
  tells(main, resolvePath) {
    return requestsText(allWanted(main, issuersOf(main, resolvePath)));
  },
  permissions(_main, environment) {
    return setups.has(environment) ? ["net", "write"] : [];
  },
};
