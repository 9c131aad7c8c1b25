/**
 * One request and what becomes of it: the thing every module is handed. It is
 * valid until its response is logged.
 */

import type { HttpError } from "../http/errors.ts";
import { Field } from "../http/fields.ts";
import type { ProxyHeader } from "../http/addresses/proxy_protocol.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { ForwardedAddress } from "../http/addresses/forwarded_address.ts";
import type { HttpResponse } from "../http/response.ts";
import { basicCredentials } from "../http/semantics/basic_credentials.ts";
import type { CaptureHolder, Captures } from "../regex/pattern.ts";
import { ENDED, Lifetime } from "./lifetime.ts";
import type { Environment, LocationPlan, Outcome } from "./module.ts";
import type { ServerCounters } from "./counters/server_counters.ts";
import type { ClientDemand } from "./server_tls.ts";
import type { SlotHolder } from "./slot.ts";

/** What modules may know of the connection. */
export interface ConnectionInfo {
  /** The client's address; `unix:` of a Unix socket. */
  readonly remoteAddress: string;
  /** The client's port; 0 of a Unix socket. */
  readonly remotePort: number;
  /** The address the client connected to, or `unix:` and a path. */
  readonly localAddress: string;
  /** The port the client connected to; 0 of a Unix socket. */
  readonly localPort: number;
  /** What a proxy has said of its client (the PROXY protocol). */
  readonly proxied: ProxyHeader | undefined;
  /** Whether it is a TLS connection. */
  readonly secure: boolean;
  /** Whether its client speaks HTTP in the clear where it had to speak TLS. */
  readonly isPlain?: boolean;
  /** What was agreed on, if it is one, as far as the runtime tells. */
  readonly tls?: TlsInfo | undefined;
  /** When it was accepted, in ms since the epoch. */
  readonly connectedAt: number;
  /** When bytes last came or went, in ms of `performance.now()`. */
  readonly lastActivityAt: number;
  /** Its number; no other connection of the thread has it. */
  readonly serial: number;
  /** Reads on while nobody does, so that it ends when the client leaves. */
  watch(): void;
}

/** What client and server have agreed on in a TLS handshake. */
export interface TlsInfo {
  /** The version, as `TLSv1.3`. */
  readonly protocol: string;
  /** The cipher suite, by OpenSSL's name. */
  readonly cipher: string;
  /** The name that was asked for (SNI), empty if none was. */
  readonly serverName: string;
  /** The protocol (ALPN), empty if none was offered. */
  readonly application: string;
  /** Whether a session was resumed. */
  readonly reused: boolean;
  /** The certificate it was answered with, and what was asked for. */
  readonly pair?: { readonly clients?: ClientDemand | undefined } | undefined;
  /** The cipher suites of the client, two bytes each, as it prefers them. */
  readonly suites?: Uint8Array | undefined;
  /** Its groups for the key exchange, likewise. */
  readonly groups?: Uint8Array | undefined;
  /**
   * The certificates that the client has shown, in DER, its own first; empty
   * without one. It has the key of the first one; nothing else was checked.
   */
  readonly clientChain?: readonly Uint8Array[] | undefined;
}

/** A virtual server, as far as modules know it. */
export interface ServerInfo {
  /** Its first name, or an empty string. */
  readonly name: string;
  /** The first of its names that can be a host of a URL, if there is one. */
  readonly hostName: string | undefined;
  /** The location of everything that no other one is for. */
  readonly root: LocationPlan;
  /** Why a request is refused before anything else, if there is to ask. */
  readonly admit?: ((exchange: Exchange) => HttpError | undefined) | undefined;
  /** What is to be done before a location is found, if anything. */
  readonly rewrite: ((exchange: Exchange) => Outcome) | undefined;
  /** Its named locations, by `@name`. */
  readonly named: ReadonlyMap<string, LocationPlan>;
  /** What the modules of its configuration share. */
  readonly environment: Environment;
  /** What it counts. */
  readonly counters: ServerCounters;
}

/** The body of a request, piece by piece. */
export interface BodyReader {
  /** Content bytes received so far. */
  readonly received: number;
  /** Whether all of it has been read. */
  readonly done: boolean;
  /**
   * Holds it to `maxBytes` of content, 0 for any.
   *
   * @returns why it is refused, once
   */
  admit(maxBytes: number): HttpError | undefined;
  /**
   * The next piece, valid until the next call; `undefined` at the end, or
   * when the client has gone (then `done` is false). A client that waits for
   * `100 Continue` is told to go on by the first call.
   *
   * @throws {HttpError} 400 for broken chunks, 413 above the limit
   */
  read(): Promise<Uint8Array | undefined>;
}

/** What a protocol knows of the request that has come. */
export interface ExchangeProtocol {
  /** The connection it came on. */
  readonly connection: ConnectionInfo;
  /** How many requests the connection has brought, this one included. */
  readonly requests: number;
  /** When it began to come, in ms of `performance.now()`. */
  readonly beganAt: number;
  /** Whether it came before the answer to the one before it was sent. */
  readonly pipelined: boolean;
  /**
   * The value of a response field that is the protocol's own, such as
   * `connection`; `undefined` if it sends none.
   */
  sentField(exchange: Exchange, name: string): string | undefined;
}

/** Whom a request is for. */
interface AskedHost {
  /** The virtual server. */
  readonly server: ServerInfo;
  /** See {@linkcode Exchange.host}. */
  readonly host: string;
  /** What the regular expression took by which the server is called so. */
  readonly took?: Readonly<CaptureHolder> | undefined;
}

/** What of it a request is for. */
interface AskedUri {
  /** See {@linkcode Exchange.requestUri}. */
  readonly requestUri: string;
  /** See {@linkcode Exchange.uri}. */
  readonly uri: string;
  /** See {@linkcode Exchange.args}. */
  readonly args: string;
}

/** One request and its answer. */
export class Exchange implements CaptureHolder, SlotHolder {
  /** The request line, and the fields as the site wants them read. */
  request: RequestHead;
  /** The request that this one is a part of; `undefined` of a client's. */
  readonly main: Exchange | undefined;
  /** The protocol it came by. */
  readonly protocol: ExchangeProtocol;
  /** The connection it came on. */
  readonly connection: ConnectionInfo;
  /** The virtual server it is for. */
  readonly server: ServerInfo;
  /** How many requests the connection has brought, this one included. */
  readonly requestNumber: number;
  /** When it began to come, in ms of `performance.now()`. */
  readonly beganAt: number;
  /** Whether the connection goes on after it; known with the answer only. */
  persistent: boolean | undefined = undefined;
  /** The method; GET after a redirect to an error page. */
  method: string;
  /** The host it is for, lower case without port; empty if none was given. */
  readonly host: string;
  /**
   * The path as sent, before decoding, with the query: `$request_uri`. A byte
   * string, as what else the client sent.
   */
  readonly requestUri: string;
  /** The decoded, normalised path, a text; changed by internal redirects. */
  uri: string;
  /** The query without `?`, a byte string; empty if there is none. */
  args: string;
  /** The body, if there is one. What no handler reads is dropped. */
  body: BodyReader | undefined = undefined;
  /** Where it is handled. */
  location: LocationPlan;
  /** What the regular expression of the last such location matched. */
  captures: Captures | undefined;
  /** Values of variables that the configuration defines. */
  values: (string | undefined)[] | undefined;
  /** What modules remember of it, in slots of theirs. */
  slots: unknown[] | undefined = undefined;
  /** How many internal redirects there were. */
  redirects = 0;
  /**
   * Whether it goes where the server has sent it, not where the client asked:
   * then `internal` locations are open to it.
   */
  internal = false;
  /** What went wrong first, if anything did. */
  error: HttpError | undefined = undefined;
  /** Whether the connection ends after the answer, whatever that is. */
  endsConnection = false;
  /** Whether further errors have no pages of their own. */
  hadLastErrorPage = false;
  /** The status an error page is sent with; `undefined` for its own. */
  errorStatus: number | undefined = undefined;
  /** Fields of the error that the page in its place is sent with. */
  errorFields: readonly (readonly [name: string, value: string])[] = [];
  /** The status of the answer; 0 until it is known. */
  status = 0;
  /** The answer as far as it is made, for variables that stages read. */
  response: HttpResponse | undefined = undefined;
  /** Bytes of body sent. */
  bodyBytesSent = 0;
  /** Bytes of head sent. */
  headBytesSent = 0;
  /** Whether the answer went out whole. */
  completed = false;
  /** How long the body was before a stage compressed it, in bytes. */
  uncompressedBytes: number | undefined = undefined;
  /** Whose request a trusted proxy has passed on (`real_ip_header`). */
  client: ForwardedAddress | undefined = undefined;
  #lifetime: Lifetime | undefined = undefined;

  /**
   * An exchange that begins in the server's root location. A part of `main`
   * lives as long as that.
   */
  constructor(
    request: RequestHead,
    protocol: ExchangeProtocol,
    { server, host, took }: AskedHost,
    { requestUri, uri, args }: AskedUri,
    main?: Exchange,
  ) {
    this.request = request;
    this.main = main;
    this.protocol = protocol;
    this.connection = protocol.connection;
    this.requestNumber = protocol.requests;
    this.beganAt = protocol.beganAt;
    this.server = server;
    this.location = server.root;
    this.method = request.method;
    this.host = host;
    this.requestUri = requestUri;
    this.uri = uri;
    this.args = args;
    this.captures = took?.captures;
    this.values = took?.values?.slice();
  }

  /**
   * Whether the answer stands in for an error or a redirect, whose status and
   * fields it gets: then it is made for this request alone.
   */
  get standsIn(): boolean {
    return this.errorStatus !== undefined || this.errorFields.length > 0;
  }

  /**
   * Aborted when nobody waits for the answer any more: the client has left,
   * the connection has ended, or the exchange is over. A handler that waits
   * for something else than the client asks for it: only then is the client
   * watched while it waits.
   */
  get signal(): AbortSignal {
    if (this.main !== undefined) return this.main.signal;
    if (this.status === 0) this.connection.watch();
    return this.#alive.signal;
  }

  /**
   * Calls `release` once, when the exchange is over and logged, however it
   * ends. What was acquired for it is let go of there; a handler that goes on
   * after the end (its client was too slow) has it called at once.
   */
  onEnd(release: () => void): void {
    (this.main ?? this).#alive.onEnd(release);
  }

  /** The protocol has seen that the client has left. */
  abort(): void {
    this.#alive.abort();
  }

  /** The protocol has done with it. */
  end(): void {
    if (this.#lifetime === undefined) this.#lifetime = ENDED;
    else this.#lifetime.end();
  }

  get #alive(): Lifetime {
    return this.#lifetime ??= new Lifetime();
  }

  /** The client's address: of the connection, or what a proxy said of it. */
  get remoteAddress(): string {
    return this.client?.address ?? this.connection.remoteAddress;
  }

  /** The client's port; `undefined` if a proxy did not say it. */
  get remotePort(): number | undefined {
    const { client, connection } = this;
    return client === undefined ? connection.remotePort : client.port;
  }

  /**
   * The name that the client says it has (`Basic`), a byte string; whether
   * that is so is only known where `auth_basic` asks.
   */
  get remoteUser(): string | undefined {
    const { request } = this;
    return request.has(Field.Authorization)
      ? basicCredentials(request.value(Field.Authorization))?.user
      : undefined;
  }

  /** `http` or `https`. */
  get scheme(): string {
    const { secure, isPlain } = this.connection;
    return secure && isPlain !== true ? "https" : "http";
  }
}
