/**
 * Which certificate belongs to which name of an address. The name is looked
 * up as `Host` is (nginx does the same), so that a server is reached under the
 * certificate it was given.
 */

import { ConfigError } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Steps } from "../../config/steps.ts";
import { HttpError } from "../../http/errors.ts";
import type { ListenAddress } from "../../core/settings/listen.ts";
import type { Environment, Module } from "../../core/module.ts";
import type {
  Certificate,
  ServerTls,
  TlsChallenge,
} from "../../core/server_tls.ts";
import { keyPairFault } from "../../net/tls/key_pair.ts";
import { tlsFault } from "../../net/tls/tls_engine.ts";
import type { Scope } from "../../config/scope.ts";
import { speaksHttp2 } from "../../core/settings/http2.ts";
import {
  HTTP2_PROTOCOLS,
  TLS_PROTOCOLS,
  type TlsChoice,
} from "../../net/tls/tls_choice.ts";
import type { HostTable } from "../../routing/host_table.ts";

/** A server, as far as TLS is concerned. */
export interface TlsServer {
  /** Its directives. */
  readonly scope: Scope;
}

/** The servers of an address, as far as TLS is concerned. */
export interface TlsGroup {
  /** The servers by host. */
  readonly hosts: Pick<HostTable<TlsServer>, "match">;
  /** The servers, with the address as each of them has it. */
  readonly members: readonly {
    readonly server: TlsServer;
    readonly address: ListenAddress;
  }[];
}

/** The server of a host; none, as in nginx, if that takes too long to tell. */
function serverOf(
  host: string,
  hosts: TlsGroup["hosts"],
): TlsServer | undefined {
  try {
    return hosts.match(host);
  } catch (error) {
    if (error instanceof HttpError) return undefined;
    throw error;
  }
}

/**
 * As `choice`, but for clients that offer the protocol of the challenge and no
 * other (RFC 8737 §3): whatever server a name has, it can be proved.
 */
function withChallenge(
  choice: TlsChoice,
  { protocol, choose }: TlsChallenge,
): TlsChoice {
  return {
    ...choice,
    choose(name, hello) {
      const asks = hello?.protocols?.length === 1 &&
        hello.protocols[0] === protocol;
      if (!asks) return choice.choose(name, hello);
      const pair = choose(name.toLowerCase());
      return pair && { ...pair, proof: protocol };
    },
  };
}

/** What a {@linkcode TlsCompiler} needs beside the servers. */
export interface TlsCompilerOptions {
  /** The features. */
  readonly modules: readonly Module[];
  /** What they share. */
  readonly environment: Environment;
  /** Takes what is wrong. */
  readonly faults: FaultList;
  /** Why the runtime speaks no TLS, if it does not. */
  readonly runtimeFault?: () => string | undefined;
}

/** Compiles the TLS of addresses; reads each server's files once. */
export class TlsCompiler {
  readonly #read = new Map<TlsServer, ServerTls | undefined>();
  readonly #checked = new Set<string>();
  readonly #modules: readonly Module[];
  readonly #environment: Environment;
  readonly #challenge: TlsChallenge | undefined;
  readonly #faults: FaultList;
  #runtimeFault: () => string | undefined;

  /** Asks the modules; adds what is wrong with certificates to `faults`. */
  constructor(
    { modules, environment, faults, runtimeFault = tlsFault }:
      TlsCompilerOptions,
  ) {
    this.#runtimeFault = runtimeFault;
    this.#modules = modules;
    this.#environment = environment;
    this.#faults = faults;
    for (const module of modules) {
      this.#challenge ??= module.tlsChallenge?.(environment);
    }
  }

  /**
   * The certificates of an address; `undefined` if it does not speak TLS. A
   * server without one, or with one that cannot be used, is a fault.
   */
  *compile({ hosts, members }: TlsGroup): Steps<TlsChoice | undefined> {
    const speaking = members.find(({ address }) => address.ssl);
    if (speaking === undefined) return undefined;
    this.#faults.attempt(() => this.#checkRuntime(speaking.address));
    for (const { server, address } of members) {
      yield;
      this.#faults.attempt(() => this.#check(server, address));
    }
    const serverFor = (name: string) =>
      // As in a Host, a dot at the end changes nothing.
      serverOf(name.toLowerCase().replace(/\.$/, ""), hosts);
    const everywhere = members.some(({ address }) => address.http2);
    const choice: TlsChoice = {
      choose: (name, hello) => {
        const server = serverFor(name);
        const tls = server && this.#read.get(server);
        return tls?.kind === "certificate" ? tls.choose(hello) : undefined;
      },
      protocolsOf: (name) => {
        const scope = serverFor(name)?.scope;
        const isOn = everywhere || (scope !== undefined && speaksHttp2(scope));
        return isOn ? HTTP2_PROTOCOLS : TLS_PROTOCOLS;
      },
    };
    return this.#challenge === undefined
      ? choice
      : withChallenge(choice, this.#challenge);
  }

  /** Says once if nobody here can speak TLS at all. */
  #checkRuntime({ place }: ListenAddress): void {
    const fault = this.#runtimeFault();
    if (fault === undefined) return;
    this.#runtimeFault = () => undefined;
    throw new ConfigError(
      `"listen ... ssl" cannot be served: ${fault}`,
      place,
      "run webserv from its source with Deno 2.9.6 or later, or make the " +
        'executable from a base of that version (see "DENORT_BIN" in ' +
        "docs/operation.md), or leave TLS to a proxy in front",
    );
  }

  /** What the first module that knows says of a server. */
  #ask({ scope }: TlsServer): ServerTls | undefined {
    for (const module of this.#modules) {
      const tls = module.tls?.(scope, this.#environment);
      if (tls !== undefined) return tls;
    }
    return undefined;
  }

  /** Reads what a server answers with, and makes sure that it can. */
  #check(server: TlsServer, address: ListenAddress): void {
    if (!this.#read.has(server)) {
      this.#read.set(server, this.#ask(server));
    }
    const tls = this.#read.get(server);
    if (tls === undefined) {
      throw new ConfigError(
        'no "ssl_certificate" is defined for the "listen ... ssl" directive',
        address.place,
        "every server of an address that speaks TLS needs one, " +
          'or "ssl_reject_handshake on"',
      );
    }
    if (tls.kind !== "certificate") return;
    for (const certificate of tls.certificates) {
      this.#faults.attempt(() => this.#checkPair(certificate));
    }
  }

  #checkPair({ cert, key, file }: Certificate): void {
    if (this.#checked.has(cert + key)) return;
    const fault = keyPairFault({ cert, key });
    if (fault !== undefined) {
      throw new ConfigError(
        `cannot use certificate "${file.path}": ${fault}`,
        file.place,
        /parse private key/.test(fault)
          ? "the runtime takes RSA from 2048 bits on, ECDSA over P-256, " +
            "P-384 or P-521, and Ed25519"
          : "expected the server's own certificate first, and its private key",
      );
    }
    this.#checked.add(cert + key);
  }
}
