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
import { FieldLine, fieldSize } from "./hpack/table.ts";
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

/** What a field is in a request; a number that is kept with it. */
const Kind = {
  Malformed: 1,
  Method: 2,
  Scheme: 3,
  Authority: 4,
  Path: 5,
  Field: 6,
  Host: 7,
  Cookie: 8,
  ContentLength: 9,
  Priority: 10,
} as const;

/** Pseudo-fields (§8.3.1) by their names. */
const PSEUDO_KINDS: ReadonlyMap<string, number> = new Map([
  [":method", Kind.Method],
  [":scheme", Kind.Scheme],
  [":authority", Kind.Authority],
  [":path", Kind.Path],
]);

/** Fields that mean something here. */
const FIELD_KINDS: ReadonlyMap<string, number> = new Map([
  ["host", Kind.Host],
  ["cookie", Kind.Cookie],
  ["content-length", Kind.ContentLength],
  ["priority", Kind.Priority],
]);

/** A name as it has to be (§8.2.1): a token without upper case. */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A name that nginx does not call invalid; `_` depends. */
const PLAIN_NAME = /^[0-9a-z-]+$/;
const NAME_WITH_UNDERSCORES = /^[0-9a-z_-]+$/;

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const SCHEME = /^[a-z][a-z0-9+.-]*$/i;

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
    } else if (this.lines.length >= fields + PSEUDO_KINDS.size) {
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

/** What a field is, worked out once for each of them. */
function kindOf(line: FieldLine): number {
  return line.kind === 0 ? judge(line) : line.kind;
}

function judge(line: FieldLine): number {
  const { name, value } = line;
  const pseudo = PSEUDO_KINDS.get(name);
  if (pseudo !== undefined) {
    line.isPlain = isPlainPseudo(pseudo, value);
    return line.kind = isFieldValue(value) ? pseudo : Kind.Malformed;
  }
  line.isPlain = PLAIN_NAME.test(name);
  return line.kind = isField(line)
    ? FIELD_KINDS.get(name) ?? Kind.Field
    : Kind.Malformed;
}

/** Whether the value of a pseudo-field is what it is in most requests. */
function isPlainPseudo(kind: number, value: string): boolean {
  switch (kind) {
    case Kind.Method:
      return METHOD.test(value) && value.length <= MAX_METHOD_BYTES;
    case Kind.Scheme:
      return SCHEME.test(value);
    case Kind.Path:
      return value.startsWith("/") && TARGET.test(value);
  }
  return true;
}

function malformed(name: string): string {
  if (PSEUDO_KINDS.has(name)) return `invalid "${name}" header`;
  return `${
    name.startsWith(":") ? "unknown pseudo-" : "invalid "
  }header "${name}"`;
}

/** The fields of a request by kind. */
class RequestParts {
  method: FieldLine | undefined = undefined;
  scheme: FieldLine | undefined = undefined;
  authority: FieldLine | undefined = undefined;
  path: FieldLine | undefined = undefined;
  host: FieldLine | undefined = undefined;
  contentLength: FieldLine | undefined = undefined;
  priority: string | undefined = undefined;
  cookies = 0;
  /** What is said twice that may be said once, if anything is. */
  twice: string | undefined = undefined;
  /** All that are no pseudo-fields. */
  readonly fields: FieldLine[] = [];

  /** Takes the next field; what is malformed about that, if anything. */
  take(line: FieldLine): string | undefined {
    const kind = kindOf(line);
    if (kind === Kind.Malformed) return malformed(line.name);
    if (kind > Kind.Path) {
      this.fields.push(line);
      if (kind !== Kind.Field) this.#note(kind, line);
      return undefined;
    }
    if (this.fields.length > 0) return "pseudo-header after a header";
    return this.#pseudo(kind, line)
      ? undefined
      : `duplicate "${line.name}" header`;
  }

  /** Takes a pseudo-field; whether it is the first of its name. */
  #pseudo(kind: number, line: FieldLine): boolean {
    let before: FieldLine | undefined;
    switch (kind) {
      case Kind.Method:
        before = this.method;
        this.method = line;
        break;
      case Kind.Scheme:
        before = this.scheme;
        this.scheme = line;
        break;
      case Kind.Authority:
        before = this.authority;
        this.authority = line;
        break;
      case Kind.Path:
        before = this.path;
        this.path = line;
        break;
    }
    return before === undefined;
  }

  /** Notes a field that means something. */
  #note(kind: number, line: FieldLine): void {
    switch (kind) {
      case Kind.Host:
        if (this.host !== undefined) this.twice ??= line.name;
        this.host = line;
        break;
      case Kind.Cookie:
        this.cookies++;
        break;
      case Kind.ContentLength:
        if (this.contentLength !== undefined) this.twice ??= line.name;
        this.contentLength = line;
        break;
      case Kind.Priority:
        // Several lines are one list (RFC 9110 §5.3).
        this.priority = this.priority === undefined
          ? line.value
          : `${this.priority},${line.value}`;
        break;
    }
  }

  /** What is malformed about all of them together, if anything. */
  get fault(): string | undefined {
    return this.#pseudoFault ?? this.#fieldFault;
  }

  get #pseudoFault(): string | undefined {
    const { method, scheme, authority, path } = this;
    if (method === undefined) return 'no ":method" header';
    if (!method.isPlain) return "invalid method";
    if (method.value === "CONNECT") {
      return scheme !== undefined || path !== undefined ||
          authority === undefined
        ? "invalid CONNECT"
        : undefined;
    }
    if (scheme === undefined) return 'no ":scheme" header';
    if (!scheme.isPlain) return "invalid scheme";
    if (path === undefined) return 'no ":path" header';
    const isAsterisk = path.value === "*" && method.value === "OPTIONS";
    return path.isPlain || isAsterisk ? undefined : 'invalid ":path" header';
  }

  get #fieldFault(): string | undefined {
    const { authority, contentLength, host, twice } = this;
    if (twice !== undefined) return `duplicate "${twice}" header`;
    if (contentLength !== undefined && !isLength(contentLength.value)) {
      return 'invalid "content-length" header';
    }
    return authority !== undefined && host !== undefined &&
        authority.value.toLowerCase() !== host.value.toLowerCase()
      ? '"host" header that is not ":authority"'
      : undefined;
  }
}

function isLength(value: string): boolean {
  return /^[0-9]+$/.test(value) && value.length <= MAX_LENGTH_DIGITS;
}

/**
 * The fields as the head has them: the host first, the lines of `cookie` as
 * one (§8.2.3), and none that nginx calls invalid.
 */
function headFields(
  { authority, cookies, fields, host }: RequestParts,
  { ignoreInvalidFields, underscores }: HeadLimits,
): readonly FieldLine[] {
  const kept: FieldLine[] = [];
  const named = authority ?? host;
  if (named !== undefined) kept.push(new FieldLine("host", named.value));
  let cookieAt = -1;
  for (const line of fields) {
    if (line.kind === Kind.Host) continue;
    if (
      ignoreInvalidFields && !line.isPlain &&
      !(underscores && NAME_WITH_UNDERSCORES.test(line.name))
    ) continue;
    if (cookies < 2 || line.kind !== Kind.Cookie) kept.push(line);
    else if (cookieAt < 0) {
      cookieAt = kept.push(
        new FieldLine("cookie", joinedCookies(fields)),
      );
    }
  }
  return kept;
}

function joinedCookies(fields: readonly FieldLine[]): string {
  return fields.filter(({ kind }) => kind === Kind.Cookie)
    .map(({ value }) => value).join("; ");
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
  const parts = new RequestParts();
  for (const line of list.lines) {
    const fault = parts.take(line);
    if (fault !== undefined) return fault;
  }
  const { refusal } = list;
  if (refusal !== undefined) {
    return {
      head: headOf(parts, []),
      refusal,
      contentLength: undefined,
      priority: undefined,
    };
  }
  const { fault } = parts;
  if (fault !== undefined) return fault;
  const { authority, contentLength, host, priority } = parts;
  return {
    head: headOf(parts, headFields(parts, limits)),
    refusal: authority === undefined && host === undefined
      ? refused(400, 'neither ":authority" nor "Host" header')
      : undefined,
    contentLength: contentLength && Number(contentLength.value),
    priority: priority === undefined ? undefined : parsePriority(priority),
  };
}

/** The head of a request with these fields; with none its target is not
 * remembered. */
function headOf(
  { authority, method, path }: RequestParts,
  fields: readonly FieldLine[],
): RequestHead {
  const said = method?.value ?? "";
  const target = (said === "CONNECT" ? authority : path)?.value ?? "";
  let length = said.length + target.length;
  for (const { name, value } of fields) {
    length += name.length + value.length + 2;
  }
  return decodedHead({
    method: said,
    target: fields.length > 0
      ? rememberedTarget(target)
      : new KnownTarget(target),
    version: "2.0",
    line: `${said} ${target} HTTP/2.0`,
    fields,
    length,
  });
}

function rememberedTarget(text: string): KnownTarget {
  const bytes = bytesOf(text);
  return knownTarget(bytes, 0, bytes.length);
}

/** What stands in for the head of a request that is malformed; for the log. */
export function malformedHead({ lines }: FieldList): RequestHead {
  const parts = new RequestParts();
  for (const { name, value } of lines) {
    if (!PSEUDO_KINDS.has(name)) continue;
    parts.take(new FieldLine(name, value.replace(/[\r\n\0]/g, "")));
  }
  return headOf(parts, []);
}
