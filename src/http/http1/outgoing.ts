/**
 * From a response to what is written of it: one piece of bytes, and perhaps a
 * source for the rest. Small bodies go out in one piece with their head,
 * because a write costs as much as everything else that is done for a small
 * answer (measured).
 */

import { BufferPool } from "../../bytes/buffer_pool.ts";
import { ByteSource, sourceOf } from "../byte_source.ts";
import { type EncodedForm, Representation } from "../representation.ts";
import { KeptPart, KeptSource } from "../kept_bytes.ts";
import type {
  BodySource,
  HttpResponse,
  KeptBytes,
  ResponseBody,
} from "../response.ts";
import { LEAST_COUNTED_BYTES, SENT_BODIES } from "../sent_bodies.ts";
import { OUTPUT_MEMORY } from "./output_memory.ts";
import {
  type EncodeContext,
  encodedForm,
  encodeHead,
  headText,
  joinHead,
  joinHeadInto,
  lastHeadText,
  type ResponseFraming,
  responseFraming,
} from "./response_encoder.ts";

/** A body up to this size goes out in one piece with its head, in bytes. */
const MAX_JOINED_BYTES = 64 * 1024;

/** Where small answers are put together. */
const SMALL = new BufferPool(8 * 1024, 256);

/** Where a head and a body that is not so small are put together. */
const LARGE = new BufferPool(MAX_JOINED_BYTES + 8 * 1024, 64);

const NOTHING = new Uint8Array(0);

/** How a response is to be encoded. */
export interface OutgoingContext extends EncodeContext {
  /** Whether more requests wait, so that answers are gathered to one write:
   * its bytes must then be its own. */
  readonly gathers: boolean;
  /** Whether the transport may have copies of bodies that are kept. */
  readonly takesKept: boolean;
}

/** How many are kept for the next answer. */
const MAX_UNUSED = 256;

const unused: Outgoing[] = [];

/**
 * What is written of one response. One object serves one answer after the
 * other: {@linkcode encode}, write, {@linkcode release}.
 */
export class Outgoing {
  /** What goes out first: the head, with the body if that is small. */
  bytes: Uint8Array = NOTHING;
  /** How many of the bytes are head. */
  headLength = 0;
  /** The body, if it goes out piece by piece. */
  source: BodySource | undefined = undefined;
  /** How the end of the body is marked. */
  framing: ResponseFraming = "none";
  /** Gives the fields behind a chunked body. */
  trailer: HttpResponse["trailer"] = undefined;
  #form: EncodedForm | undefined;
  #piece: Uint8Array<ArrayBuffer> | undefined;
  #pool: BufferPool = SMALL;
  /** What it has taken of the memory of all. */
  #taken = 0;
  /** What is sent from where it is. */
  #inUse: ArrayBufferLike | undefined;

  /** One for an answer of any connection: most are idle, and need none. */
  static acquire(): Outgoing {
    return unused.pop() ?? new Outgoing();
  }

  /** Of which body that is kept in memory {@linkcode bytes} are, if of one. */
  get kept(): KeptBytes | undefined {
    return this.#form?.kept;
  }

  /** Whether the source has more at once, so that both can go out together. */
  get follows(): boolean {
    return this.source?.lend !== undefined ||
      this.source instanceof KeptSource;
  }

  /** How many bytes of body are in {@linkcode bytes}. */
  get bodyLength(): number {
    return this.bytes.length - this.headLength;
  }

  /**
   * Encodes `response` and takes its body over.
   *
   * @throws what the body throws when it cannot be opened
   */
  encode(response: HttpResponse, context: OutgoingContext): this {
    const body = context.takesKept && !context.gathers
      ? response.body
      : plainBody(response.body);
    if (
      response instanceof Representation && !context.isHead &&
      context.persistent &&
      (body === undefined || body instanceof Uint8Array)
    ) {
      const known = response.encoded;
      const form = known?.date === context.date
        ? known
        : encodedForm(response, context);
      if (form !== undefined) {
        form.inFlight++;
        this.#form = form;
        this.#use(form.bytes.buffer);
        return this.#set(form.bytes, form.headLength, "length");
      }
    }
    const framing = responseFraming(response, context);
    const head = response instanceof Representation && !context.persistent
      ? lastHeadText(response, framing, context)
      : headText(response, framing, context);
    if (context.isHead || framing === "none" || body === undefined) {
      response.dispose();
      return this.#join(head, NOTHING, framing, context.gathers);
    }
    if (body instanceof Uint8Array && body.length <= MAX_JOINED_BYTES) {
      return this.#join(head, body, framing, context.gathers);
    }
    if (body instanceof Uint8Array) this.#use(body.buffer);
    else if (body instanceof KeptPart) this.#use(body.bytes.buffer);
    const source = sourceOf(body);
    if (
      framing === "length" && isSmall(source, head) &&
      this.#takeMemory(LARGE.bytes)
    ) return this.#joinSource(head, source, context.gathers);
    return this.#setApart(head, source, framing, response.trailer);
  }

  /**
   * The bytes are written, and the source is not: the memory of the head is
   * not held for as long as a body takes.
   */
  headWritten(): void {
    this.#givePieceBack();
    this.bytes = NOTHING;
  }

  #givePieceBack(): void {
    if (this.#piece === undefined) return;
    this.#pool.release(this.#piece);
    this.#piece = undefined;
  }

  /** Lets go of what it holds: it was written, or never will be. */
  release(): void {
    if (this.#form !== undefined) {
      this.#form.inFlight--;
      this.#form = undefined;
    }
    this.#givePieceBack();
    if (this.source !== undefined) {
      this.source.close();
      this.source = this.trailer = undefined;
    }
    if (this.#taken > 0) OUTPUT_MEMORY.give(this.#taken);
    this.#taken = 0;
    if (this.#inUse !== undefined) SENT_BODIES.release(this.#inUse);
    this.#inUse = undefined;
    this.bytes = NOTHING;
  }

  /** Lets go of what it holds; it is for whoever {@linkcode acquire}s it. */
  retire(): void {
    this.release();
    if (unused.length < MAX_UNUSED) unused.push(this);
  }

  #use(buffer: ArrayBufferLike): void {
    if (buffer.byteLength < LEAST_COUNTED_BYTES) return;
    SENT_BODIES.use(buffer);
    this.#inUse = buffer;
  }

  #takeMemory(bytes: number): boolean {
    if (!OUTPUT_MEMORY.take(bytes)) return false;
    this.#taken += bytes;
    return true;
  }

  #set(
    bytes: Uint8Array,
    headLength: number,
    framing: ResponseFraming,
  ): this {
    this.bytes = bytes;
    this.headLength = headLength;
    this.framing = framing;
    return this;
  }

  /** A head, and a body that goes out piece by piece. */
  #setApart(
    head: string,
    source: BodySource,
    framing: ResponseFraming,
    trailer: HttpResponse["trailer"],
  ): this {
    this.source = source;
    this.trailer = trailer;
    if (head.length > SMALL.bytes) {
      const bytes = encodeHead(head);
      return this.#set(bytes, bytes.length, framing);
    }
    const piece = this.#take(SMALL);
    const length = joinHeadInto(piece, head, NOTHING);
    return this.#set(piece.subarray(0, length), length, framing);
  }

  /** A head and a small body, or none. */
  #join(
    head: string,
    body: Uint8Array,
    framing: ResponseFraming,
    gathers: boolean,
  ): this {
    const size = head.length + body.length;
    const isSmall = size <= SMALL.bytes;
    // Half of what is lent may be left over, not more.
    const fits = isSmall || size > LARGE.bytes / 2 && size <= LARGE.bytes;
    const isLent = fits && !gathers;
    const memory = isSmall ? 0 : isLent ? LARGE.bytes : size;
    if (!isSmall && !this.#takeMemory(memory)) {
      this.#use(body.buffer);
      return this.#setApart(head, new ByteSource(body), framing, undefined);
    }
    if (!isLent) {
      const bytes = joinHead(head, body);
      return this.#set(bytes, bytes.length - body.length, framing);
    }
    const piece = this.#take(isSmall ? SMALL : LARGE);
    const length = joinHeadInto(piece, head, body);
    return this.#set(
      piece.subarray(0, length),
      length - body.length,
      framing,
    );
  }

  /** A head and a small part of a file. */
  #joinSource(head: string, source: SmallSource, gathers: boolean): this {
    const piece = gathers
      ? new Uint8Array(head.length + source.length)
      : this.#take(LARGE);
    const headLength = joinHeadInto(piece, head, NOTHING);
    try {
      source.readAll(piece.subarray(headLength));
    } catch (error) {
      this.release();
      throw error;
    } finally {
      source.close();
    }
    return this.#set(
      piece.subarray(0, headLength + source.length),
      headLength,
      "length",
    );
  }

  #take(pool: BufferPool): Uint8Array<ArrayBuffer> {
    this.#pool = pool;
    return this.#piece = pool.acquire();
  }
}

/** What is kept as the bytes that it is, where nobody has a copy of it. */
function plainBody(body: ResponseBody): ResponseBody {
  return body instanceof KeptPart ? body.bytes : body;
}

/** A part of a file that goes out in one piece with its head. */
type SmallSource = BodySource & {
  readonly length: number;
  readAll(target: Uint8Array): void;
};

function isSmall(source: BodySource, head: string): source is SmallSource {
  return source.readAll !== undefined && source.length !== undefined &&
    source.length <= MAX_JOINED_BYTES &&
    source.length + head.length <= LARGE.bytes;
}
