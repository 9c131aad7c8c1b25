/** Which sockets are bound for the addresses of a configuration. */

import type { EventMethod } from "../../core/settings/event_method.ts";
import type { ListenAddress } from "../../core/settings/listen.ts";
import { socketPath } from "../../core/settings/listen_address.ts";
import {
  mappedIpv4,
  parseAddress,
} from "../../http/addresses/network_range.ts";
import { handedOverFor, type Place } from "../../net/native/handed_over.ts";
import {
  hasIpv6,
  type SocketOptions,
} from "../../net/native/native_listener.ts";
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

/** What has to be known of the system to choose its sockets. */
interface SocketSystem {
  /** Whether it knows IPv6 at all. */
  hasIpv6(): boolean;
  /** Whether a socket for an address was handed over to the program. */
  isHandedOver(place: Place): boolean;
}

const THIS_SYSTEM: SocketSystem = {
  hasIpv6,
  isHandedOver: (place) => handedOverFor(place) !== undefined,
};

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
 * client connected to. An IPv6 wildcard of the runtime takes IPv4 clients too
 * (Deno has no `IPV6_V6ONLY`), so it also stands in for an IPv4 one; one of the
 * system does so where it is told to.
 */
export function listenerPlans(
  groups: readonly AddressGroup[],
  method: EventMethod = "deno",
  system: SocketSystem = THIS_SYSTEM,
): ListenerPlan[] {
  const bound: ListenerPlan[] = [];
  const byPort = Map.groupBy(groups, ({ addresses }) => addresses[0]!.port);
  const byFamily = byPort.entries().flatMap(([port, members]) =>
    method === "epoll" && areApart(members, system)
      ? Map.groupBy(members, isIpv6).values().map((own) => [port, own] as const)
      : [[port, members] as const]
  );
  for (const [port, members] of byFamily) {
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

/**
 * Whether the addresses of a port have nothing to do with those of the other
 * family: the wildcard of IPv6 leaves IPv4 alone. An IPv4-mapped address is of
 * both; so is, as a rule, a wildcard that was handed over, unless those of IPv4
 * were too. Without IPv6 the wildcard is one of IPv4.
 */
function areApart(
  members: readonly AddressGroup[],
  { hasIpv6, isHandedOver }: SocketSystem,
): boolean {
  if (!hasIpv6()) return false;
  const isAnyHanded = members.some(({ addresses: [first] }) =>
    first!.hostname === "::" && isHandedOver(first!)
  );
  return members.every(({ addresses }) => {
    const [first] = addresses;
    const { hostname } = first!;
    if (!hostname.includes(":")) return !isAnyHanded || isHandedOver(first!);
    if (!asSocketsSay(hostname).includes(":")) return false;
    return hostname !== "::" || addresses.every(({ ipv6Only }) => ipv6Only);
  });
}

function isIpv6({ addresses }: AddressGroup): boolean {
  return addresses[0]!.hostname.includes(":");
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
