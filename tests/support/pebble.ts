/**
 * Pebble, the authority for tests of ACME (RFC 8555), where it is installed. Its
 * names are those of a DNS server of its own, by which all of them are this machine.
 */

import { Authority } from "./certificates.ts";
import { freePorts } from "./free_ports.ts";
import { eventually } from "./server_process.ts";

/** The programs of Debian's package `pebble`. */
const PROGRAMS = ["pebble", "pebble-challtestsrv"] as const;

/** Whether Pebble is installed. */
export function hasPebble(): boolean {
  return PROGRAMS.every((name) => {
    try {
      new Deno.Command(name, { args: ["-h"] }).outputSync();
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  });
}

/** What a {@linkcode Pebble} is started with. */
export interface PebbleOptions {
  /** How long certificates are valid, in seconds; five years if left out. */
  readonly lifetime?: number;
  /** How many of a hundred nonces are refused though they are good; none. */
  readonly badNonces?: number;
  /** Keys of external accounts, base64url, by their names: one is required. */
  readonly externalKeys?: Readonly<Record<string, string>>;
  /** Names that are refused, with everything under them. */
  readonly blocked?: readonly string[];
  /** Further variables of Pebble's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What is told of a certificate. */
export type CertificateStatus = "Valid" | "Revoked";

/** A running authority, its certificate and its DNS server. */
export class Pebble implements AsyncDisposable {
  /** Where it looks for answers to HTTP-01: a free port. */
  readonly httpPort: number;
  /** Where it looks for answers to TLS-ALPN-01: a free port. */
  readonly tlsPort: number;
  readonly #own: Authority;
  readonly #options: PebbleOptions;
  readonly #port: number;
  readonly #managementPort: number;
  readonly #dnsPort: number;
  readonly #dnsManagementPort: number;
  #children: { child: Deno.ChildProcess; output: Promise<void> }[] = [];
  #output = "";

  private constructor(own: Authority, options: PebbleOptions) {
    this.#own = own;
    this.#options = options;
    const [http, tls, port, management, dns, dnsManagement] = freePorts(6);
    this.httpPort = http!;
    this.tlsPort = tls!;
    this.#port = port!;
    this.#managementPort = management!;
    this.#dnsPort = dns!;
    this.#dnsManagementPort = dnsManagement!;
  }

  /** Starts one, and waits until it answers. */
  static async start(options: PebbleOptions = {}): Promise<Pebble> {
    const own = await Authority.create();
    await own.issue("pebble", "localhost", 1);
    const pebble = new Pebble(own, options);
    pebble.#writeConfiguration();
    await pebble.restart();
    return pebble;
  }

  /** The URL of its directory. */
  get directory(): string {
    return `${this.origin}/dir`;
  }

  /** What its URLs begin with. */
  get origin(): string {
    return `https://localhost:${this.#port}`;
  }

  /** The PEM file by which its own server is trusted. */
  get rootFile(): string {
    return this.#own.path("ca.crt");
  }

  /** What it has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** Starts it again at the same place. It remembers nothing. */
  async restart(): Promise<void> {
    await this.stop();
    const nothing = { PEBBLE_VA_NOSLEEP: "1", PEBBLE_AUTHZREUSE: "0" };
    this.#run("pebble-challtestsrv", [
      ...["-dns01", `127.0.0.1:${this.#dnsPort}`],
      ...["-management", `127.0.0.1:${this.#dnsManagementPort}`],
      ...["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
      ...["-http01", "", "-https01", "", "-tlsalpn01", ""],
    ], {});
    this.#run("pebble", [
      ...["-config", this.#own.path("pebble.json")],
      ...["-dnsserver", `127.0.0.1:${this.#dnsPort}`],
    ], {
      ...nothing,
      PEBBLE_WFE_NONCEREJECT: String(this.#options.badNonces ?? 0),
      ...this.#options.env,
    });
    const ports = [this.#port, this.#managementPort, this.#dnsManagementPort];
    for (const port of ports) await listens(port);
  }

  /** Ends it; its place is kept. */
  async stop(): Promise<void> {
    const children = this.#children.splice(0);
    for (const { child } of children) child.kill("SIGKILL");
    for (const { child, output } of children) {
      await child.status;
      await output;
    }
  }

  /** The root of what it issues, as PEM: another one after each start. */
  async root(): Promise<string> {
    return await this.#manage("/roots/0");
  }

  /** What it says of a certificate; its serial number is hexadecimal. */
  async statusOf(serial: string): Promise<CertificateStatus> {
    const text = await this.#manage(
      `/cert-status-by-serial/${serial.toLowerCase()}`,
    );
    return JSON.parse(text).Status;
  }

  /** Gives a name an address that is not this machine's. */
  async setAddress(name: string, address: string): Promise<void> {
    await this.#setDns("add-a", { host: `${name}.`, addresses: [address] });
  }

  /** Takes such an address back. */
  async clearAddress(name: string): Promise<void> {
    await this.#setDns("clear-a", { host: `${name}.` });
  }

  /** Makes the look-up of a name fail, or no more. */
  async failLookUp(name: string, fails: boolean): Promise<void> {
    await this.#setDns(fails ? "set-servfail" : "clear-servfail", {
      host: `${name}.`,
    });
  }

  /** Ends it and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#own[Symbol.dispose]();
  }

  #writeConfiguration(): void {
    const { httpPort, tlsPort } = this;
    const { lifetime, externalKeys, blocked } = this.#options;
    const pebble = {
      listenAddress: `127.0.0.1:${this.#port}`,
      managementListenAddress: `127.0.0.1:${this.#managementPort}`,
      certificate: this.#own.path("pebble.crt"),
      privateKey: this.#own.path("pebble.key"),
      httpPort,
      tlsPort,
      ocspResponderURL: "",
      externalAccountBindingRequired: externalKeys !== undefined,
      externalAccountMACKeys: externalKeys ?? {},
      domainBlocklist: blocked ?? [],
      ...(lifetime === undefined
        ? {}
        : { certificateValidityPeriod: lifetime }),
    };
    Deno.writeTextFileSync(
      this.#own.path("pebble.json"),
      JSON.stringify({ pebble }),
    );
  }

  #run(
    program: typeof PROGRAMS[number],
    args: readonly string[],
    env: Readonly<Record<string, string>>,
  ): void {
    const child = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = Promise.all([
      this.#collect(child.stdout),
      this.#collect(child.stderr),
    ]).then(() => {});
    this.#children.push({ child, output });
  }

  async #collect(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#output += text;
    }
  }

  async #manage(path: string): Promise<string> {
    using client = Deno.createHttpClient({
      caCerts: [Deno.readTextFileSync(this.rootFile)],
    });
    const url = `https://localhost:${this.#managementPort}${path}`;
    const response = await fetch(url, { client });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
    return text;
  }

  async #setDns(command: string, body: unknown): Promise<void> {
    const url = `http://127.0.0.1:${this.#dnsManagementPort}/${command}`;
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  }
}

/** How long a program may take to listen, in ms. */
const START_TIMEOUT_MS = 20_000;

async function listens(port: number): Promise<void> {
  let isThere = false;
  const knock = setInterval(() => {
    Deno.connect({ hostname: "127.0.0.1", port }).then((conn) => {
      isThere = true;
      conn.close();
    }, () => {});
  }, 20);
  try {
    await eventually(() => isThere, `port ${port} listens`, START_TIMEOUT_MS);
  } finally {
    clearInterval(knock);
  }
}
