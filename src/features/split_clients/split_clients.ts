/** `split_clients`: variables by which requests are told apart at random. */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { bytes, variableName } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import { trace } from "../../core/trace.ts";
import type { Module } from "../../core/module.ts";
import { byteString, textOf } from "../../http/byte_string.ts";
import { murmurHash2 } from "./murmur_hash.ts";

/** All of it, in hundredths of a percent: as exact as nginx is. */
const WHOLE = 100_00;

/** The largest hash. */
const MAX_HASH = 0xffff_ffff;

/** Those whose hash is below a bound have a value, unless a part before does. */
interface Part {
  readonly bound: number;
  readonly value: string;
}

/** @throws {ConfigError} in nginx's words, when lines are wrong */
function partsOf(entries: readonly Statement[]): Part[] {
  const faults = new FaultList();
  const parts: Part[] = [];
  let sum = 0;
  let bound = 0;
  for (const { name, args, place } of entries) {
    faults.attempt(() => {
      const [value] = args;
      if (value === undefined || args.length > 1) {
        throw new ConfigError(
          "invalid number of the split_clients parameters",
          place,
          "expected a share and a value, as in: 0.5% one;",
        );
      }
      const share = shareOf(name, place);
      sum = share === undefined ? WHOLE : sum + share;
      if (sum > WHOLE) {
        throw new ConfigError(
          "percent total is greater than 100%",
          place,
          share === undefined || bound === 0
            ? undefined
            : '"*" is what is left, and has to be the last one',
        );
      }
      bound += Math.floor((share ?? 0) * MAX_HASH / WHOLE);
      parts.push({
        bound: share === undefined ? Infinity : bound,
        value: byteString(value),
      });
    });
  }
  faults.throwIfFound();
  return parts;
}

/** A share in hundredths of a percent; `undefined` for what is left. */
function shareOf(written: string, place: SourcePlace): number | undefined {
  if (written === "*") return undefined;
  const [, whole, hundredths = ""] =
    /^(\d{1,3})(?:\.(\d{0,2}))?%$/.exec(written) ?? [];
  const share = Number(whole) * 100 + Number(hundredths.padEnd(2, "0"));
  if (whole === undefined || share === 0) {
    throw new ConfigError(
      `invalid percent value "${written}"`,
      place,
      'expected a number with at most two decimals, as in "12.5%", or "*"',
    );
  }
  return share;
}

/** `split_clients string $variable { ... }`. */
const splitClientsDirective: Directive<undefined> = defineDirective({
  name: "split_clients",
  contexts: ["http"],
  args: [2, 2],
  body: "entries",
  repeatable: true,
  default: undefined,
  summary: "Defines a variable that has each value for a share of requests.",
  syntax: "string $variable { ... }",
  parse(statement, _previous, { variables }) {
    const { args: [text = "", written = ""], block = [], place } = statement;
    const source: Template<Exchange> = variables.byteTemplate(text, place);
    const name = variableName(written, place);
    const parts = partsOf(block);
    const variable = bytes((exchange: Exchange) => {
      const key = source.evaluate(exchange);
      const hash = murmurHash2(key);
      const value = parts.find(({ bound }) => hash < bound)?.value ?? "";
      trace.steps?.push({
        kind: "split_clients",
        text: textOf(`${written} is "${value}" for "${key}"`),
        place,
      });
      return value;
    });
    variables.define(name, variable, place);
    return undefined;
  },
});

/** Variables for tests of two variants. */
export const splitClientsModule: Module = {
  name: "split_clients",
  directives: [splitClientsDirective],
};
