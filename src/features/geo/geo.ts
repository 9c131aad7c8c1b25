/** `geo`: variables whose values depend on the client's address. */

import { TextMemo } from "../../bytes/text_memo.ts";
import { defineDirective, type Directive } from "../../config/directive.ts";
import type { Template } from "../../config/template.ts";
import { bytes, variableName } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Module } from "../../core/module.ts";
import { trace } from "../../core/trace.ts";
import { textOf } from "../../http/byte_string.ts";
import {
  forwardedAddress,
  TrustedProxies,
} from "../../http/addresses/forwarded_address.ts";
import { Networks } from "./networks.ts";

/** How many addresses a block remembers the value for. */
const KNOWN_ADDRESSES = 1024;

/** The value of a block by address: a text is taken apart only once. */
function remembered(networks: Networks): (address: string) => string {
  const known = new TextMemo<string>(KNOWN_ADDRESSES);
  return (address) => {
    let value = known.known.get(address);
    if (value === undefined) known.set(address, value = networks.find(address));
    return value;
  };
}

/** The address that `networks` are asked about: its own, or a proxy's word. */
function addressOf(
  networks: Networks,
  source: Template<Exchange> | undefined,
): (exchange: Exchange) => string {
  const own = (exchange: Exchange) =>
    source === undefined ? exchange.remoteAddress : source.evaluate(exchange);
  const { proxies, recursive } = networks;
  if (proxies.length === 0) return own;
  const trusted = new TrustedProxies(proxies);
  return (exchange) => {
    const address = own(exchange);
    const said = exchange.request.get("x-forwarded-for");
    return said === undefined
      ? address
      : forwardedAddress(address, said, trusted, recursive)?.address ?? address;
  };
}

/** `geo [$address] $variable { ... }`. */
const geoDirective: Directive<undefined> = defineDirective({
  name: "geo",
  contexts: ["http"],
  args: [1, 2],
  body: "entries",
  repeatable: true,
  default: undefined,
  summary: "Defines a variable whose value depends on the client's address.",
  syntax: "[$address] $variable { ... }",
  *parse(statement, _previous, context) {
    const { args, block = [], place } = statement;
    const { variables } = context;
    const name = variableName(args.at(-1) ?? "", place);
    const source: Template<Exchange> | undefined = args.length === 1
      ? undefined
      : variables.byteTemplate(`$${variableName(args[0] ?? "", place)}`, place);
    const networks = yield* Networks.read(block, context);
    const valueOf = remembered(networks);
    const address = addressOf(networks, source);
    variables.define(
      name,
      bytes((exchange: Exchange) => {
        const key = address(exchange);
        const value = valueOf(key);
        trace.steps?.push({
          kind: "geo",
          text: textOf(`${args.at(-1)} is "${value}" for "${key}"`),
          place,
        });
        return value;
      }),
      place,
      { volatile: networks.isVolatile },
    );
    return undefined;
  },
});

/** Variables made of addresses. */
export const geoModule: Module = { name: "geo", directives: [geoDirective] };
