/** `map`: variables whose values depend on those of others. */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { FaultList } from "../../config/fault_list.ts";
import { compileRegex } from "../../config/regex.ts";
import { STATEMENTS_PER_STEP } from "../../config/steps.ts";
import type { Statement } from "../../config/syntax/parser.ts";
import type { Template } from "../../config/template.ts";
import { integerDirective } from "../../config/values.ts";
import { bytes, variableName } from "../../config/variables.ts";
import type { Exchange } from "../../core/exchange.ts";
import { trace } from "../../core/trace.ts";
import type { Module } from "../../core/module.ts";
import { byteString, textOf } from "../../http/byte_string.ts";
import { ValueMap } from "./value_map.ts";

/** What a line of a map leads to: a byte string, or what makes it. */
type Value = string | Template<Exchange>;

/** The lines of one map, as they are read. */
class MapReader {
  readonly values = new ValueMap<Value>();
  isVolatile = false;
  default: Value | undefined;
  /** Many lines lead to the same. */
  readonly #known = new Map<string, Value>();
  readonly #context: ParseContext;

  constructor(context: ParseContext) {
    this.#context = context;
  }

  /** @throws {ConfigError} when a line is wrong, in the words of nginx */
  read({ name: key, args, place }: Statement): void {
    if (args.length === 0 && key === "hostnames") {
      this.values.hostnames = true;
      return;
    }
    if (args.length === 0 && key === "volatile") {
      this.isVolatile = true;
      return;
    }
    const [written] = args;
    if (written === undefined || args.length > 1) {
      throw new ConfigError(
        "invalid number of the map parameters",
        place,
        'expected a value and what it becomes, or "hostnames" or "volatile"',
      );
    }
    const value = this.#valueOf(written, place);
    if (key === "default") {
      if (this.default !== undefined) {
        throw new ConfigError(
          "duplicate default map parameter",
          place,
          'a backslash before "default" makes it a value as any other',
        );
      }
      this.default = value;
    } else if (key.startsWith("~")) {
      const ignoreCase = key.startsWith("~*");
      const regex = compileRegex(key.slice(ignoreCase ? 2 : 1), {
        ignoreCase,
        place,
        variables: this.#context.variables,
      });
      this.values.addRegex(regex, value);
    } else {
      this.values.add(byteString(key.replace(/^\\/, "")), value, place);
    }
  }

  #valueOf(written: string, place: Statement["place"]): Value {
    const known = this.#known.get(written);
    if (known !== undefined) return known;
    const template = this.#context.variables.byteTemplate(written, place);
    const value = template.constant ?? template;
    this.#known.set(written, value);
    return value;
  }
}

const mapDirective: Directive<undefined> = defineDirective({
  name: "map",
  contexts: ["http"],
  args: [2, 2],
  body: "entries",
  repeatable: true,
  default: undefined,
  summary: "Defines a variable whose value depends on those of others.",
  syntax: "string $variable { ... }",
  *parse(statement, _previous, context) {
    const { args: [text = "", written = ""], block = [], place } = statement;
    const { variables } = context;
    const source: Template<Exchange> = variables.byteTemplate(text, place);
    const name = variableName(written, place);
    const faults = new FaultList();
    const reader = new MapReader(context);
    for (let i = 0; i < block.length; i++) {
      if (i % STATEMENTS_PER_STEP === 0) yield;
      faults.attempt(() => reader.read(block[i]!));
    }
    const { values, default: otherwise = "", isVolatile } = reader;
    const variable = bytes((exchange: Exchange) => {
      const key = source.evaluate(exchange);
      const value = values.find(key, exchange) ?? otherwise;
      const text = typeof value === "string" ? value : value.evaluate(exchange);
      trace.steps?.push({
        kind: "map",
        text: textOf(`${written} is "${text}" for "${key}"`),
        place,
      });
      return text;
    });
    faults.attempt(() =>
      variables.define(name, variable, place, { volatile: isVolatile })
    );
    faults.throwIfFound();
    return undefined;
  },
});

/** One of nginx's sizes of hash tables, which grow by themselves here. */
function hashSize(
  name: string,
  { value, what }: { readonly value: number; readonly what: string },
): Directive<number> {
  return integerDirective({
    name,
    contexts: ["http"],
    default: value,
    summary: `${what} of the tables of map in nginx.`,
    differs: "Without effect: a table is as large as it has to be.",
  });
}

const directives: readonly AnyDirective[] = [
  mapDirective,
  hashSize("map_hash_max_size", { value: 2048, what: "The size" }),
  hashSize("map_hash_bucket_size", { value: 64, what: "The size of a part" }),
];

/** Variables made of others. */
export const mapModule: Module = { name: "map", directives };
