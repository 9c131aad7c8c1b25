/**
 * What stands before an authority and changes what it says: for answers that
 * Pebble does not give by itself.
 */

import { request as httpsRequest } from "node:https";
import { Authority } from "./certificates.ts";
import { freePort } from "./free_ports.ts";
import type { Pebble } from "./pebble.ts";

/**
 * Answers a request in place of the authority, or by what it says; nothing is
 * for the authority as it is.
 */
export type Meddling = (
  request: Request,
  forward: () => Promise<Response>,
) => Response | undefined | Promise<Response | undefined>;

/** A server between an authority and its clients. */
export class AuthorityFront implements AsyncDisposable {
  /** The requests so far, as `METHOD /path`. */
  readonly requests: string[] = [];
  readonly #own: Authority;
  readonly #server: Deno.HttpServer;
  readonly #port: number;
  #meddling: Meddling = () => undefined;

  private constructor(pebble: Pebble, own: Authority, port: number) {
    this.#own = own;
    this.#port = port;
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      cert: Deno.readTextFileSync(own.path("front.crt")),
      key: Deno.readTextFileSync(own.path("front.key")),
      onListen: () => {},
      onError: () => new Response("the front has failed", { status: 502 }),
    }, async (request) => {
      const { pathname, search } = new URL(request.url);
      this.requests.push(`${request.method} ${pathname}`);
      const body = request.body === null ? null : await request.clone().bytes();
      const forward = () =>
        forwarded(`${pebble.origin}${pathname}${search}`, {
          method: request.method,
          type: request.headers.get("Content-Type") ?? "",
          // By it the authority makes its URLs, and checks those signed.
          host: `localhost:${port}`,
          body,
          ca: Deno.readTextFileSync(pebble.rootFile),
        });
      return await this.#meddling(request, forward) ?? await forward();
    });
  }

  /** Stands before `pebble`, and changes nothing yet. */
  static async before(pebble: Pebble): Promise<AuthorityFront> {
    const own = await Authority.create();
    await own.issue("front", "localhost", 2);
    return new AuthorityFront(pebble, own, freePort());
  }

  /** What its URLs begin with. */
  get origin(): string {
    return `https://localhost:${this.#port}`;
  }

  /** The URL of the directory. */
  get directory(): string {
    return `${this.origin}/dir`;
  }

  /** The PEM file by which it is trusted. */
  get rootFile(): string {
    return this.#own.path("ca.crt");
  }

  /** From now on `meddling` answers. */
  answer(meddling: Meddling): void {
    this.#meddling = meddling;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    this.#own[Symbol.dispose]();
  }
}

/** Asks the authority with another host than its own, which fetch() does not. */
function forwarded(
  url: string,
  { method, type, host, body, ca }: {
    readonly method: string;
    readonly type: string;
    readonly host: string;
    readonly body: Uint8Array | null;
    readonly ca: string;
  },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: host,
      "Content-Type": type,
      "Content-Length": body?.length ?? 0,
    };
    const options = { method, headers, ca, agent: false };
    const request = httpsRequest(url, options, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const fields = Object.entries(answer.headersDistinct)
          .flatMap(([name, values = []]) =>
            values.map((value): [string, string] => [name, value])
          )
          .filter(([name]) => !/^(?:content-length|connection)$/.test(name));
        const status = answer.statusCode ?? 502;
        const hasBody = method !== "HEAD" && status !== 204;
        const content = hasBody ? new Blob(chunks as BlobPart[]) : null;
        resolve(new Response(content, { status, headers: fields }));
      });
    });
    request.on("error", reject);
    request.end(body ?? undefined);
  });
}
