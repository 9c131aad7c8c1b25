/**
 * Sessions of a configuration over scripted transports: the loop of the
 * server itself runs, nothing stands in for it.
 */

import { parseConfig } from "../../src/config/syntax/parser.ts";
import type { Handler, LocationHooks, Module } from "../../src/core/module.ts";
import type { Connection } from "../../src/net/connection.ts";
import type { EndReason } from "../../src/net/connection_state.ts";
import { DeadlineSweep } from "../../src/net/deadlines.ts";
import { FairReads } from "../../src/scheduling/fair_reads.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { MODULES } from "../../src/server/setup/registry.ts";
import {
  Session,
  type SessionPlace,
  type SharedBySessions,
} from "../../src/server/sessions/session.ts";
import { ServerStatistics } from "../../src/server/statistics.ts";
import {
  FakeTransport,
  type FakeTransportScript,
} from "../support/fake_transport.ts";

/** The group of servers that a `server` block of `directives` makes. */
export function groupOf(
  directives: string,
  modules: readonly Module[] = MODULES,
): SessionPlace["group"] {
  const file = "/nowhere/webserv.conf";
  const text = `error_log stderr emerg;
    http { access_log off; server { listen 127.0.0.1:80; ${directives} } }`;
  const configuration = readConfiguration(
    {
      file,
      statements: parseConfig(text, file),
      prefix: "/nowhere",
    },
    () => {},
    { modules },
  );
  const { plan } = prepareGeneration(configuration, () => {});
  return plan.listeners[0]!.group!;
}

/** A session, what it was sent and what became of it. */
export class SessionFixture implements Disposable {
  readonly transport: FakeTransport;
  readonly session: Session;
  readonly sweep = new DeadlineSweep<Connection>(5);
  readonly statistics = new ServerStatistics({ connections: this.sweep });
  /** Why it ended. */
  readonly ends: EndReason[] = [];
  /** How often it said that it has nothing left to do. */
  departures = 0;
  /** Where it goes on after {@linkcode Session.renew}. */
  successor: SessionPlace | undefined;
  /** Resolves when it has nothing left to do. */
  readonly done: Promise<void>;

  /** A `handler` is asked first in `/a`. */
  constructor(
    directives: string,
    script: FakeTransportScript = {},
    { handler, modules }: {
      readonly handler?: Handler;
      readonly modules?: readonly Module[];
    } = {},
  ) {
    this.transport = new FakeTransport(script);
    const place = this.place(directives, modules);
    if (handler !== undefined) {
      const location = place.group.fallback.root.find("/a") as {
        rewrite: LocationHooks["rewrite"];
        handlers: readonly Handler[];
      };
      const rewrite = location.rewrite!;
      location.rewrite = undefined;
      location.handlers = [handler, rewrite];
    }
    this.session = new Session(this.transport, place, {
      secure: false,
      addresses: this.transport.addresses,
    });
    this.done = this.session.run();
  }

  /** A place of a configuration with `directives`. */
  place(directives: string, modules?: readonly Module[]): SessionPlace {
    const shared: SharedBySessions = {
      sweep: this.sweep,
      fairReads: new FairReads(),
      statistics: this.statistics,
      ended: (_session, reason) => void this.ends.push(reason),
      left: () => void this.departures++,
      successor: () => this.successor,
    };
    const group = groupOf(directives, modules);
    this.statistics.addServers([group.fallback.counters]);
    return {
      listener: undefined,
      group,
      generation: directives,
      shared,
    };
  }

  /** The status lines of all that was written. */
  get statuses(): string[] {
    return [...this.transport.written.matchAll(/HTTP\/1\.1 (\d{3}) /g)]
      .map(([, status]) => status!);
  }

  [Symbol.dispose](): void {
    this.session.connection.end("evicted");
  }
}

/** Waits `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
