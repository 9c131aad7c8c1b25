/** A server that gets its certificates from Pebble. */

import { X509Certificate } from "node:crypto";
import { AuthorityFront, type Meddling } from "./authority_front.ts";
import { freePort } from "./free_ports.ts";
import { Pebble, type PebbleOptions } from "./pebble.ts";
import { eventually, ServerProcess } from "./server_process.ts";

/** How long an authority may take, in ms. */
const ISSUE_MS = 20_000;

/** What an {@linkcode AcmeServer} is started with. */
export interface AcmeServerOptions {
  /** What Pebble is started with. */
  readonly pebble?: PebbleOptions;
  /** What is said of the issuer beside what has to be. */
  readonly issuer?: string;
  /** The names of each server, and what else is said behind the issuer. */
  readonly servers: readonly string[];
  /** What stands at the top of the file. */
  readonly main?: string;
  /** What the server of plain HTTP does. */
  readonly plain?: string;
  /** Further files by path, under the folder of the server. */
  readonly files?: Readonly<Record<string, string>>;
  /** An executable that takes the place of the source. */
  readonly executable?: string;
  /** What stands before Pebble; without, nothing does. */
  readonly meddling?: Meddling;
}

/** A server and its authority. */
export class AcmeServer implements AsyncDisposable {
  readonly pebble: Pebble;
  /** Where it speaks TLS, and plain HTTP. */
  readonly tlsPort: number;
  readonly httpPort: number;
  readonly #options: AcmeServerOptions;
  #front: AuthorityFront | undefined;
  #server: ServerProcess | undefined;
  #isGuest = false;

  private constructor(
    pebble: Pebble,
    tlsPort: number,
    options: AcmeServerOptions,
  ) {
    this.pebble = pebble;
    this.httpPort = pebble.httpPort;
    this.tlsPort = tlsPort;
    this.#options = options;
  }

  /** Starts both; the certificates are still to come. */
  static async start(options: AcmeServerOptions): Promise<AcmeServer> {
    const pebble = await Pebble.start(options.pebble);
    const both = new AcmeServer(pebble, pebble.tlsPort, options);
    const { executable, meddling } = options;
    if (meddling !== undefined) {
      both.#front = await AuthorityFront.before(pebble);
      both.#front.answer(meddling);
    }
    both.#server = await ServerProcess.start({
      config: both.configuration(options.servers),
      files: { "www/index.html": "hello\n", ...options.files },
      ...(executable === undefined ? {} : { executable }),
    });
    return both;
  }

  /**
   * Another server with the folder and authority of `first`, on a port of its
   * own. Ending it does not end those.
   */
  static async beside(first: AcmeServer): Promise<AcmeServer> {
    const other = new AcmeServer(first.pebble, freePort(), first.#options);
    const folder = first.server.path("state");
    const config = other.configuration(first.#options.servers)
      .replace("state_path state", `state_path ${folder}`)
      .replace(
        /server \{ listen \S+; server_name plain/,
        "server { listen 127.0.0.1:0; server_name plain",
      );
    other.#isGuest = true;
    other.#server = await ServerProcess.start({ config });
    return other;
  }

  /** What stands before Pebble. */
  get front(): AuthorityFront {
    return this.#front!;
  }

  /** The server. */
  get server(): ServerProcess {
    return this.#server!;
  }

  /** Its configuration, with certificates for `servers`. */
  configuration(servers: readonly string[]): string {
    const { main = "", issuer = "", plain = "return 301 https://$host/;" } =
      this.#options;
    const authority = this.#front ?? this.pebble;
    const blocks = servers.map((text) => {
      const [names, more = ""] = text.split("|");
      return `server {
        listen 127.0.0.1:${this.tlsPort} ssl; server_name ${names};
        acme_certificate pebble ${more};
        ssl_certificate $acme_certificate;
        ssl_certificate_key $acme_certificate_key; root www; }`;
    });
    return `pid x.pid; ${main} error_log stderr info; http {
      acme_issuer pebble { uri ${authority.directory};
        accept_terms_of_service; state_path state;
        ssl_trusted_certificate ${authority.rootFile}; ${issuer} }
      ${blocks.join("\n")}
      server { listen 127.0.0.1:${this.httpPort}; server_name plain;
        ${plain} } }`;
  }

  /** Serves certificates for `servers` from now on. */
  async reload(servers: readonly string[]): Promise<void> {
    const { server } = this;
    const done = () => server.stderr.split("configuration reloaded").length;
    const before = done();
    Deno.writeTextFileSync(
      server.path("webserv.conf"),
      this.configuration(servers),
    );
    server.signal("SIGHUP");
    await eventually(() => done() > before, "a reload");
  }

  /** Stops the server at once, and starts it again in the same folder. */
  async restart(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    await this.server.stop(signal);
    const { executable } = this.#options;
    this.#server = await ServerProcess.startIn(
      this.server.folder,
      executable === undefined ? {} : { executable },
    );
  }

  /** The certificate under a name; `undefined` if it is refused. */
  async shown(name: string): Promise<X509Certificate | undefined> {
    const { stdout } = await new Deno.Command("openssl", {
      args: [
        ...["s_client", "-connect", `127.0.0.1:${this.tlsPort}`],
        ...["-servername", name],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    const [pem] = /-----BEGIN CERT[^]*?END CERTIFICATE-----/
      .exec(new TextDecoder().decode(stdout)) ?? [];
    return pem === undefined ? undefined : new X509Certificate(pem);
  }

  /** How many certificates the server says it was given. */
  get issued(): number {
    return this.server.stderr.split("has issued a certificate").length - 1;
  }

  /** Waits until the server says that it was given so many certificates. */
  async hasIssued(count: number): Promise<void> {
    await this.#eventually(() => this.issued >= count, `${count} issued`);
  }

  /** Waits until the server has said something. */
  async hasSaid(text: RegExp): Promise<void> {
    await this.#eventually(() => text.test(this.server.stderr), `${text}`);
  }

  async #eventually(test: () => boolean, what: string): Promise<void> {
    try {
      await eventually(test, what, ISSUE_MS);
    } catch (error) {
      const said = `${this.server.stderr}${this.pebble.output}`;
      throw new Error(`${(error as Error).message}\n${said}`);
    }
  }

  /** Ends both. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    await this.#front?.[Symbol.asyncDispose]();
    if (!this.#isGuest) await this.pebble[Symbol.asyncDispose]();
  }
}
