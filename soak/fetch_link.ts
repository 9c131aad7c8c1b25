/**
 * Requests by the client of the runtime, which nobody here wrote: HTTP/2, with
 * TLS or by prior knowledge, and HTTP/1.1 over TLS.
 */

import type { Ask, AskOptions, Link } from "./link.ts";
import { type Answer, ConnectionEnded } from "./wire.ts";

/** How long an answer may take before it counts as never given, in ms. */
const ANSWER_TIMEOUT_MS = 20_000;

/** What the client decodes by itself. */
const DECODED = new Set(["gzip", "br"]);

/** Fields that say what the client says by itself, or that HTTP/2 has not. */
const OWN_FIELDS = new Set([
  "connection",
  "content-length",
  "expect",
  "transfer-encoding",
]);

/** Where and how. */
export interface FetchLinkOptions {
  /** The port on the loopback address. */
  readonly port: number;
  /** The certificate to trust, as PEM; without it there is no TLS. */
  readonly certificate: string | undefined;
  /** Whether it is HTTP/2, and never anything else, or HTTP/1.1. */
  readonly http2: boolean;
}

/** A connection of the runtime's client; it makes others as it needs them. */
export class FetchLink implements Link {
  readonly ordered = false;
  readonly #client: Deno.HttpClient;
  readonly #origin: string;

  constructor({ port, certificate, http2 }: FetchLinkOptions) {
    this.#client = Deno.createHttpClient({
      http1: !http2,
      http2,
      ...(certificate === undefined ? {} : { caCerts: [certificate] }),
    });
    const scheme = certificate === undefined ? "http" : "https";
    this.#origin = `${scheme}://127.0.0.1:${port}`;
  }

  /** See {@linkcode Link}: the requests are under way side by side. */
  async *exchange(
    asks: readonly Ask[],
    marks: readonly string[],
    options: AskOptions,
  ): AsyncGenerator<Answer> {
    const answers = asks.map((ask, i) => this.#ask(ask, marks[i]!, options));
    // One that fails is seen when its turn comes, or not at all.
    for (const answer of answers) answer.catch(() => {});
    for (const answer of answers) yield await answer;
  }

  /** Ends its connections. */
  close(): void {
    this.#client.close();
  }

  async #ask(ask: Ask, mark: string, options: AskOptions): Promise<Answer> {
    const askedAt = performance.now();
    try {
      const response = await fetch(this.#origin + ask.path, {
        client: this.#client,
        method: ask.method ?? "GET",
        headers: headersOf(ask, mark),
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
        ...bodyOf(ask),
      });
      const { status, headers } = response;
      const body = await bytesOf(response, options.slowMs);
      const coding = headers.get("content-encoding") ?? "";
      return {
        status,
        body,
        askedAt,
        endedAt: performance.now(),
        isDecoded: DECODED.has(coding),
        field: (name) => headers.get(name) ?? undefined,
      };
    } catch (error) {
      throw new ConnectionEnded(reasonOf(error));
    }
  }
}

/** The message of an error and of what has caused it. */
function reasonOf(error: unknown): string {
  const { cause } = error as Error;
  return cause === undefined ? String(error) : `${error}: ${reasonOf(cause)}`;
}

function fieldsOf({ fields = "" }: Ask): [name: string, value: string][] {
  return fields.split("\r\n").filter(Boolean).map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)];
  });
}

function headersOf(ask: Ask, mark: string): Headers {
  // The client would ask for what it decodes.
  const headers = new Headers({ "accept-encoding": "identity" });
  for (const [name, value] of fieldsOf(ask)) {
    if (!OWN_FIELDS.has(name)) headers.set(name, value);
  }
  headers.set("user-agent", mark);
  return headers;
}

/** The body: in pieces of unknown length where the request says no length. */
function bodyOf(ask: Ask): { body?: BodyInit } {
  const length = fieldsOf(ask).find(([name]) => name === "content-length")?.[1];
  if (ask.body === undefined) {
    return length === undefined
      ? {}
      : { body: new Uint8Array(Number(length)).fill(0x78) };
  }
  if (length !== undefined) return { body: ask.body.join("") };
  const pieces = ask.body.map((piece) => new TextEncoder().encode(piece));
  return { body: ReadableStream.from(pieces) };
}

async function bytesOf(
  response: Response,
  slowMs: number | undefined,
): Promise<Uint8Array> {
  if (slowMs === undefined || response.body === null) {
    return await response.bytes();
  }
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of response.body) {
    pieces.push(piece);
    await new Promise((resolve) => setTimeout(resolve, slowMs));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}
