/**
 * Response heads (RFC 9112 §4, §6): one place decides the framing, so that a
 * response never has both framings, and none where a body is not allowed.
 *
 * A representation is encoded once, head and body in one piece of memory,
 * and answers every GET of a persistent connection with one write. Only its date is
 * patched, once a second. (Measured: one write of prebuilt bytes is what
 * makes 1 KB answers faster than nginx's writev.)
 */

import { bytesOf, writeByteString } from "../byte_string.ts";
import {
  formatHttpDate,
  MAX_HTTP_DATE_MS,
  MIN_HTTP_DATE_MS,
  parseHttpDate,
} from "../semantics/date.ts";
import type { EncodedForm, Representation } from "../representation.ts";
import type { HttpVersion } from "../request_head.ts";
import type { HttpResponse } from "../response.ts";
import { FORM_COPIES } from "./output_memory.ts";
import { isBodyless, reasonPhrase } from "../semantics/status.ts";

/** How the end of a response's body is marked. */
export type ResponseFraming =
  /** There is no body. */
  | "none"
  /** By `Content-Length`. */
  | "length"
  /** By `Transfer-Encoding: chunked`. */
  | "chunked"
  /** By the end of the connection. */
  | "close";

/** What an encoded head depends on beyond its response. */
export interface EncodeContext {
  /** The request's version; 1.0 knows neither chunks nor persistence. */
  readonly version: HttpVersion;
  /** Whether the request was a HEAD. */
  readonly isHead: boolean;
  /** Whether the connection goes on. */
  readonly persistent: boolean;
  /** The current date as {@linkcode formatHttpDate} writes it. */
  readonly date: string;
  /** The value of `Server`; empty for none. */
  readonly server: string;
  /** The value of `Keep-Alive` on a persistent connection; empty for none. */
  readonly keepAlive: string;
}

const DATE = "Date: ";
const EXPIRES = "Expires: ";

/** How the body of `response` ends for the client. */
export function responseFraming(
  response: HttpResponse,
  context: Pick<EncodeContext, "version">,
): ResponseFraming {
  if (isBodyless(response.status)) return "none";
  if (response.length !== undefined) return "length";
  return context.version === "1.0" || response.endsWithConnection
    ? "close"
    : "chunked";
}

/**
 * The response's head, from the status line to the empty line, as a byte
 * string.
 */
export function headText(
  response: HttpResponse,
  framing: ResponseFraming,
  context: EncodeContext,
): string {
  const { status } = response;
  let text = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
  const server = response.server ?? context.server;
  if (server !== "") text += `Server: ${server}\r\n`;
  text += `${DATE}${context.date}\r\n`;
  if (response.expiresAfter !== undefined) {
    text += `${EXPIRES}${dateAfter(context.date, response.expiresAfter)}\r\n`;
  }
  text += response.headers.toLines();
  if (framing === "length") text += `Content-Length: ${response.length}\r\n`;
  // What has no body has no chunks; nginx says nothing either.
  if (framing === "chunked" && !context.isHead) {
    text += "Transfer-Encoding: chunked\r\n";
  }
  if (!context.persistent || framing === "close") {
    text += "Connection: close\r\n";
  } else {
    text += "Connection: keep-alive\r\n";
    if (context.keepAlive !== "") {
      text += `Keep-Alive: ${context.keepAlive}\r\n`;
    }
  }
  return text + "\r\n";
}

/**
 * The head of a representation that is the last answer of its connection: it
 * is kept for a second, because short connections come by the thousand.
 */
export function lastHeadText(
  response: Representation,
  framing: ResponseFraming,
  context: EncodeContext,
): string {
  // Without a length the version decides, and what HEAD is told.
  if (framing !== "length") return headText(response, framing, context);
  const known = response.lastHead;
  if (known?.date === context.date) return known.text;
  const text = headText(response, framing, context);
  response.lastHead = { date: context.date, text };
  return text;
}

/** The bytes of a head. */
export function encodeHead(head: string): Uint8Array {
  return bytesOf(head);
}

/**
 * Writes head and body to `target`, which has room for both.
 *
 * @returns how many bytes they are
 */
export function joinHeadInto(
  target: Uint8Array,
  head: string,
  body: Uint8Array,
): number {
  const written = writeByteString(target, head);
  target.set(body, written);
  return written + body.length;
}

/** Head and body in one new piece of memory. */
export function joinHead(head: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + body.length);
  joinHeadInto(bytes, head, body);
  return bytes;
}

/**
 * The form of a representation for a GET of a persistent connection, made to
 * say `context.date`. Bytes that are being written are never patched: a client
 * must not see half of one date and half of another. `undefined` when that
 * would take a copy, and there are too many of those.
 */
export function encodedForm(
  response: Representation,
  context: EncodeContext,
): EncodedForm | undefined {
  const form = response.encoded;
  if (form === undefined) return response.encoded = newForm(response, context);
  if (form.date === context.date) return form;
  if (form.inFlight === 0) return patched(form, context);
  const bytes = copyRoom(form.bytes.length);
  if (bytes === undefined) return undefined;
  bytes.set(form.bytes);
  return response.encoded = patched({ ...form, bytes, inFlight: 0 }, context);
}

/** Memory for a copy, if there may be one more. */
function copyRoom(length: number): Uint8Array<ArrayBuffer> | undefined {
  if (!FORM_COPIES.hasRoom(length)) return undefined;
  const bytes = new Uint8Array(length);
  FORM_COPIES.track(bytes.buffer);
  return bytes;
}

function patched(form: EncodedForm, context: EncodeContext): EncodedForm {
  const { date } = context;
  const text = form.expiresAfter === undefined
    ? date
    : `${date}\r\n${EXPIRES}${dateAfter(date, form.expiresAfter)}`;
  writeByteString(form.bytes.subarray(form.dateOffset), text);
  form.date = context.date;
  return form;
}

function newForm(
  response: Representation,
  context: EncodeContext,
): EncodedForm | undefined {
  const framing = responseFraming(response, context);
  const text = headText(response, framing, context);
  const head = bytesOf(text);
  const kept = response.body instanceof Uint8Array && framing === "length"
    ? { from: head.length, body: response.body, at: 0 }
    : undefined;
  const body = kept?.body ?? new Uint8Array(0);
  const bytes = placeHead(head, body, response.headroom);
  return bytes && {
    bytes,
    headLength: head.length,
    kept,
    dateOffset: dateOffset(text),
    date: context.date,
    expiresAfter: response.expiresAfter,
    inFlight: 0,
  };
}

/** Where the date is. */
function dateOffset(head: string): number {
  return head.indexOf(`\r\n${DATE}`) + `\r\n${DATE}`.length;
}

/** The dates that are some seconds after the one below. */
const datesAfter = new Map<number, string>();
let datesAfterDate = "";

/** Most delays whose dates are kept: a configuration has a few. */
const MAX_DATES_AFTER = 64;

/**
 * The HTTP date `seconds` after another one, as far as there are such dates.
 * It is asked for in every response of a second, so it is kept for one.
 */
export function dateAfter(date: string, seconds: number): string {
  if (date !== datesAfterDate || datesAfter.size >= MAX_DATES_AFTER) {
    datesAfter.clear();
    datesAfterDate = date;
  }
  let text = datesAfter.get(seconds);
  if (text === undefined) {
    const ms = (parseHttpDate(date, 0) ?? 0) + seconds * 1000;
    text = formatHttpDate(
      Math.max(MIN_HTTP_DATE_MS, Math.min(ms, MAX_HTTP_DATE_MS)),
    );
    datesAfter.set(seconds, text);
  }
  return text;
}

/** A piece of a body as a chunk (RFC 9112 §7.1). */
export function encodeChunk(piece: Uint8Array): Uint8Array {
  const size = bytesOf(`${piece.length.toString(16)}\r\n`);
  const bytes = new Uint8Array(size.length + piece.length + 2);
  bytes.set(size);
  bytes.set(piece, size.length);
  bytes.set([0x0d, 0x0a], size.length + piece.length);
  return bytes;
}

/** The end of a chunked body: the last chunk and the trailer fields. */
export function lastChunk(trailer: HttpResponse["trailer"]): Uint8Array {
  return bytesOf(`0\r\n${trailer?.() ?? ""}\r\n`);
}

/**
 * Writes the head in front of the body, in place if there is room, and else in
 * a copy if there may be one more.
 */
function placeHead(
  head: Uint8Array,
  body: Uint8Array,
  headroom: number,
): Uint8Array | undefined {
  if (head.length <= headroom && head.length <= body.byteOffset) {
    const bytes = new Uint8Array(
      body.buffer,
      body.byteOffset - head.length,
      head.length + body.length,
    );
    bytes.set(head);
    return bytes;
  }
  const bytes = copyRoom(head.length + body.length);
  bytes?.set(head);
  bytes?.set(body, head.length);
  return bytes;
}
