/** The servers of one address: gathered `listen` by `listen`, then by host. */

import { ByteMemo } from "../../bytes/byte_memo.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Steps } from "../../config/steps.ts";
import { speaksHttp2 } from "../../core/settings/http2.ts";
import type { ListenAddress } from "../../core/settings/listen.ts";
import { addressText } from "../../core/settings/listen_address.ts";
import {
  NO_NAME,
  serverNameDirective,
} from "../../core/settings/server_name.ts";
import type { TlsChoice } from "../../net/tls/tls_choice.ts";
import type { CaptureHolder } from "../../regex/pattern.ts";
import { HostTable } from "../../routing/host_table.ts";
import type { ServerPlan } from "./server_plan.ts";
import type { TlsCompiler } from "./tls_plan.ts";

/** A server of an address, and how it said it. */
interface GroupMember {
  readonly server: ServerPlan;
  readonly address: ListenAddress;
}

/** How a client of an address says that it speaks HTTP/2. */
export interface Http2Choice {
  /** Whether one without TLS says so with its first bytes. */
  readonly byPreface: boolean;
}

/** The servers of one address. */
export interface HostGroup {
  /** The server of hosts that no other one claims. */
  readonly fallback: ServerPlan;
  /** Its servers, with the address as each of them has it. */
  readonly members: readonly GroupMember[];
  /** The servers by host. */
  readonly hosts: HostTable<ServerPlan>;
  /** What values of `Host` have led to. */
  readonly known: ByteMemo<KnownHost>;
  /** Whether clients come through a proxy that says who they are. */
  readonly proxyProtocol: boolean;
  /** How HTTP/2 is spoken; `undefined` if it is not, by any of the servers. */
  readonly http2: Http2Choice | undefined;
  /** Its certificates; `undefined` if it does not speak TLS. */
  readonly tls: TlsChoice | undefined;
}

/** What a value of `Host` says, and whose it is. */
export interface KnownHost {
  /** The host, lower case without port; empty if none was given. */
  readonly host: string;
  /** Its server. */
  readonly server: ServerPlan;
  /** What the regular expression took by which the server is called so. */
  readonly took: Readonly<CaptureHolder>;
}

/** How many values of `Host` an address remembers. */
const KNOWN_HOSTS = 64;

/** What one of them takes, in bytes. */
const HOST_BYTES = 256;

/** The servers of an address while they are gathered. */
export class OpenHostGroup {
  #fallback: ServerPlan;
  /** Where the `default_server` is said, if one is. */
  #defaultAt: SourcePlace | undefined;
  /** Where it is said how its socket is set up, if anywhere. */
  #setAt: SourcePlace | undefined;
  readonly #members: GroupMember[] = [];

  /** A group whose first server is the one of hosts that nobody claims. */
  constructor(first: ServerPlan) {
    this.#fallback = first;
  }

  /** The address as each of its servers has it. */
  get addresses(): readonly ListenAddress[] {
    return this.#members.map(({ address }) => address);
  }

  /**
   * Adds a server that listens on the address.
   *
   * @throws {ConfigError} when it does not go with those before
   */
  add(server: ServerPlan, address: ListenAddress): void {
    this.#members.push({ server, address });
    if (address.isSet) {
      if (this.#setAt !== undefined) {
        throw new ConfigError(
          `duplicate listen options for ${addressText(address)}`,
          address.place,
          `there is one socket, and ${this.#setAt.file}:${this.#setAt.line} ` +
            "says how it is set up",
        );
      }
      this.#setAt = address.place;
    }
    if (!address.isDefault) return;
    if (this.#defaultAt !== undefined) {
      const { file, line } = this.#defaultAt;
      throw new ConfigError(
        `a duplicate default server for ${addressText(address)}`,
        address.place,
        `the first one is in ${file}:${line}`,
      );
    }
    this.#defaultAt = address.place;
    this.#fallback = server;
  }

  /** The servers by host, and their certificates; conflicts are told. */
  *finish(
    certificates: TlsCompiler,
    warn: (message: string) => void,
  ): Steps<HostGroup> {
    const members = this.#members;
    const hosts = new HostTable(this.#fallback);
    for (const { server, address } of members) {
      yield;
      const names = server.scope.get(serverNameDirective);
      for (const { text, pattern } of names.length === 0 ? [NO_NAME] : names) {
        // Alone it has every host, whatever it is called (nginx).
        if (hosts.add(pattern, server) || members.length === 1) continue;
        const { file, line } = server.scope.placeOf(serverNameDirective) ??
          address.place;
        warn(
          `conflicting server name "${text}" on ${addressText(address)}, ` +
            `ignored in ${file}:${line}`,
        );
      }
    }
    return {
      fallback: this.#fallback,
      members,
      hosts,
      known: new ByteMemo(KNOWN_HOSTS, HOST_BYTES),
      proxyProtocol: proxyProtocolOf(this.addresses, warn),
      http2: http2Of(this.#fallback, members),
      tls: yield* certificates.compile({ hosts, members }),
    };
  }
}

/** How HTTP/2 is spoken at an address: one `listen` is enough for all of it. */
function http2Of(
  fallback: ServerPlan,
  members: readonly GroupMember[],
): Http2Choice | undefined {
  const everywhere = members.some(({ address }) => address.http2);
  const isOn = ({ scope }: ServerPlan) => everywhere || speaksHttp2(scope);
  if (!members.some(({ server }) => isOn(server))) return undefined;
  return {
    byPreface: isOn(fallback) && !members.some(({ address }) => address.ssl),
  };
}

/**
 * Whether all clients of an address come through a proxy: one `listen` that
 * says so is enough, and others that do not are told.
 */
function proxyProtocolOf(
  [first, ...others]: readonly ListenAddress[],
  warn: (message: string) => void,
): boolean {
  const other = others.find(({ proxyProtocol }) =>
    proxyProtocol !== first!.proxyProtocol
  );
  if (other === undefined) return first!.proxyProtocol;
  const { file, line } = other.place;
  warn(
    `protocol options redefined for ${addressText(other)}: every client of ` +
      `it has to use the PROXY protocol in ${file}:${line}`,
  );
  return true;
}
