/**
 * The request target (RFC 9112 §3.2) and its path.
 *
 * A target arrives as latin1, one character per byte. Its path is decoded
 * exactly once, here, into the one form that location matching, access rules,
 * logs and `open` all use: percent-decoded UTF-8, dot segments removed after
 * decoding (as in nginx, so that `/%2e%2e/` is `/../`), slashes merged if
 * `merge_slashes` says so. `%2F` decodes to `/` and separates segments as in
 * nginx; a backslash is an ordinary character, as it is on POSIX.
 *
 * Where this is stricter than nginx 1.22: a `#` is rejected instead of cut off
 * with what follows it, since no client may send a fragment (RFC 9110 §7.1)
 * and a cache in front may keep it; and a path that is not UTF-8 is rejected,
 * since the runtime names files by strings and could not open such a name, nor
 * may an overlong encoding of `/` or `.` reach a comparison.
 */

import { HttpError } from "./errors.ts";
import { type HostPort, parseHost } from "./host.ts";

/** A 400 for a target that means nothing, in nginx's words. */
function invalid(detail: string): HttpError {
  return new HttpError(
    400,
    `client sent invalid request while reading client request line: ${detail}`,
  );
}

/** A parsed request target. Path and query are raw, as sent. */
export type RequestTarget =
  /** `/path?query`. */
  | {
    readonly form: "origin";
    /** Begins with `/`. */
    readonly path: string;
    /** What follows the first `?`; undefined without one. */
    readonly query: string | undefined;
  }
  /** `http://host:port/path?query`; replaces `Host` (RFC 9112 §3.2.2). */
  | {
    readonly form: "absolute";
    /** In lower case; any scheme with an authority. */
    readonly scheme: string;
    readonly authority: HostPort;
    /** Begins with `/`, which is added if the path is empty. */
    readonly path: string;
    readonly query: string | undefined;
  }
  /** `host:port`, for CONNECT only. */
  | { readonly form: "authority"; readonly authority: HostPort }
  /** `*`, for OPTIONS only. */
  | { readonly form: "asterisk" };

/** How {@linkcode normalizePath} treats a path. */
export interface NormalizePathOptions {
  /** Whether `//` becomes `/`: nginx's `merge_slashes`, on by default. */
  readonly mergeSlashes: boolean;
}

const NUL = 0x00;
const HASH = 0x23;
const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const QUESTION = 0x3f;

/**
 * Parses a request target. Which forms a method may have is the caller's to
 * check. Bytes from 0x80 are accepted, as in nginx.
 *
 * @throws {HttpError} 400 when the target has no form, holds a space, a
 * control character or `#`, or has a malformed authority
 */
export function parseTarget(raw: string): RequestTarget {
  let question = -1;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code === QUESTION) {
      if (question < 0) question = i;
    } else if (code <= 0x20 || code === 0x7f || code === HASH || code > 0xff) {
      throw invalid("invalid character in request target");
    }
  }
  if (raw.charCodeAt(0) === SLASH) {
    return question < 0 ? { form: "origin", path: raw, query: undefined } : {
      form: "origin",
      path: raw.slice(0, question),
      query: raw.slice(question + 1),
    };
  }
  if (raw === "*") return { form: "asterisk" };
  return parseAbsolute(raw, question) ?? parseAuthority(raw);
}

/** The absolute form, `undefined` when there is no `scheme://`. */
function parseAbsolute(
  raw: string,
  question: number,
): RequestTarget | undefined {
  const colon = raw.indexOf("://");
  if (!isScheme(raw, colon)) return undefined;
  const authorityStart = colon + 3;
  const pathEnd = question < 0 ? raw.length : question;
  const slash = raw.indexOf("/", authorityStart);
  const authorityEnd = slash < 0 || slash > pathEnd ? pathEnd : slash;
  const authority = parseHost(raw.slice(authorityStart, authorityEnd));
  if (authority === undefined) {
    throw invalid("invalid host in request target");
  }
  return {
    form: "absolute",
    scheme: raw.slice(0, colon).toLowerCase(),
    authority,
    path: raw.slice(authorityEnd, pathEnd) || "/",
    query: question < 0 ? undefined : raw.slice(question + 1),
  };
}

/** The authority form, in which the port is required (RFC 9112 §3.2.3). */
function parseAuthority(raw: string): RequestTarget {
  const authority = parseHost(raw);
  if (authority?.port === undefined) {
    throw invalid("invalid request target");
  }
  return { form: "authority", authority };
}

/** Whether the first `length` characters are a scheme (RFC 3986 §3.1). */
function isScheme(text: string, length: number): boolean {
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const isOther = (code >= 0x30 && code <= 0x39) || code === 0x2b ||
      code === 0x2d || code === 0x2e;
    if (!isLetter && (i === 0 || !isOther)) return false;
  }
  return length > 0;
}

/**
 * The one path a raw path (without query, latin1) means, for everything that
 * is decided or opened by path. Begins with `/` and has no `.` or `..`
 * segment. Control characters other than NUL may be in it if they came
 * percent-encoded: file names may hold them.
 *
 * One scan finds out that most paths need nothing and are returned as they
 * are; the rest takes linear time too.
 *
 * @throws {HttpError} 400 when the path does not begin with `/`, leaves the
 * root, or holds a bad percent escape, a NUL or bytes that are not UTF-8
 */
export function normalizePath(
  rawPath: string,
  options: NormalizePathOptions,
): string {
  const { mergeSlashes } = options;
  if (rawPath.charCodeAt(0) !== SLASH) {
    throw invalid("path does not begin with a slash");
  }
  let previous = 0;
  for (let i = 0; i < rawPath.length; i++) {
    const code = rawPath.charCodeAt(i);
    if (
      code === PERCENT || code >= 0x80 || code === NUL ||
      (previous === SLASH &&
        (code === DOT || (code === SLASH && mergeSlashes)))
    ) {
      return decodePath(rawPath, mergeSlashes);
    }
    previous = code;
  }
  return rawPath;
}

/** {@linkcode normalizePath} for a path that needs something. */
function decodePath(rawPath: string, mergeSlashes: boolean): string {
  // A path never grows: each byte of it comes from one character or three.
  const out = new Uint8Array(rawPath.length);
  out[0] = SLASH;
  let length = 1;
  let segment = 1;
  for (let i = 1; i < rawPath.length; i++) {
    let byte = rawPath.charCodeAt(i);
    if (byte === PERCENT) {
      byte = hexValue(rawPath.charCodeAt(i + 1)) * 16 +
        hexValue(rawPath.charCodeAt(i + 2));
      if (!(byte >= 0)) throw invalid("bad percent escape in path");
      i += 2;
    }
    if (byte === NUL) throw invalid("NUL in path");
    if (byte > 0xff) throw invalid("path is not made of bytes");
    if (byte !== SLASH) {
      out[length++] = byte;
      continue;
    }
    const kept = closeSegment(out, segment, length);
    const isDotSegment = kept !== length;
    length = kept;
    if (!isDotSegment && !(mergeSlashes && length === segment)) {
      out[length++] = SLASH;
    }
    segment = length;
  }
  length = closeSegment(out, segment, length);
  return decodeUtf8(out.subarray(0, length));
}

/**
 * The length of the path after its last segment, which begins at `segment`,
 * has ended: shorter if it is `.` or `..`. What is left then ends with `/`.
 */
function closeSegment(
  out: Uint8Array,
  segment: number,
  length: number,
): number {
  if (out[segment] !== DOT) return length;
  if (length === segment + 1) return segment;
  if (length !== segment + 2 || out[segment + 1] !== DOT) return length;
  if (segment === 1) throw invalid("path leaves the root");
  return out.lastIndexOf(SLASH, segment - 2) + 1;
}

const UTF8_DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8_DECODER.decode(bytes);
  } catch {
    throw invalid("path is not UTF-8");
  }
}

/** The value of a hexadecimal digit, or NaN. */
function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NaN;
}
