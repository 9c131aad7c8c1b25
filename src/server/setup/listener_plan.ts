/** Which sockets are bound for the addresses of a configuration. */

import type { EventMethod } from "../../core/settings/event_method.ts";
import type { ListenAddress } from "../../core/settings/listen.ts";
import { socketPath } from "../../core/settings/listen_address.ts";
import {
  mappedIpv4,
  parseAddress,
} from "../../http/addresses/network_range.ts";
import type { SocketOptions } from "../../net/native/native_listener.ts";
import type { HostGroup } from "./host_group.ts";

/** One socket to listen on. */
export interface ListenerPlan {
  /** The address it is bound to; `unix:` and a path of a Unix socket. */
  readonly hostname: string;
  /** The port; 0 lets the system choose, or there is none. */
  readonly port: number;
  /** Where its Unix socket is, if it is one. */
  readonly path: string | undefined;
  /** See {@linkcode ListenAddress.backlog}. */
  readonly backlog: number;
  /** See {@linkcode ListenAddress.keepAlive}. */
  readonly keepAlive: boolean;
  /** The servers of the bound address; none when only others are served. */
  readonly group: HostGroup | undefined;
  /** The servers of addresses that are served through a wildcard. */
  readonly groups: ReadonlyMap<string, HostGroup>;
  /** The servers of IPv4 clients of an IPv6 wildcard. */
  readonly ipv4: HostGroup | undefined;
  /** Whether those clients keep their IPv4-mapped addresses. */
  readonly keepsMapped: boolean;
  /** What its socket is told if it is the system's own, not the runtime's. */
  readonly native: SocketOptions | undefined;
  /** Where it is said, for errors. */
  readonly address: ListenAddress;
}

/** The servers of an address, and how they said it. */
export interface AddressGroup {
  /** The address as each of its servers has it. */
  readonly addresses: readonly ListenAddress[];
  /** Its servers by host. */
  readonly group: HostGroup;
}

/**
 * The sockets to bind. A wildcard takes every address of its port, so the
 * others of that port are served through it, told apart by the address the
 * client connected to. An IPv6 wildcard takes IPv4 clients too (Deno has no
 * `IPV6_V6ONLY`), so it also stands in for an IPv4 one.
 */
export function listenerPlans(
  groups: readonly AddressGroup[],
  method: EventMethod = "deno",
): ListenerPlan[] {
  const bound: ListenerPlan[] = [];
  const byPort = Map.groupBy(groups, ({ addresses }) => addresses[0]!.port);
  for (const [port, members] of byPort) {
    const any6 = members.find(({ addresses }) =>
      addresses[0]!.hostname === "::"
    );
    const any4 = members.find(({ addresses }) =>
      addresses[0]!.hostname === "0.0.0.0"
    );
    const through = any6 ?? any4;
    if (through === undefined || port === 0) {
      for (const member of members) bound.push(listener(method, member));
      continue;
    }
    const others: AddressGroup[] = [];
    const alone: typeof members = [];
    for (const member of members) {
      const { hostname } = member.addresses[0]!;
      if (member === any4 || member === any6) continue;
      if (any6 === undefined && hostname.includes(":")) alone.push(member);
      else others.push(member);
    }
    bound.push(listener(method, through, others, any4));
    for (const member of alone) bound.push(listener(method, member));
  }
  return bound;
}

function listener(
  method: EventMethod,
  own: AddressGroup,
  others: readonly AddressGroup[] = [],
  any4?: AddressGroup,
): ListenerPlan {
  const { addresses, group } = own;
  const address = addresses[0]!;
  const takesIpv4 = address.hostname !== "::" ||
    addresses.some(({ ipv6Only }) => !ipv6Only);
  return {
    hostname: address.hostname,
    port: address.port,
    path: socketPath(address.hostname),
    backlog: addresses.find(({ isSet }) => isSet)?.backlog ?? address.backlog,
    keepAlive: addresses.some(({ keepAlive }) => keepAlive),
    group,
    groups: new Map(
      others.map((other) => [
        asSocketsSay(other.addresses[0]!.hostname),
        other.group,
      ]),
    ),
    ipv4: any4?.group ?? (takesIpv4 ? group : undefined),
    keepsMapped: any4 === undefined && address.hostname.includes(":"),
    native: method === "epoll" ? socketOptions(own) : undefined,
    address,
  };
}

/** What the `listen` says that sets anything on the socket. */
function socketOptions({ addresses, group }: AddressGroup): SocketOptions {
  const said = addresses.find(({ isSet }) => isSet) ?? addresses[0]!;
  const { probes } = said;
  const { headerMs } = group.fallback.root.client.timeouts;
  return {
    receiveBuffer: said.receiveBuffer,
    sendBuffer: said.sendBuffer,
    // As long as nginx lets it wait for a first request.
    deferSeconds: said.deferred ? Math.ceil(headerMs / 1000) || 1 : undefined,
    fastOpen: said.fastOpen,
    keepAlive: addresses.some(({ keepAlive }) => keepAlive),
    keepIdle: probes.idle,
    keepInterval: probes.interval,
    keepCount: probes.count,
  };
}

/** A configured address as it is in `groups`: as `plainAddress` makes it. */
function asSocketsSay(hostname: string): string {
  const address = parseAddress(hostname);
  const ipv4 = address === undefined ? undefined : mappedIpv4(address);
  return ipv4?.join(".") ?? hostname;
}
