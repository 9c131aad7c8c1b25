/**
 * From a checked configuration to what is looked up at request time: servers
 * with their locations, each location with its handlers in order, and the
 * listening addresses with the servers behind them.
 */

import { ByteMemo } from "../../bytes/byte_memo.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import type { Steps } from "../../config/steps.ts";
import {
  workerConnections,
  workerShutdownTimeout,
} from "../../core/settings/core.ts";
import {
  defaultListen,
  type ListenAddress,
  listenDirective,
} from "../../core/settings/listen.ts";
import { addressText, socketPath } from "../../core/settings/listen_address.ts";
import {
  NO_NAME,
  serverNameDirective,
} from "../../core/settings/server_name.ts";
import type { Environment, Module } from "../../core/module.ts";
import { mappedIpv4, parseAddress } from "../../http/network_range.ts";
import { plainAddress } from "../../net/address.ts";
import type { CaptureHolder } from "../../regex/pattern.ts";
import { HostTable } from "../../routing/host_table.ts";
import type { TlsChoice } from "../../net/tls/tls_choice.ts";
import { ServerCompiler, type ServerPlan } from "./server_plan.ts";
import { TlsCompiler } from "./tls_plan.ts";

/** The servers of one address. */
export interface HostGroup {
  /** The server of hosts that no other one claims. */
  readonly fallback: ServerPlan;
  /** The servers by host. */
  readonly hosts: HostTable<ServerPlan>;
  /** What values of `Host` have led to. */
  readonly known: ByteMemo<KnownHost>;
  /** Whether clients come through a proxy that says who they are. */
  readonly proxyProtocol: boolean;
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
  /** Where it is said, for errors. */
  readonly address: ListenAddress;
}

/** A configuration, compiled. */
export interface Plan {
  /** The sockets to listen on. */
  readonly listeners: readonly ListenerPlan[];
  /** The servers, in the order of the file. */
  readonly servers: readonly ServerPlan[];
  /** Most connections at a time. */
  readonly maxConnections: number;
  /** How long requests in flight may take at its end, in ms; 0 for ever. */
  readonly shutdownTimeoutMs: number;
}

/** What {@linkcode compilePlan} needs beside the configuration. */
export interface PlanOptions {
  /** The features. */
  readonly modules: readonly Module[];
  /** What they share. */
  readonly environment: Environment;
  /**
   * Takes what is wrong, and the plan is only good for being checked; if left
   * out, all that is wrong is thrown.
   */
  readonly faults?: FaultList | undefined;
  /** Says something at `warn` level. */
  warn(message: string): void;
}

type CompileOptions = PlanOptions & { readonly faults: FaultList };

/**
 * Compiles the whole configuration.
 *
 * @throws {ConfigError} when parts of it do not go together
 */
export function* compilePlan(
  main: Scope,
  options: PlanOptions,
): Steps<Plan> {
  const faults = options.faults ?? new FaultList();
  const plan = yield* compileAll(main, { ...options, faults });
  if (options.faults === undefined) faults.throwIfFound();
  return plan;
}

function* compileAll(main: Scope, options: CompileOptions): Steps<Plan> {
  const { faults } = options;
  const groups = new Map<
    string,
    { addresses: ListenAddress[]; group: OpenGroup }
  >();
  const servers: ServerPlan[] = [];
  for (const module of options.modules) {
    faults.attempt(() => module.prepare?.(main, options.environment));
  }
  const certificates = new TlsCompiler(options.modules, faults);
  const compiler = new ServerCompiler(options);
  for (const scope of main.descendantsOf("server")) {
    const server = yield* compiler.compile(scope);
    servers.push(server);
    for (const address of faults.attempt(() => addressesOf(scope)) ?? []) {
      const text = addressText(address);
      const key = isOwnEachTime(address) ? `${text} ${groups.size}` : text;
      const known = groups.get(key) ??
        { addresses: [], group: newGroup(server) };
      groups.set(key, known);
      known.addresses.push(address);
      faults.attempt(() => addToGroup(known.group, server, address));
    }
  }
  if (servers.length === 0) faults.attempt(() => tellOfNoServer(main, options));
  const [events] = main.childrenOf("events");
  const finished: AddressGroup[] = [];
  for (const { addresses, group } of groups.values()) {
    finished.push({
      addresses,
      group: yield* finishGroup(group, certificates, options),
    });
  }
  return {
    listeners: bindings(finished),
    servers,
    maxConnections: (events ?? main).get(workerConnections),
    shutdownTimeoutMs: main.get(workerShutdownTimeout),
  };
}

/** Whether the system chooses a port: another one each time. */
function isOwnEachTime({ hostname, port }: ListenAddress): boolean {
  return port === 0 && socketPath(hostname) === undefined;
}

/**
 * As in nginx, a configuration may have no server; one without any block is a
 * file that was not meant, or has not been written yet.
 *
 * @throws {ConfigError} when there is nothing at all
 */
function tellOfNoServer(main: Scope, { warn, faults }: CompileOptions): void {
  const { place } = httpScope(main);
  if (faults.found) return;
  if (main.children.length === 0) {
    throw new ConfigError(
      'no "server" block',
      place,
      "nothing would be served",
    );
  }
  warn(`no "server" block: nothing is served in ${place.file}:${place.line}`);
}

/** The addresses of a server. */
function addressesOf(scope: Scope): readonly ListenAddress[] {
  const own = scope.get(listenDirective);
  if (own.length === 0) {
    // One that is wrong has been reported, and does not mean port 80.
    const isMeant = scope.failedOf(listenDirective).length === 0;
    return isMeant ? [defaultListen(scope.place)] : [];
  }
  const served = own.filter(({ quic }) => !quic);
  if (served.length === 0) {
    throw new ConfigError(
      "the server listens for QUIC only, which is not supported by webserv",
      own[0]!.place,
      'expected a "listen" without "quic"',
    );
  }
  const known = new Set<string>();
  for (const address of served) {
    const text = addressText(address);
    if (known.has(text) && !isOwnEachTime(address)) {
      throw new ConfigError(
        `a duplicate listen ${text}`,
        address.place,
        "the server listens there already",
      );
    }
    known.add(text);
  }
  return served;
}

/** The servers of an address while they are gathered. */
interface OpenGroup {
  fallback: ServerPlan;
  /** Where the `default_server` is said, if one is. */
  defaultAt: SourcePlace | undefined;
  /** Where it is said how its socket is set up, if anywhere. */
  setAt: SourcePlace | undefined;
  readonly members: { server: ServerPlan; address: ListenAddress }[];
}

function newGroup(server: ServerPlan): OpenGroup {
  return {
    fallback: server,
    defaultAt: undefined,
    setAt: undefined,
    members: [],
  };
}

function addToGroup(
  group: OpenGroup,
  server: ServerPlan,
  address: ListenAddress,
): void {
  group.members.push({ server, address });
  if (address.isSet) {
    const { setAt } = group;
    if (setAt !== undefined) {
      throw new ConfigError(
        `duplicate listen options for ${addressText(address)}`,
        address.place,
        `there is one socket, and ${setAt.file}:${setAt.line} says how it is ` +
          "set up",
      );
    }
    group.setAt = address.place;
  }
  if (!address.isDefault) return;
  if (group.defaultAt !== undefined) {
    throw new ConfigError(
      `a duplicate default server for ${addressText(address)}`,
      address.place,
      `the first one is in ${group.defaultAt.file}:${group.defaultAt.line}`,
    );
  }
  group.defaultAt = address.place;
  group.fallback = server;
}

/** The servers of an address by host, and their certificates. */
function* finishGroup(
  { fallback, members }: OpenGroup,
  certificates: TlsCompiler,
  { warn }: PlanOptions,
): Steps<HostGroup> {
  const hosts = new HostTable(fallback);
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
    fallback,
    hosts,
    known: new ByteMemo(KNOWN_HOSTS, HOST_BYTES),
    proxyProtocol: proxyProtocolOf(members, warn),
    tls: yield* certificates.compile({ hosts, members }),
  };
}

/**
 * Whether all clients of an address come through a proxy: one `listen` that
 * says so is enough, and others that do not are told.
 */
function proxyProtocolOf(
  members: OpenGroup["members"],
  warn: PlanOptions["warn"],
): boolean {
  const [first] = members;
  const other = members.find(({ address }) =>
    address.proxyProtocol !== first!.address.proxyProtocol
  );
  if (other === undefined) return first!.address.proxyProtocol;
  const { file, line } = other.address.place;
  warn(
    `protocol options redefined for ${addressText(other.address)}: every ` +
      `client of it has to use the PROXY protocol in ${file}:${line}`,
  );
  return true;
}

/**
 * The sockets to bind. A wildcard takes every address of its port, so the
 * others of that port are served through it, told apart by the address the
 * client connected to. An IPv6 wildcard takes IPv4 clients too (Deno has no
 * `IPV6_V6ONLY`), so it also stands in for an IPv4 one.
 */
function bindings(groups: readonly AddressGroup[]): ListenerPlan[] {
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
      for (const member of members) bound.push(listener(member));
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
    bound.push(listener(through, others, any4));
    for (const member of alone) bound.push(listener(member));
  }
  return bound;
}

/** The servers of an address, and how they said it. */
interface AddressGroup {
  readonly addresses: readonly ListenAddress[];
  readonly group: HostGroup;
}

function listener(
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
    address,
  };
}

/** A configured address as `plainAddress` makes it of a socket's. */
function asSocketsSay(hostname: string): string {
  const address = parseAddress(hostname);
  const ipv4 = address === undefined ? undefined : mappedIpv4(address);
  return ipv4?.join(".") ?? hostname;
}

/**
 * The servers a connection may be for; `undefined` if it is for none. The
 * local address is as the socket has it.
 */
export function groupFor(
  plan: ListenerPlan,
  localAddress: string,
): HostGroup | undefined {
  if (plan.path !== undefined) return plan.group;
  const plain = plainAddress(localAddress);
  if (plan.groups.size > 0) {
    const own = plan.groups.get(plain);
    if (own !== undefined) return own;
  }
  return plain.includes(":") ? plan.group : plan.ipv4;
}

/**
 * Whether a connection to a local address keeps IPv4-mapped addresses: with
 * nginx it would have come to a socket of IPv6. One that an IPv4 `listen` is
 * for would have come to a socket of IPv4.
 */
export function keepsMapped(plan: ListenerPlan, localAddress: string): boolean {
  return plan.keepsMapped && !plan.groups.has(plainAddress(localAddress));
}
