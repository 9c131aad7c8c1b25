/**
 * `set_real_ip_from`: whose word is believed about where a request came from.
 * A server's rules are followed first of all, a location's before access is
 * decided; the first ones that find an address have the last word.
 */

import {
  appended,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import { argument, onOffDirective } from "../../config/values.ts";
import { ascii, variableTable } from "../../config/variables.ts";
import { portText } from "../../core/connection_variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import {
  type ForwardedAddress,
  forwardedAddress,
  TrustedProxies,
  UNIX_CLIENT,
} from "../../http/addresses/forwarded_address.ts";
import { NetworkRange } from "../../http/addresses/network_range.ts";

/** Contexts of all of them. */
const CONTEXTS = ["http", "server", "location"] as const;

/** What the one name stands for that is never looked up (RFC 6761 §6.3). */
const LOCALHOST: readonly NetworkRange[] = ["127.0.0.1", "::1"]
  .map((address) => NetworkRange.parse(address)!);

/** `set_real_ip_from address | network | localhost | unix:`. */
const setRealIpFromDirective: Directive<
  readonly (NetworkRange | typeof UNIX_CLIENT)[]
> = defineDirective<readonly (NetworkRange | typeof UNIX_CLIENT)[]>({
  name: "set_real_ip_from",
  contexts: CONTEXTS,
  args: [1, 1],
  repeatable: true,
  default: [],
  summary: "Proxies that are believed about whose request it is.",
  syntax: "address | network | localhost | unix:",
  differs:
    "Any other host name is an error: addresses of proxies are to be written.",
  parse({ args: [text = ""], place }, previous = [], { warn }) {
    if (text === UNIX_CLIENT) return appended(previous, [UNIX_CLIENT]);
    if (text === "localhost") return appended(previous, LOCALHOST);
    const network = NetworkRange.parse(text);
    if (network === undefined) {
      throw new ConfigError(
        `invalid network "${text}"`,
        place,
        "expected an address, a network such as 192.0.2.0/24, or unix:; " +
          "write the address of a host, not its name",
      );
    }
    if (network.hasMeaninglessBits) {
      warn(`low address bits of ${text} are meaningless`);
    }
    return appended(previous, [network]);
  },
});

/** `real_ip_header field | proxy_protocol`; in lower case. */
const realIpHeaderDirective: Directive<string> = defineDirective({
  name: "real_ip_header",
  contexts: CONTEXTS,
  args: [1, 1],
  default: "x-real-ip",
  defaultText: "X-Real-IP",
  summary: "Where proxies say whose request it is.",
  syntax: "field | X-Real-IP | X-Forwarded-For | proxy_protocol",
  parse: (statement) => argument(statement).toLowerCase(),
});

/** `real_ip_recursive on | off`. */
const realIpRecursiveDirective: Directive<boolean> = onOffDirective({
  name: "real_ip_recursive",
  contexts: CONTEXTS,
  default: false,
  summary: "Whether the last address counts that is none of a proxy.",
});

/** What the field called `name` says; several are one list where they are. */
function said(exchange: Exchange, name: string): string | undefined {
  if (name === "x-forwarded-for") return exchange.request.get(name);
  for (const [key, value] of exchange.request.entries()) {
    if (key === name) return value;
  }
  return undefined;
}

/** The client that a request is from by the rules of a block, if they say. */
type Finder = (exchange: Exchange) => ForwardedAddress | undefined;

function finderOf(scope: Scope): Finder | undefined {
  const trusted = scope.get(setRealIpFromDirective);
  if (trusted.length === 0) return undefined;
  const proxies = new TrustedProxies(
    trusted.filter((each) => each !== UNIX_CLIENT),
    trusted.includes(UNIX_CLIENT),
  );
  const header = scope.get(realIpHeaderDirective);
  const recursive = scope.get(realIpRecursiveDirective);
  if (header === "proxy_protocol") {
    return ({ connection: { remoteAddress, proxied } }) =>
      proxies.has(remoteAddress) ? proxied?.client : undefined;
  }
  return (exchange) => {
    const value = said(exchange, header);
    if (value === undefined) return undefined;
    const { remoteAddress } = exchange.connection;
    return forwardedAddress(remoteAddress, value, proxies, recursive);
  };
}

function create(scope: Scope): LocationHooks | undefined {
  const find = finderOf(scope);
  if (find === undefined) return undefined;
  function follow(exchange: Exchange): undefined {
    exchange.client ??= find!(exchange);
  }
  return scope.context === "server"
    ? { rewrite: follow }
    : { preaccess: follow };
}

/** Clients behind proxies. */
export const realIpModule: Module = {
  name: "real_ip",
  directives: [
    setRealIpFromDirective,
    realIpHeaderDirective,
    realIpRecursiveDirective,
  ],
  variables: variableTable({
    realip_remote_addr: ascii((x: Exchange) => x.connection.remoteAddress),
    realip_remote_port: ascii((x: Exchange) =>
      portText(x.connection.remotePort)
    ),
  }),
  dependsOn: [],
  create,
};
