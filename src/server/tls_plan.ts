/**
 * Which certificate belongs to which name of an address. The name is looked
 * up as `Host` is (nginx does the same), so that a server is reached under the
 * certificate it was given.
 */

import { ConfigError } from "../config/errors.ts";
import type { ListenAddress } from "../modules/listen.ts";
import { type ServerTls, serverTls } from "../modules/ssl.ts";
import { keyPairFault } from "../net/tls.ts";
import type { KeyPair, TlsChoice } from "../net/tls_choice.ts";
import type { HostTable } from "../routing/host_table.ts";
import type { ServerPlan } from "./plan.ts";

/** The certificates of an address. */
export interface TlsPlan extends TlsChoice {
  /** Changes when a certificate, a key or a name does. */
  readonly digest: string;
}

/** The servers of an address, as far as TLS is concerned. */
export interface TlsGroup {
  /** The servers by host. */
  readonly hosts: Pick<HostTable<ServerPlan>, "match">;
  /** The server of hosts that no other one claims. */
  readonly fallback: ServerPlan;
  /** The servers, with the address as each of them has it. */
  readonly members: readonly {
    readonly server: ServerPlan;
    readonly address: ListenAddress;
  }[];
}

/** Compiles the TLS of addresses; reads each server's files once. */
export class TlsCompiler {
  readonly #read = new Map<ServerPlan, ServerTls | undefined>();
  readonly #checked = new Set<string>();

  /**
   * The certificates of an address; `undefined` if it does not speak TLS.
   *
   * @throws {ConfigError} when a server of it has none, or one that cannot be
   * used
   */
  compile({ hosts, fallback, members }: TlsGroup): TlsPlan | undefined {
    if (!members.some(({ address }) => address.ssl)) return undefined;
    const certificates = members.map(({ server, address }) =>
      this.#pairOf(server, address)
    );
    const digest = JSON.stringify([
      members.findIndex(({ server }) => server === fallback),
      members.map(({ server }, i) => [server.names, certificates[i] ?? null]),
    ]);
    return {
      digest,
      choose: (name) => {
        const tls = this.#read.get(hosts.match(name.toLowerCase()));
        return tls?.kind === "certificate" ? tls.certificate : undefined;
      },
    };
  }

  /** What a server answers with; `undefined` if it refuses. */
  #pairOf(server: ServerPlan, address: ListenAddress): KeyPair | undefined {
    if (!this.#read.has(server)) {
      this.#read.set(server, serverTls(server.scope));
    }
    const tls = this.#read.get(server);
    if (tls === undefined) {
      throw new ConfigError(
        'no "ssl_certificate" is defined for the "listen ... ssl" directive',
        address.place,
      );
    }
    if (tls.kind === "reject") return undefined;
    const { cert, key, file } = tls.certificate;
    if (!this.#checked.has(cert + key)) {
      const fault = keyPairFault({ cert, key });
      if (fault !== undefined) {
        throw new ConfigError(
          `cannot use certificate "${file.path}": ${fault}`,
          file.place,
        );
      }
      this.#checked.add(cert + key);
    }
    return { cert, key };
  }
}

/**
 * The certificates of a socket that serves several addresses. A handshake
 * tells the name it is for and not the address, so they have to agree.
 *
 * @throws {ConfigError} when they do not
 */
export function sharedTls(
  groups: readonly {
    readonly tls: TlsPlan | undefined;
    readonly address: ListenAddress;
  }[],
): TlsPlan | undefined {
  const [first, ...others] = groups;
  for (const { tls, address } of others) {
    if (tls?.digest === first?.tls?.digest) continue;
    throw new ConfigError(
      `addresses of port ${address.port} differ in "ssl" or in their certificates`,
      address.place,
      "a wildcard takes all of them, and they have to be alike",
    );
  }
  return first?.tls;
}
