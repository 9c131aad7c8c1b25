/**
 * A line of the error log, as nginx writes it:
 *
 *     2026/11/23 19:04:13 [error] 4711#0: *12 open() "/srv/x" failed (2: No
 *     such file or directory), client: 192.0.2.7, server: example.org,
 *     request: "GET /x HTTP/1.1", host: "example.org"
 *
 * on one line. nginx writes a client's control characters as they are, and so
 * lets it forge lines and drive the terminal of whoever reads the log. Here
 * they are written as the `\xHH` of their UTF-8 bytes, together with the
 * characters that turn the direction of text or break lines in some programs,
 * and bytes that are not UTF-8, which a text has as U+DC80 to U+DCFF.
 */

import type { ErrorLog } from "./error_log.ts";
import type { Level } from "./level.ts";
import { osErrorText } from "../os_error.ts";

/** What a line says about the connection and request it belongs to. */
export interface DiagnosticContext {
  /** The number of the connection, written as `*12`. */
  readonly connection?: number | undefined;
  /** The client's address. */
  readonly client?: string | undefined;
  /** The first name of the virtual host. */
  readonly server?: string | undefined;
  /** The request line. */
  readonly request?: string | undefined;
  /** The path of a request within the request. */
  readonly subrequest?: string | undefined;
  /** The value of `Host`. */
  readonly host?: string | undefined;
  /** The value of `Referer`. */
  readonly referrer?: string | undefined;
  /**
   * The error that is behind the message. One of the operating system is
   * written as nginx does: `(13: Permission denied)`.
   */
  readonly error?: unknown;
  /** Where the line goes; to the log of the process if left out. */
  readonly errorLog?: ErrorLog | undefined;
}

/** Everything a line is made of. */
interface DiagnosticRecord {
  /** The local time as nginx writes it, `2026/11/23 19:04:13`. */
  readonly time: string;
  /** nginx's level. */
  readonly level: Level;
  /** The process id. */
  readonly pid: number;
  /** The number of the thread: 0 is the main one. */
  readonly thread: number;
  /** What happened. */
  readonly message: string;
  /** Where it happened. */
  readonly context: DiagnosticContext;
}

/**
 * The longest message, error or request in a line, in characters. nginx cuts
 * the whole line at 2048 bytes (`NGX_MAX_ERROR_STR`) and so loses the client
 * of whoever sends a long target.
 */
const MAX_PART_LENGTH = 2048;

/** What ends a part that was cut. */
const CUT = "...";

/** How many errors of a chain of causes are named. */
const MAX_CAUSES = 4;

/**
 * C0 and C1 controls, line and paragraph separators, the characters of
 * bidirectional formatting (Unicode, UAX #9), and bytes that are not UTF-8.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udcff]/gu;

const UNSAFE_IN_QUOTES =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /["\\\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\udc80-\udcff]/gu;

const encoder = new TextEncoder();

/** The line of `record`, with its line terminator. */
export function formatDiagnosticLine(record: DiagnosticRecord): string {
  const { time, level, pid, thread, context } = record;
  const connection = context.connection === undefined
    ? ""
    : `*${context.connection} `;
  return `${time} [${level}] ${pid}#${thread}: ${connection}` +
    escapeControls(cut(record.message)) +
    formatError(context.error) +
    plainField("client", context.client) +
    plainField("server", context.server) +
    quotedField("request", context.request) +
    quotedField("subrequest", context.subrequest) +
    quotedField("host", context.host) +
    quotedField("referrer", context.referrer) +
    "\n";
}

/** What is harmless in nearly every line, and found out soon. */
const PLAIN = /^[ -~]*$/;

const PLAIN_IN_QUOTES = /^[ !#-[\]-~]*$/;

/** `text` on one line and harmless to a terminal; quotes stay. */
export function escapeControls(text: string): string {
  return PLAIN.test(text) ? text : text.replace(UNSAFE, escapeCharacter);
}

/**
 * `text` in quotes that it cannot leave, for names and paths that a message
 * speaks of.
 */
export function quote(text: string): string {
  const short = cut(text);
  return PLAIN_IN_QUOTES.test(short)
    ? `"${short}"`
    : `"${short.replace(UNSAFE_IN_QUOTES, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  const isStrayByte = code >= 0xdc80 && code <= 0xdcff;
  const bytes = isStrayByte ? [code - 0xdc00] : encoder.encode(character);
  let escaped = "";
  for (const byte of bytes) {
    escaped += `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return escaped;
}

/** Names and addresses, which nginx writes without quotes. */
function plainField(name: string, value: string | undefined): string {
  return value === undefined ? "" : `, ${name}: ${escapeControls(cut(value))}`;
}

function quotedField(name: string, value: string | undefined): string {
  return value === undefined ? "" : `, ${name}: ${quote(value)}`;
}

function formatError(error: unknown): string {
  if (error === undefined) return "";
  return ` (${escapeControls(cut(describeError(error)))})`;
}

/**
 * An error and its causes in one line. A mistake in the program has its stack,
 * since nobody finds it without; an error of the outside world has not.
 */
function describeError(error: unknown): string {
  const parts: string[] = [];
  try {
    let current = error;
    while (current !== undefined && parts.length < MAX_CAUSES) {
      parts.push(describeOneError(current));
      current = current instanceof Error ? current.cause : undefined;
    }
  } catch {
    // Anything can be thrown, also what refuses to be looked at.
    parts.push("an error that cannot be described");
  }
  return parts.join("; caused by ");
}

function describeOneError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const ofSystem = osErrorText(error);
  if (ofSystem !== undefined) return ofSystem;
  const isMistake = error instanceof TypeError ||
    error instanceof RangeError || error instanceof ReferenceError;
  if (isMistake && typeof error.stack === "string") {
    return error.stack.replaceAll(/\s*\n\s*/g, " ");
  }
  return `${error.name}: ${error.message}`;
}

function cut(text: string): string {
  if (text.length <= MAX_PART_LENGTH) return text;
  return text.slice(0, MAX_PART_LENGTH - CUT.length) + CUT;
}
