/**
 * What a location sends of one version of something, in one content coding
 * (RFC 9110 §3.2): a file, a file in gzip, the page of an error. It is made
 * once, with all fields that follow from it alone, and answers many requests.
 * What is worked out of it is kept here and goes when it goes.
 */

import { parseHttpDate } from "./semantics/date.ts";
import type { Validators } from "./semantics/preconditions.ts";
import { HttpResponse, type KeptBytes } from "./response.ts";

/** The content codings that are made here (RFC 9110 §8.4.1). */
export type ContentCoding = "br" | "zstd" | "gzip";

/** A representation as it goes over the wire; owned by the encoder. */
export interface EncodedForm {
  /** Head and body. */
  bytes: Uint8Array;
  /** How many of the bytes are head. */
  headLength: number;
  /** What the bytes behind it are of, if there are any. */
  readonly kept: KeptBytes | undefined;
  /** Where the 29 bytes of the date are. */
  readonly dateOffset: number;
  /** The date the bytes say. */
  date: string;
  /** See {@linkcode HttpResponse.expiresAfter}. */
  readonly expiresAfter: number | undefined;
  /** How many writes of exactly these bytes have not ended. */
  inFlight: number;
}

/** Its fields as HTTP/2 has them; owned by the encoder. */
export interface FieldBlock {
  /** The block, which uses no table of a connection. */
  readonly bytes: Uint8Array;
  /** Fields that are not in it: there are none. */
  readonly fields: readonly [];
  /** What it says of its own urgency. */
  readonly priority: string | undefined;
  /** The date it says. */
  readonly date: string;
  /** The server it says. */
  readonly server: string;
}

/** Fields of a 200 that a 304 does not have (RFC 9110 §15.4.5). */
const CONTENT_FIELDS = ["Content-Type", "Accept-Ranges", "Content-Encoding"];

/** A response that answers many requests. It does not change any more. */
export class Representation extends HttpResponse {
  /**
   * How many bytes before the body, in the same memory, the encoder may write
   * the head to, so that both go out in one piece.
   */
  readonly headroom: number;
  /** How it goes over the wire to a GET, once that is known. */
  encoded: EncodedForm | undefined = undefined;
  /** Its head on a connection that ends, of the second it was asked for last. */
  lastHead: { readonly date: string; readonly text: string } | undefined =
    undefined;
  /** Its fields to a client of HTTP/2, once there was one. */
  fieldBlock: FieldBlock | undefined = undefined;
  /** In which content codings it may be sent, once that is known. */
  codings: readonly ContentCoding[] | undefined = undefined;
  #validators: Validators | undefined;
  #notModified: Representation | undefined;

  /** `made` for many requests; nobody else may change it from now on. */
  constructor(made: HttpResponse, headroom = 0) {
    super(made.status, made);
    this.headroom = headroom;
  }

  /** What conditional requests are compared with; `nowMs` reads short years. */
  validatorsAt(nowMs: number): Validators {
    return this.#validators ??= validatorsOf(this, nowMs);
  }

  /** The 304 that stands for it. */
  get notModified(): Representation {
    return this.#notModified ??= new Representation(notModifiedOf(this));
  }
}

/** The validators that the fields of a response say. */
export function validatorsOf(
  { headers }: HttpResponse,
  nowMs: number,
): Validators {
  const date = headers.get("Last-Modified");
  return {
    etag: headers.get("ETag"),
    lastModified: date === undefined ? undefined : parseHttpDate(date, nowMs),
  };
}

/** The 304 that stands for a 200 whose body is not needed. */
export function notModifiedOf(response: HttpResponse): HttpResponse {
  const headers = response.headers.clone();
  for (const name of CONTENT_FIELDS) headers.delete(name);
  const { close, expiresAfter, server } = response;
  return new HttpResponse(304, { headers, close, expiresAfter, server });
}
