/**
 * nginx's `syslog:` logs: each line is one datagram (RFC 3164) to a port or a
 * Unix socket. The name of such a log, `syslog:server=...,tag=...`, says all
 * about it, so a worker can name one to the thread that sends its lines.
 */

import { MONTHS } from "../http/semantics/date.ts";
import { LEVELS } from "./level.ts";
import { formatErrorLogTime } from "./local_time.ts";

/** What the names of such logs begin with. */
export const SYSLOG_PREFIX = "syslog:";

/**
 * The severity of a log whose lines have their own, those of an `error_log`.
 * No configuration can say so.
 */
const OF_EACH_LINE = "$level";

/** By their numbers (RFC 3164 §4.1.1), with nginx's names. */
const FACILITIES = ("kern user mail daemon auth intern lpr news uucp clock " +
  "authpriv ftp ntp audit alert cron " +
  "local0 local1 local2 local3 local4 local5 local6 local7").split(" ");

/** By their numbers: `emerg` is 0. */
const SEVERITIES: readonly string[] = LEVELS.toReversed();

const DEFAULT_FACILITY = "local7";
const DEFAULT_SEVERITY = "info";

/** As in nginx, so that rules of a syslog server for it go on to work. */
const DEFAULT_TAG = "nginx";

const DEFAULT_PORT = 514;

const HIGHEST_PORT = 65_535;

/** The longest tag, in characters (RFC 3164 §4.1.3). */
const MAX_TAG_LENGTH = 32;

/** `2026/11/27 22:00:00 [error] ...`: the level of a line of an error log. */
const LINE_LEVEL = /^[\d/]+ [\d:]+ \[([a-z]+)\] /;

/** How much of a line is looked at for its level, in bytes. */
const LEVEL_BYTES = 32;

/** Where datagrams go: a port or a Unix socket. */
export type SyslogServer =
  | {
    readonly transport: "udp";
    readonly hostname: string;
    readonly port: number;
  }
  | { readonly transport: "unixpacket"; readonly path: string };

/** What the log `name` says, word by word. */
function wordsOf(name: string): (readonly [key: string, value: string])[] {
  return name.slice(SYSLOG_PREFIX.length).split(",").map((word) => {
    const equals = word.indexOf("=");
    return equals < 0
      ? [word, ""]
      : [word.slice(0, equals), word.slice(equals + 1)];
  });
}

/** What each parameter has to be; throws in nginx's words if it is not. */
const CHECKS: Readonly<Record<string, (value: string) => unknown>> = {
  server: serverOf,
  facility: (value) => checkKnown("facility", FACILITIES, value),
  severity: (value) => checkKnown("severity", SEVERITIES, value),
  tag: checkTag,
};

/**
 * The name of the log that a configuration calls `text`. The lines of an error
 * log have severities of their own.
 *
 * @throws {Error} in nginx's words when nginx would not take it
 */
export function syslogName(
  text: string,
  { hostname, isErrorLog }: {
    /** The name of this machine, if it is known. */
    readonly hostname: string | undefined;
    /** Whether its lines begin as those of an error log. */
    readonly isErrorLog: boolean;
  },
): string {
  const found = new Map<string, string>();
  for (const [key, value] of wordsOf(text)) {
    if (key === "nohostname" && value === "") {
      found.set(key, value);
      continue;
    }
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key] : undefined;
    if (check === undefined) {
      const word = value === "" ? key : `${key}=${value}`;
      throw new Error(`unknown syslog parameter "${word}"`);
    }
    if (found.has(key)) throw new Error(`duplicate syslog "${key}"`);
    check(value);
    found.set(key, value);
  }
  if (!found.has("server")) throw new Error("no syslog server specified");
  if (isErrorLog) found.set("severity", OF_EACH_LINE);
  const sendsHostname = hostname !== undefined && !found.has("nohostname");
  if (sendsHostname) found.set("hostname", hostname);
  return SYSLOG_PREFIX +
    [...found].map(([key, value]) =>
      key === "nohostname" ? key : `${key}=${value}`
    ).join(",");
}

/** The server that the log `name` goes to. */
export function syslogServer(name: string): SyslogServer {
  return serverOf(new Map(wordsOf(name)).get("server")!);
}

/**
 * Puts a line of the log `name`, without its line feed, into a datagram; the
 * time is in ms since the epoch.
 */
export function syslogFramer(
  name: string,
): (line: Uint8Array, timeMs: number) => Uint8Array<ArrayBuffer> {
  const words = new Map(wordsOf(name));
  const severity = words.get("severity") ?? DEFAULT_SEVERITY;
  const facility = FACILITIES.indexOf(
    words.get("facility") ?? DEFAULT_FACILITY,
  );
  const hostname = words.get("hostname");
  const tag = words.get("tag") ?? DEFAULT_TAG;
  const sender = hostname === undefined ? `${tag}: ` : `${hostname} ${tag}: `;
  return (line, timeMs) => {
    const level = severity === OF_EACH_LINE ? levelOf(line) : severity;
    const priority = facility * 8 + SEVERITIES.indexOf(level);
    const head = encoder.encode(`<${priority}>${timeText(timeMs)} ${sender}`);
    const datagram = new Uint8Array(head.length + line.length);
    datagram.set(head);
    datagram.set(line, head.length);
    return datagram;
  };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function levelOf(line: Uint8Array): string {
  const start = decoder.decode(line.subarray(0, LEVEL_BYTES));
  const level = LINE_LEVEL.exec(start)?.[1] ?? "";
  return SEVERITIES.includes(level) ? level : DEFAULT_SEVERITY;
}

/** `Nov  7 22:00:00`, local time (RFC 3164 §4.1.2). */
function timeText(timeMs: number): string {
  const date = new Date(timeMs);
  const day = String(date.getDate()).padStart(2);
  const [, clock] = formatErrorLogTime(timeMs).split(" ");
  return `${MONTHS[date.getMonth()]} ${day} ${clock}`;
}

function checkKnown(
  what: string,
  known: readonly string[],
  value: string,
): void {
  if (!known.includes(value)) {
    throw new Error(`unknown syslog ${what} "${value}"`);
  }
}

function checkTag(tag: string): void {
  if (tag.length > MAX_TAG_LENGTH) {
    throw new Error(`syslog tag length exceeds ${MAX_TAG_LENGTH}`);
  }
  if (!/^[0-9A-Za-z_]*$/.test(tag)) {
    throw new Error(
      'syslog "tag" only allows alphanumeric characters and underscore',
    );
  }
}

/** @throws {Error} in nginx's words when it is no address */
function serverOf(text: string): SyslogServer {
  const fault = (what: string) =>
    new Error(`${what} in syslog server "${text}"`);
  if (/^unix:/i.test(text)) {
    const path = text.slice("unix:".length);
    if (path === "") throw fault("no path in the unix domain socket");
    return { transport: "unixpacket", path };
  }
  const isBracketed = text.startsWith("[");
  const parts = isBracketed
    ? /^\[([^\]]*)\](?::(.*))?$/.exec(text)
    : /^([^:/]*)(?::(.*))?$/.exec(text);
  if (parts === null) throw fault("invalid host");
  const [, hostname = "", digits] = parts;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  if (!/^\d*$/.test(digits ?? "") || port < 1 || port > HIGHEST_PORT) {
    throw fault("invalid port");
  }
  if (isBracketed && !URL.canParse(`http://[${hostname}]/`)) {
    throw fault("invalid IPv6 address");
  }
  if (hostname === "") throw fault("no host");
  return { transport: "udp", hostname, port };
}
