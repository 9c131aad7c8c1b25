/** What the tests of the configuration language share. */

import { finish } from "../../src/config/steps.ts";
import { buildConfig } from "../../src/config/build.ts";
import type { AnyDirective } from "../../src/config/directive.ts";
import { ConfigError, type SourcePlace } from "../../src/config/errors.ts";
import { FaultList } from "../../src/config/fault_list.ts";
import { parseConfig, type Statement } from "../../src/config/syntax/parser.ts";
import type { Scope } from "../../src/config/scope.ts";
import type { Template, TemplateOptions } from "../../src/config/template.ts";
import {
  type AnyVariables,
  type ValueHolder,
  Variables,
} from "../../src/config/configured_variables.ts";
import type { VariableTable } from "../../src/config/variables.ts";

/** A place for errors that have to be somewhere. */
export const PLACE: SourcePlace = { file: "x.conf", line: 7 };

/** A statement `name args… ;` at {@linkcode PLACE}. */
export function statement(name: string, ...args: string[]): Statement {
  return { name, args, place: PLACE };
}

/** A template of `text` at {@linkcode PLACE}, of a table and nothing else. */
export function linkedTemplate<C>(
  text: string,
  table: VariableTable<C>,
  options?: TemplateOptions<C>,
): Template<C> {
  const variables: AnyVariables = new Variables<C & ValueHolder>(table);
  const template = variables.template(text, PLACE, options);
  finish(variables.link((error) => {
    throw error;
  }));
  return template;
}

/** The configuration error that `run` ends with. */
export function failure(run: () => unknown): ConfigError {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`no error, but ${JSON.stringify(result)}`);
}

/** The messages of all that is wrong with `text`, called `x.conf`. */
export function faultsIn(
  text: string,
  directives: Iterable<AnyDirective> = [],
): string[] {
  const faults = new FaultList();
  finish(buildConfig(parseConfig(text, "x.conf", { faults }), {
    file: "x.conf",
    directives,
    faults,
    resolvePath: (path) => path,
    warn: () => {},
  }));
  return faults.inOrder().map(({ message }) => message);
}

/** A built configuration and the warnings it gave. */
export interface Built {
  readonly scope: Scope;
  readonly warnings: readonly string[];
}

/** Builds `text`, called `x.conf`, with the prefix `/prefix`. */
export function build(
  text: string,
  directives: Iterable<AnyDirective> = [],
): Built {
  const warnings: string[] = [];
  const scope = finish(buildConfig(parseConfig(text, "x.conf"), {
    file: "x.conf",
    directives,
    resolvePath: (path) => `/prefix/${path}`,
    warn: (message) => warnings.push(message),
  }));
  return { scope, warnings };
}
