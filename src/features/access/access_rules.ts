/**
 * Rules of `allow` and `deny` for one block. The first rule that is for a
 * client decides; without one nothing is said of it.
 *
 * nginx keeps rules of IPv4 and of IPv6 apart, `all` in both, and asks those
 * of IPv4 about a client of an IPv6 socket that has an IPv4-mapped address,
 * or those of IPv6 where there are none of IPv4. So `allow 10.0.0.0/8; deny
 * ::/0;` lets every such client through, although its address is in `::/0`.
 * Here such a client has to pass both as nginx asks and when the rules are
 * asked one after the other with both of its addresses.
 */

import type { SourcePlace } from "../../config/errors.ts";
import { TextMemo } from "../../bytes/text_memo.ts";
import {
  type AddressBytes,
  mappedIpv4,
  type NetworkRange,
  parseAddress,
} from "../../http/addresses/network_range.ts";

/** Whom a rule is for, and whether they may go on. */
export interface AccessRule {
  /** Where it stands among those of its block. */
  readonly order: number;
  /** Whether its clients may go on. */
  readonly allows: boolean;
  /** Where it is said. */
  readonly place: SourcePlace;
  /** Its clients: a range of addresses, those of Unix sockets, or all. */
  readonly clients: NetworkRange | "unix" | "all";
}

type Clients = Exclude<AccessRule["clients"], "all">;

/** How many addresses a block remembers the decision for. */
const KNOWN_CLIENTS = 1024;

const IPV4_BYTES = 4;

/** The rules of one location, compiled. */
export class AccessRules {
  readonly #all: readonly AccessRule[];
  readonly #ipv4: readonly AccessRule[];
  readonly #ipv6: readonly AccessRule[];
  readonly #known = new TextMemo<AccessRule | undefined>(KNOWN_CLIENTS);

  constructor(rules: readonly AccessRule[]) {
    this.#all = [...rules].sort((a, b) => a.order - b.order);
    const ofFamily = (isIpv4: boolean) =>
      this.#all.filter(({ clients }) =>
        clients === "all" ||
        (clients !== "unix" &&
          (clients.addressLength === IPV4_BYTES) === isIpv4)
      );
    this.#ipv4 = ofFamily(true);
    this.#ipv6 = ofFamily(false);
  }

  /**
   * The rule that says whether the client with this address, as text or
   * `unix:`, may go on; `undefined` if none is for it.
   */
  ruleFor(client: string): AccessRule | undefined {
    let rule = this.#known.known.get(client);
    if (rule === undefined && !this.#known.known.has(client)) {
      rule = this.#decide(parseAddress(client));
      this.#known.set(client, rule);
    }
    return rule;
  }

  #decide(address: AddressBytes | undefined): AccessRule | undefined {
    if (address === undefined) {
      return decide(this.#all, (clients) => clients === "unix");
    }
    const isFor = (clients: Clients) =>
      clients !== "unix" && clients.contains(address);
    if (address.length === IPV4_BYTES) return decide(this.#ipv4, isFor);
    const ipv4 = mappedIpv4(address);
    if (ipv4 === undefined) return decide(this.#ipv6, isFor);
    const isForIpv4 = (clients: Clients) =>
      clients !== "unix" && clients.contains(ipv4);
    const asIpv4 = decide(this.#ipv4, isForIpv4);
    const asEither = decide(
      this.#all,
      (clients) => isForIpv4(clients) || isFor(clients),
    );
    if (asIpv4?.allows === false) return asIpv4;
    if (asEither?.allows === false) return asEither;
    return this.#ipv4.length === 0 ? asEither : asIpv4;
  }
}

/** The first rule whose clients `isFor` finds the client among. */
function decide(
  rules: readonly AccessRule[],
  isFor: (clients: Clients) => boolean,
): AccessRule | undefined {
  return rules.find(({ clients }) => clients === "all" || isFor(clients));
}
