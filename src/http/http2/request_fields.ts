/**
 * From decoded fields to a request head (RFC 9113 §8). What is malformed would
 * be framed or routed in two ways by two servers (§8.1.1): it is no request at
 * all. What is only too large, or names no host, is a request with an answer.
 */

import { bytesOf } from "../byte_string.ts";
import { HttpError } from "../errors.ts";
import { isFieldValue } from "../field_syntax.ts";
import { KnownTarget, knownTarget } from "../known_target.ts";
import { type HeadLimits, MAX_METHOD_BYTES } from "../limits.ts";
import { decodedHead, type RequestHead } from "../request_head.ts";
import { type FieldLine, fieldSize } from "./hpack_table.ts";
import { parsePriority, type Priority } from "./priority.ts";

/** What the fields come to. */
export interface RequestFields {
  /** The head; of a request that is refused, as far as it is known. */
  readonly head: RequestHead;
  /** The answer, if it is refused. */
  readonly refusal: HttpError | undefined;
  /** The length that is said of the body. */
  readonly contentLength: number | undefined;
  /** How urgent it is, if that is said. */
  readonly priority: Priority | undefined;
}

/** Fields that are of a connection, which is none of HTTP/2 (§8.2.2). */
const CONNECTION_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

const PSEUDO_FIELDS = [":method", ":scheme", ":authority", ":path"] as const;

type PseudoField = typeof PSEUDO_FIELDS[number];

/** A name as it has to be (§8.2.1): a token without upper case. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A name that nginx does not call invalid; `_` depends. */
const PLAIN_NAME = /^[0-9a-z-]+$/;
const NAME_WITH_UNDERSCORES = /^[0-9a-z_-]+$/;

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What may stand in a target: what does not end it in HTTP/1.1. */
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;

/** Longest `content-length`, in digits: more could exceed 2^53 - 1. */
const MAX_LENGTH_DIGITS = 15;

/** Whether a field may stand in a request, or behind its body. */
function isField({ name, value }: FieldLine): boolean {
  return NAME.test(name) && isFieldValue(value) &&
    !/^[ \t]|[ \t]$/.test(value) &&
    !CONNECTION_FIELDS.has(name) &&
    (name !== "te" || /^trailers$/i.test(value));
}

/** Takes the fields of one block, within what a head may cost. */
export class FieldList {
  /** What was taken. */
  readonly lines: FieldLine[] = [];
  /** Why there is more than was taken, if there is. */
  refusal: HttpError | undefined = undefined;
  #bytes = 0;
  readonly #limits: HeadLimits;

  /** An empty list with these limits. */
  constructor(limits: HeadLimits) {
    this.#limits = limits;
  }

  /** Takes a field, or notes that it is too much. */
  readonly take = (line: FieldLine): void => {
    const { fields, headBytes, lineBytes } = this.#limits;
    this.#bytes += fieldSize(line);
    const { name, value } = line;
    if (name.length + value.length > lineBytes) {
      this.refusal ??= name === ":path"
        ? refused(414, "too long URI")
        : refused(431, "too long header line");
    } else if (this.#bytes > headBytes) {
      this.refusal ??= refused(431, "too large request");
    } else if (this.lines.length >= fields + PSEUDO_FIELDS.length) {
      this.refusal ??= refused(431, "too many header lines");
    } else this.lines.push(line);
  };
}

function refused(status: number, what: string): HttpError {
  return new HttpError(
    status,
    `client sent ${what} while reading client request headers`,
  );
}

/** Whether the fields may stand behind a body (§8.1): no pseudo-fields. */
export function areTrailers(lines: readonly FieldLine[]): boolean {
  return lines.every(isField);
}

/** The fields by kind, or what is wrong with them. */
function sorted(lines: readonly FieldLine[]) {
  const pseudo = new Map<PseudoField, string>();
  const fields: FieldLine[] = [];
  for (const line of lines) {
    const { name, value } = line;
    if (!name.startsWith(":")) {
      if (!isField(line)) return `invalid header "${name}"`;
      fields.push(line);
      continue;
    }
    if (fields.length > 0) return "pseudo-header after a header";
    const known = PSEUDO_FIELDS.find((field) => field === name);
    if (known === undefined) return `unknown pseudo-header "${name}"`;
    if (pseudo.has(known)) return `duplicate "${name}" header`;
    if (!isFieldValue(value)) return `invalid "${name}" header`;
    pseudo.set(known, value);
  }
  return { pseudo, fields };
}

/** What is wrong with the pseudo-fields, if anything (§8.3.1). */
function pseudoFault(pseudo: ReadonlyMap<PseudoField, string>) {
  const method = pseudo.get(":method");
  const scheme = pseudo.get(":scheme");
  const path = pseudo.get(":path");
  if (method === undefined) return 'no ":method" header';
  if (!METHOD.test(method) || method.length > MAX_METHOD_BYTES) {
    return "invalid method";
  }
  if (method === "CONNECT") {
    return scheme !== undefined || path !== undefined ||
        !pseudo.has(":authority")
      ? "invalid CONNECT"
      : undefined;
  }
  if (scheme === undefined) return 'no ":scheme" header';
  if (!/^[a-z][a-z0-9+.-]*$/i.test(scheme)) return "invalid scheme";
  if (path === undefined) return 'no ":path" header';
  const isAsterisk = path === "*" && method === "OPTIONS";
  return TARGET.test(path) && (path.startsWith("/") || isAsterisk)
    ? undefined
    : `invalid ":path" header`;
}

/** The host of a request, once; a text when what is said does not agree. */
function hostOf(
  authority: string | undefined,
  fields: readonly FieldLine[],
): { readonly host: string | undefined } | string {
  const hosts = fields.filter(({ name }) => name === "host");
  if (hosts.length > 1) return 'duplicate "host" header';
  const host = hosts[0]?.value;
  if (
    authority !== undefined && host !== undefined &&
    authority.toLowerCase() !== host.toLowerCase()
  ) return '"host" header that is not ":authority"';
  return { host: authority ?? host };
}

/** How long the body is said to be; a text when that is no length. */
function lengthOf(fields: readonly FieldLine[]): number | undefined | string {
  const lengths = fields.filter(({ name }) => name === "content-length");
  const [first] = lengths;
  if (first === undefined) return undefined;
  if (lengths.length > 1) return 'duplicate "content-length" header';
  const { value } = first;
  return /^[0-9]+$/.test(value) && value.length <= MAX_LENGTH_DIGITS
    ? Number(value)
    : 'invalid "content-length" header';
}

/** The lines of `cookie` as one (§8.2.3), and no `host`. */
function joined(
  fields: readonly FieldLine[],
  { ignoreInvalidFields, underscores }: HeadLimits,
): (readonly [string, string])[] {
  const plain = underscores ? NAME_WITH_UNDERSCORES : PLAIN_NAME;
  const kept: [string, string][] = [];
  let cookie: [string, string] | undefined;
  for (const { name, value } of fields) {
    if (name === "host") continue;
    if (ignoreInvalidFields && !plain.test(name)) continue;
    if (name === "cookie" && cookie !== undefined) cookie[1] += `; ${value}`;
    else {
      const field: [string, string] = [name, value];
      if (name === "cookie") cookie = field;
      kept.push(field);
    }
  }
  return kept;
}

/**
 * The request that the fields are.
 *
 * @returns a text that says what is malformed, if they are none
 */
export function requestOf(
  list: FieldList,
  limits: HeadLimits,
): RequestFields | string {
  const { lines, refusal } = list;
  const parts = sorted(lines);
  if (typeof parts === "string") return parts;
  const { pseudo, fields } = parts;
  const length = lengthOf(fields);
  if (refusal !== undefined) {
    return {
      head: headOf(pseudo, undefined, []),
      refusal,
      contentLength: undefined,
      priority: undefined,
    };
  }
  const fault = pseudoFault(pseudo);
  if (fault !== undefined) return fault;
  if (typeof length === "string") return length;
  const named = hostOf(pseudo.get(":authority"), fields);
  if (typeof named === "string") return named;
  const { host } = named;
  const priority = fields.find(({ name }) => name === "priority");
  return {
    head: headOf(pseudo, host, joined(fields, limits)),
    refusal: host === undefined
      ? refused(400, 'neither ":authority" nor "Host" header')
      : undefined,
    contentLength: length,
    priority: priority && parsePriority(priority.value),
  };
}

function headOf(
  pseudo: ReadonlyMap<PseudoField, string>,
  host: string | undefined,
  fields: readonly (readonly [name: string, value: string])[],
): RequestHead {
  const method = pseudo.get(":method") ?? "";
  const path = method === "CONNECT"
    ? pseudo.get(":authority") ?? ""
    : pseudo.get(":path") ?? "";
  const bytes = bytesOf(path);
  const isKept = fields.length > 0 || host !== undefined;
  return decodedHead({
    method,
    target: isKept
      ? knownTarget(bytes, 0, bytes.length)
      : new KnownTarget(path),
    version: "2.0",
    line: `${method} ${path} HTTP/2.0`,
    fields: host === undefined ? fields : [["host", host], ...fields],
    length: fields.reduce(
      (sum, [name, value]) => sum + name.length + value.length + 2,
      method.length + path.length + (host?.length ?? 0),
    ),
  });
}

/** What stands in for the head of a request that is malformed; for the log. */
export function malformedHead({ lines }: FieldList): RequestHead {
  const pseudo = new Map<PseudoField, string>();
  for (const { name, value } of lines) {
    const known = PSEUDO_FIELDS.find((field) => field === name);
    if (known !== undefined) pseudo.set(known, value.replace(/[\r\n\0]/g, ""));
  }
  return headOf(pseudo, undefined, []);
}
