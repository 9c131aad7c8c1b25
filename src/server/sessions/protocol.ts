/** What a session and what is spoken on it know of each other. */

import type { HeadProgress } from "../../http/http1/request_parser.ts";
import type { HeadLimits } from "../../http/limits.ts";
import type { DiagnosticContext } from "../../logging/diagnostic_line.ts";
import type { Connection } from "../../net/connection.ts";
import type { DeadlineKind, EndReason } from "../../net/connection_state.ts";
import type { DeadlineSweep } from "../../net/deadlines.ts";
import type { HostGroup } from "../setup/host_group.ts";
import type { ServerStatistics } from "../statistics.ts";

/** What a protocol knows of its session. */
export interface ProtocolSession {
  /** The connection. */
  readonly connection: Connection;
  /** Where the session is. */
  readonly place: {
    /** The servers that the next request may be for. */
    readonly group: HostGroup;
    /** What it shares with other sessions: the clock, and what counts. */
    readonly shared: {
      readonly sweep: DeadlineSweep<Connection>;
      readonly statistics: ServerStatistics;
    };
  };
  /** Whether it ends after its next answer. */
  readonly retiring: boolean;
  /** Whether no next request is waited for. */
  readonly leaving: boolean;
  /** Whether it has to {@linkcode move} when no exchange is under way. */
  readonly replaced: boolean;
  /** Goes over to the configuration that has replaced its own. */
  move(): void;
  /** Nothing is left to do: the last thing a protocol says. */
  leave(): void;
}

/** What is spoken on a connection. */
export interface Protocol {
  /**
   * Serves until the connection has ended, and then leaves the session. Never
   * rejects.
   */
  run(): Promise<void>;
  /** Whether nothing is being answered. */
  readonly isIdle: boolean;
  /** The session has moved: requests to come have these limits. */
  limit(limits: HeadLimits): void;
  /**
   * The session ends after what is under way. `waits` says whether a client
   * that was promised a persistent connection may bring one more request.
   */
  retire(waits: boolean): void;
  /** A deadline has passed; whether there is a last word for the client. */
  deadlinePassed(kind: DeadlineKind): boolean;
  /** Its place is needed, and it is idle; likewise. */
  evicted?(): boolean;
  /** The connection has ended: nobody waits for what is being answered. */
  ended(reason: EndReason): void;
  /** How many requests have come. */
  readonly requests: number;
  /** How far the head of the next one has come. */
  readonly headProgress: HeadProgress;
  /** What a log line says of the current request; `undefined` without one. */
  requestContext(): DiagnosticContext | undefined;
}
