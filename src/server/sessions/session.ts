/**
 * A connection's place in the server: the servers it is for, the generation
 * of the configuration they belong to, and how it leaves. What is spoken on
 * it is its protocol's.
 */

import type { Indexed } from "../../bytes/dense_set.ts";
import type { HeadProgress } from "../../http/http1/request_parser.ts";
import { maxInputBytes } from "../../http/http1/request_reader.ts";
import type { DiagnosticContext } from "../../logging/diagnostic_line.ts";
import { Connection } from "../../net/connection.ts";
import type {
  ConnectionAddresses,
  ConnectionEvents,
} from "../../net/connection_options.ts";
import type { DeadlineKind, EndReason } from "../../net/connection_state.ts";
import type { DeadlineSweep } from "../../net/deadlines.ts";
import type { ProxySource } from "../../net/proxied_transport.ts";
import type { Transport } from "../../net/transport.ts";
import type { FairReads } from "../../scheduling/fair_reads.ts";
import { loadHttp2 } from "./http2_loading.ts";
import { serverNamed, speaksHttp2 } from "./protocol_choice.ts";
import { Http1Protocol } from "./http1_protocol.ts";
import type { Protocol, ProtocolSession } from "./protocol.ts";
import type { HostGroup, Http2Choice } from "../setup/host_group.ts";
import type { ServerStatistics } from "../statistics.ts";

/** What sessions of one generation share. */
export interface SharedBySessions {
  /** Where deadlines are looked at. */
  readonly sweep: DeadlineSweep<Connection>;
  /** How connections share the reading. */
  readonly fairReads: FairReads;
  /** What requests are counted by. */
  readonly statistics: ServerStatistics;
  /** A session has ended. */
  ended(session: Session, reason: EndReason, error?: unknown): void;
  /** A session that has ended has nothing left to do. */
  left(session: Session): void;
  /**
   * Where a session goes on whose configuration was replaced; `undefined`
   * when its address is served no more.
   */
  successor(session: Session): SessionPlace | undefined;
}

/** Where a session is: the servers it is for, and their generation. */
export interface SessionPlace {
  /** What accepts for its address; for its server to know. */
  readonly listener: unknown;
  /** The servers of its address. */
  readonly group: HostGroup;
  /** The generation of the configuration they belong to. */
  readonly generation: unknown;
  /** What sessions of that generation share. */
  readonly shared: SharedBySessions;
}

/** How a session came to be. */
export interface SessionOrigin {
  /** Whether its transport speaks TLS. */
  readonly secure: boolean;
  /** Both its ends. */
  readonly addresses: ConnectionAddresses;
  /** Where the header of its proxy will be; see `ConnectionOptions`. */
  readonly proxySource?: ProxySource | undefined;
}

/** One connection, from accept to end. */
export class Session implements ConnectionEvents, ProtocolSession, Indexed {
  /** Its index among the sessions of its server. */
  index = -1;
  /** The connection it serves. */
  readonly connection: Connection;
  /** Whether it ends after its next answer. */
  retiring = false;
  /** Whether it ends without an answer, if none is under way. */
  leaving = false;
  /** Whether it has to {@linkcode move} when no exchange is under way. */
  replaced = false;
  /** Where it is; its next request is for the servers there. */
  place: SessionPlace;
  #protocol: Protocol;

  /** A session of the servers of `place` on an accepted transport. */
  constructor(
    transport: Transport,
    place: SessionPlace,
    { secure, addresses, proxySource }: SessionOrigin,
  ) {
    const { group: { fallback }, shared } = place;
    this.place = place;
    this.connection = new Connection(transport, {
      sweep: shared.sweep,
      fairReads: transport.isFair ? undefined : shared.fairReads,
      maxInputBytes: maxInputBytes(fallback.limits),
      timeouts: fallback.root.client.timeouts,
      events: this,
      secure,
      addresses,
      proxySource,
    });
    this.#protocol = new Http1Protocol(this);
  }

  /** What accepts for its address. */
  get listener(): unknown {
    return this.place.listener;
  }

  /** The generation of the configuration that its next request is for. */
  get generation(): unknown {
    return this.place.generation;
  }

  /** Whether it waits for a request of which nothing has come. */
  get isIdle(): boolean {
    return this.connection.idle;
  }

  /** Serves until the connection has ended. Never rejects. */
  run(): Promise<void> {
    const { http2 } = this.place.group;
    return http2 === undefined ? this.#protocol.run() : this.#runChosen(http2);
  }

  /** Speaks what the client does, when it has said what that is. */
  async #runChosen(choice: Http2Choice): Promise<void> {
    if (await speaksHttp2(this.connection, choice)) await this.#useHttp2();
    return await this.#protocol.run();
  }

  async #useHttp2(): Promise<void> {
    const Http2Protocol = await loadHttp2();
    if (!this.connection.ended) {
      this.#protocol = new Http2Protocol(
        this,
        serverNamed(this.place.group, this.connection),
      );
    }
  }

  /**
   * Nothing is left to do: the last thing a protocol says. Waiting for the end
   * of {@linkcode run} would take 200 bytes on every idle connection.
   */
  leave(): void {
    this.place.shared.left(this);
  }

  /** The connection has ended. */
  ended(reason: EndReason, error?: unknown): void {
    this.place.shared.ended(this, reason, error);
    this.#protocol.ended(reason);
  }

  /** How many requests have come. */
  get requests(): number {
    return this.#protocol.requests;
  }

  /** How far the head of the next request has come. */
  get headProgress(): HeadProgress {
    return this.#protocol.headProgress;
  }

  /** What a log line says about it, with its request if one has begun. */
  diagnosticContext(): DiagnosticContext {
    const { serial, remoteAddress } = this.connection;
    return this.#protocol.requestContext() ?? {
      errorLog: this.place.group.fallback.root.errorLog,
      connection: serial,
      client: remoteAddress,
    };
  }

  /** A deadline of the connection has passed. */
  deadlinePassed(kind: DeadlineKind): boolean {
    return this.#protocol.deadlinePassed(kind);
  }

  /** Ends a connection that is idle, as its place is needed. */
  evict(): void {
    if (this.#protocol.evicted?.() !== true) this.connection.end("evicted");
  }

  /**
   * The configuration was replaced. What is being answered is answered by the
   * old one; from then on the connection belongs to the new one, so that no
   * request of a client that was promised a persistent connection is lost.
   */
  renew(): void {
    this.replaced = true;
    if (this.#protocol.isIdle) this.move();
    else this.#protocol.retire(true);
  }

  /** Goes over to the configuration that has replaced its own. */
  move(): void {
    this.replaced = false;
    const place = this.place.shared.successor(this);
    if (place === undefined) {
      // Who has just come may have sent its first request.
      return this.requests === 0 ? this.retireLater() : this.retire();
    }
    this.place = place;
    const { root, limits } = place.group.fallback;
    this.#protocol.limit(limits);
    this.connection.renew(root.client.timeouts);
  }

  /**
   * Ends the connection after its next answer, and says so in it. No request
   * is lost that is on its way, unlike with {@linkcode retire}.
   */
  retireLater(): void {
    this.retiring = true;
    this.#protocol.retire(true);
  }

  /** Ends the connection if it waits for a request; else after the answer. */
  retire(): void {
    this.retiring = this.leaving = true;
    this.#protocol.retire(false);
  }
}
