/** Asks over HTTP/2 by the client that is in Deno's `fetch`. */

import type { RawAnswer } from "./client.ts";
import type { Site } from "./server_spec.ts";

/** A client of one server that speaks nothing but HTTP/2 over TLS. */
export class Http2Client implements Disposable {
  readonly #client: Deno.HttpClient;
  readonly #origin: string;

  private constructor(client: Deno.HttpClient, origin: string) {
    this.#client = client;
    this.#origin = origin;
  }

  /**
   * A client of the server of a site.
   *
   * @throws {Error} when the site has no TLS
   */
  static async of({ port, tls }: Pick<Site, "port" | "tls">) {
    if (tls === undefined) throw new Error("HTTP/2 is asked for by TLS");
    return new Http2Client(
      Deno.createHttpClient({
        caCerts: [await Deno.readTextFile(tls.cert)],
        http1: false,
        http2: true,
      }),
      `https://127.0.0.1:${port}`,
    );
  }

  /**
   * The answer to a GET of `target`.
   *
   * @throws {TypeError} when the server does not speak HTTP/2
   */
  async get(target: string): Promise<RawAnswer> {
    const response = await fetch(`${this.#origin}${target}`, {
      client: this.#client,
      redirect: "manual",
    });
    return {
      status: response.status,
      fields: new Map(response.headers),
      body: await response.bytes(),
    };
  }

  /** Closes its connections. */
  [Symbol.dispose](): void {
    this.#client.close();
  }
}
