/**
 * Directives that decide in nginx what OpenSSL does. The runtime's own library
 * speaks TLS here, and takes no orders: versions are held to by looking at
 * what clients say, the rest is checked as nginx checks it, and a warning says
 * what happens instead. What would protect and cannot be had is an error.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import { oneOf, onOff, time } from "../../config/values.ts";
import { failureReason } from "../../os_error.ts";
import { TLS_CONTEXTS } from "./certificate_files.ts";

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
export const sslProtocols: Directive<number | undefined> = defineDirective<
  number | undefined
>({
  name: "ssl_protocols",
  contexts: TLS_CONTEXTS,
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

/** Looks at a statement: why it has no effect, if somebody might miss it. */
type Look = (
  statement: Statement,
  context: ParseContext,
) => string | undefined;

/** A directive that changes nothing here, and the warning that says so. */
function unused(
  name: string,
  syntax: string,
  look: Look,
  args: readonly [min: number, max: number] = [1, 1],
): Directive<undefined> {
  return defineDirective<undefined>({
    name,
    contexts: TLS_CONTEXTS,
    args,
    repeatable: true,
    default: undefined,
    summary: "Checked; a warning says what happens instead.",
    syntax,
    differs: "It has no effect.",
    parse(statement, _previous, context) {
      const why = look(statement, context);
      if (why !== undefined) context.warnOnce(`"${name}": ${why}`);
      return undefined;
    },
  });
}

/** A warning where it is `on`. */
function whereOn(why: string): Look {
  return (statement) => onOff(statement) ? why : undefined;
}

/** nginx's obsolete way of saying `listen ... ssl`. */
const ssl = defineDirective<undefined>({
  name: "ssl",
  contexts: TLS_CONTEXTS,
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
      'expected "listen ... ssl" instead',
    );
  },
});

/** Revoked certificates of clients would be let in. */
const sslOcsp = defineDirective<undefined>({
  name: "ssl_ocsp",
  contexts: TLS_CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "Accepted if off: nobody is asked about certificates of clients.",
  syntax: "off",
  defaultText: "off",
  differs: "on and leaf are errors; ssl_crl can take their place.",
  parse(statement) {
    if (oneOf(statement, ["on", "off", "leaf"]) === "off") return undefined;
    throw new ConfigError(
      `"ssl_ocsp ${statement.args[0]}" is not supported by webserv`,
      statement.place,
      'authorities are not asked about clients: "ssl_crl" names lists of ' +
        "revoked certificates",
    );
  },
});

/** How long the runtime's tickets are good, in ms (measured). */
const TICKET_MS = 12 * 3600 * 1000;

const BY_TICKETS = "sessions are resumed all the same, by tickets whose keys " +
  "the runtime makes, changes and keeps in memory";

const SESSION_CACHE = /^(?:off|none|builtin(?::\d+)?|shared:[^:]+:\d+[kKmM]?)$/;

/** `ssl_session_cache`: which value is meant. */
function lookAtCache({ args, place, name }: Statement): string | undefined {
  const wrong = args.find((value) => !SESSION_CACHE.test(value));
  if (wrong === undefined) return args.includes("off") ? BY_TICKETS : undefined;
  throw new ConfigError(
    `invalid session cache "${wrong}"`,
    place,
    `${name}: expected off, none, builtin[:size] or shared:name:size`,
  );
}

/** Lengths of files with ticket keys, in bytes. */
const TICKET_KEY_BYTES: readonly number[] = [48, 80];

function lookAtTicketKey(
  statement: Statement,
  context: ParseContext,
): string {
  const bytes = readFile(statement, context);
  if (!TICKET_KEY_BYTES.includes(bytes.length)) {
    throw new ConfigError(
      `"${
        context.resolvePath(statement.args[0] ?? "")
      }" must be 48 or 80 bytes`,
      statement.place,
      `it has ${bytes.length}`,
    );
  }
  return "the keys of tickets are the runtime's own";
}

/** @throws {ConfigError} when it cannot be read */
function readFile(
  { name, args: [path = ""], place }: Statement,
  context: ParseContext,
): Uint8Array {
  const resolved = context.resolvePath(path);
  try {
    return Deno.readFileSync(resolved);
  } catch (error) {
    throw new ConfigError(
      `cannot load "${resolved}" (${failureReason(error)})`,
      place,
      `the file of "${name}"`,
    );
  }
}

function lookAtDhParam(statement: Statement, context: ParseContext): string {
  const text = new TextDecoder().decode(readFile(statement, context));
  if (!text.includes("-----BEGIN DH PARAMETERS-----")) {
    throw new ConfigError(
      `cannot load "${context.resolvePath(statement.args[0] ?? "")}"`,
      statement.place,
      "expected a PEM file with BEGIN DH PARAMETERS",
    );
  }
  return "no suite with DHE is spoken: keys are exchanged by curves alone";
}

/** Names of curves that OpenSSL knows, lower case; ours are first. */
const CURVES: readonly string[] = [
  "x25519",
  "prime256v1",
  "p-256",
  "secp384r1",
  "p-384",
  "x25519mlkem768",
  "x448",
  "secp521r1",
  "p-521",
  "secp256k1",
  "secp224r1",
  "secp192k1",
  "prime192v1",
  "brainpoolp256r1",
  "brainpoolp384r1",
  "brainpoolp512r1",
  "ffdhe2048",
  "ffdhe3072",
  "ffdhe4096",
  "ffdhe6144",
  "ffdhe8192",
  "secp256r1mlkem768",
  "secp384r1mlkem1024",
  "x448mlkem1024",
];

function lookAtCurves(
  { args: [value = ""], place, name }: Statement,
): string | undefined {
  if (value === "auto") return undefined;
  const unknown = value.split(":").find((curve) =>
    !CURVES.includes(curve.toLowerCase())
  );
  if (unknown !== undefined) {
    throw new ConfigError(
      `unknown curve "${unknown}" in "${name}"`,
      place,
      "expected auto, or curves such as X25519:prime256v1:secp384r1",
    );
  }
  return "the curves are the runtime's own: X25519, prime256v1, secp384r1";
}

const SUITES = "the suites are the runtime's own";

/** Words of OpenSSL's lists of suites. */
const SUITE_WORD = /^[-+!]?[A-Za-z0-9][\w.+@=-]*$|^@(?:STRENGTH|SECLEVEL=\d)$/;

function lookAtCiphers({ args: [value = ""], place }: Statement): string {
  const listed = value.split(/[:, ]+/).filter((word) => word !== "");
  const wrong = listed.find((word) => !SUITE_WORD.test(word));
  const isEmpty = listed.every((word) => /^[-!@]/.test(word));
  if (wrong !== undefined || isEmpty) {
    throw new ConfigError(
      `no cipher match in "ssl_ciphers ${value}"`,
      place,
      wrong === undefined
        ? "it only takes suites away"
        : `"${wrong}" is no name of suites, nor a rule`,
    );
  }
  return SUITES;
}

/** Commands of OpenSSL's `SSL_CONF_cmd()`; those of the second kind protect. */
const COMMANDS: readonly string[] = [
  "ciphersuites",
  "cipherstring",
  "curves",
  "dhparameters",
  "ecdhparameters",
  "encryptthenmac",
  "groups",
  "minprotocol",
  "maxprotocol",
  "numtickets",
  "options",
  "privatekey",
  "certificate",
  "protocol",
  "recordpadding",
  "serverinfofile",
  "signaturealgorithms",
];
const PROTECTING_COMMANDS: readonly string[] = [
  "verifymode",
  "verifycafile",
  "verifycapath",
  "clientcafile",
  "clientcapath",
  "requestcafile",
  "requestcapath",
  "chaincafile",
  "chaincapath",
  "clientsignaturealgorithms",
];

function lookAtCommand(
  { args: [name = "", value = ""], place }: Statement,
): string {
  const command = name.toLowerCase();
  if (command === "minprotocol" && value === "TLSv1.3") {
    throw new ConfigError(
      `"ssl_conf_command ${name} ${value}" is not supported by webserv`,
      place,
      'expected "ssl_protocols TLSv1.3" instead',
    );
  }
  if (COMMANDS.includes(command)) {
    return "the runtime's library is not OpenSSL, and takes no commands";
  }
  const isKnown = PROTECTING_COMMANDS.includes(command);
  throw new ConfigError(
    isKnown
      ? `"ssl_conf_command ${name}" is not supported by webserv`
      : `unknown command "${name}" in "ssl_conf_command"`,
    place,
    isKnown
      ? 'expected "ssl_verify_client" and what belongs to it instead'
      : `expected one of OpenSSL's, such as Ciphersuites or Options`,
  );
}

/** All of them. */
export const TLS_SETTINGS: readonly AnyDirective[] = [
  sslProtocols,
  ssl,
  sslOcsp,
  unused("ssl_ciphers", "ciphers", lookAtCiphers),
  unused("ssl_early_data", "on | off", whereOn("early data is not taken")),
  unused("ssl_stapling", "on | off", whereOn("no OCSP response is sent")),
  unused("ssl_stapling_file", "file", () => "no OCSP response is sent"),
  unused(
    "ssl_session_cache",
    "off | none | [builtin[:size]] [shared:name:size]",
    lookAtCache,
    [1, 2],
  ),
  unused(
    "ssl_session_tickets",
    "on | off",
    (statement) => onOff(statement) ? undefined : BY_TICKETS,
  ),
  unused(
    "ssl_session_timeout",
    "time",
    (statement) =>
      time(statement) < TICKET_MS
        ? "sessions can be resumed for 12 hours"
        : undefined,
  ),
  unused("ssl_session_ticket_key", "file", lookAtTicketKey),
  unused("ssl_ecdh_curve", "curves", lookAtCurves),
  unused("ssl_dhparam", "file", lookAtDhParam),
  unused("ssl_conf_command", "name value", lookAtCommand, [2, 2]),
  unused("http3", "on | off", whereOn("QUIC is not spoken")),
];
