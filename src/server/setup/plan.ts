/**
 * From a checked configuration to what is looked up at request time: the
 * servers, and the sockets to listen on with the servers behind each.
 */

import { ConfigError } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import type { Steps } from "../../config/steps.ts";
import {
  workerConnections,
  workerShutdownTimeout,
} from "../../core/settings/core.ts";
import {
  type EventMethod,
  useDirective,
} from "../../core/settings/event_method.ts";
import {
  defaultListen,
  type ListenAddress,
  listenDirective,
} from "../../core/settings/listen.ts";
import { addressText, socketPath } from "../../core/settings/listen_address.ts";
import type { Environment, Module } from "../../core/module.ts";
import { withoutEpoll } from "../../net/native/event_loop.ts";
import { OpenHostGroup } from "./host_group.ts";
import {
  type AddressGroup,
  type ListenerPlan,
  listenerPlans,
} from "./listener_plan.ts";
import { ServerCompiler, type ServerPlan } from "./server_plan.ts";
import { TlsCompiler } from "./tls_plan.ts";

/** A configuration, compiled. */
export interface Plan {
  /** The sockets to listen on. */
  readonly listeners: readonly ListenerPlan[];
  /** Whose sockets they are, but for those that speak TLS. */
  readonly events: EventMethod;
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
  /** The method that is in use already; it stays until the next start. */
  readonly events?: EventMethod | undefined;
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
  const groups = new Map<string, OpenHostGroup>();
  const servers: ServerPlan[] = [];
  for (const module of options.modules) {
    faults.attempt(() => module.prepare?.(main, options.environment));
  }
  const certificates = new TlsCompiler(options);
  const compiler = new ServerCompiler(options);
  for (const scope of main.descendantsOf("server")) {
    const server = yield* compiler.compile(scope);
    servers.push(server);
    for (const address of faults.attempt(() => addressesOf(scope)) ?? []) {
      const text = addressText(address);
      const key = isOwnEachTime(address) ? `${text} ${groups.size}` : text;
      const group = groups.get(key) ?? new OpenHostGroup(server);
      groups.set(key, group);
      faults.attempt(() => group.add(server, address));
    }
  }
  if (servers.length === 0) faults.attempt(() => tellOfNoServer(main, options));
  const [events] = main.childrenOf("events");
  const finished: AddressGroup[] = [];
  for (const open of groups.values()) {
    const group = yield* open.finish(certificates, options.warn);
    finished.push({ addresses: open.addresses, group });
  }
  const method = eventMethod(events ?? main, options);
  const listeners = listenerPlans(finished, method);
  tellOfSystemOnly(finished, listeners, options.warn);
  return {
    listeners,
    events: method,
    servers,
    maxConnections: (events ?? main).get(workerConnections),
    shutdownTimeoutMs: main.get(workerShutdownTimeout),
  };
}

/**
 * The method that is asked for, or the runtime's where it cannot be had. The
 * one that is in use stays: clients that wait at a socket of one method cannot
 * be handed to one of the other.
 */
function eventMethod(
  scope: Scope,
  { events: used, warn }: PlanOptions,
): EventMethod {
  const asked = scope.get(useDirective);
  const { file, line } = scope.placeOf(useDirective) ?? scope.place;
  if (used !== undefined && used !== asked) {
    warn(
      `"use ${asked}" takes effect with the next start, until then it is ` +
        `"${used}" in ${file}:${line}`,
    );
  }
  const method = used ?? asked;
  const reason = method === "epoll" ? withoutEpoll() : undefined;
  if (reason === undefined) return method;
  warn(
    `the event method "epoll" cannot be had, "deno" is used: ${reason} in ` +
      `${file}:${line}`,
  );
  return "deno";
}

/** Says what has no effect on sockets of the runtime. */
function tellOfSystemOnly(
  groups: readonly AddressGroup[],
  listeners: readonly ListenerPlan[],
  warn: (message: string) => void,
): void {
  const native = new Set(
    listeners.filter(({ native }) => native !== undefined)
      .flatMap(({ group }) => group ?? []),
  );
  const said = groups.filter(({ group }) => !native.has(group))
    .flatMap(({ addresses }) => addresses)
    .flatMap(({ systemOnly, place: { file, line } }) =>
      systemOnly.map((what) => `${what} in ${file}:${line}`)
    );
  for (const message of new Set(said)) warn(message);
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
