/**
 * The statements of one configuration whose directives no module declares.
 * Whether some of them have an effect is only known at the end: a
 * `proxy_set_header` has none without a `proxy_pass`.
 */

import { ConfigError, type SourcePlace } from "../errors.ts";
import type { FaultList } from "../fault_list.ts";
import { foreignDirective } from "./foreign.ts";
import { checkForeignArguments } from "./foreign_arguments.ts";
import type { Family } from "./foreign_families.ts";
import { ModuleList } from "./foreign_modules.ts";
import type { Statement } from "../syntax/parser.ts";
import { checkArguments, checkEnd } from "../statement_checks.ts";
import { UnknownVariableError } from "../configured_variables.ts";

/** Says something at `warn` level about a place. */
type WarnAt = (what: string, place: SourcePlace) => void;

/** Takes statements one by one, and says in the end what they amount to. */
export class ForeignStatements {
  readonly #faults: FaultList;
  readonly #warn: WarnAt;
  /** The first statement that only tunes a feature, by family. */
  readonly #tuning = new Map<Family, Statement>();
  /** The families of which something with an effect was refused. */
  readonly #refused = new Set<Family["without"]>();
  readonly #definers: { statement: Statement; variables: readonly string[] }[] =
    [];
  readonly #unknownVariables: UnknownVariableError[] = [];
  readonly #warned = new Set<string>();

  readonly #modules: ModuleList;

  /** Adds what is wrong to `faults`; `isBuiltIn` knows a directive. */
  constructor(
    faults: FaultList,
    warn: WarnAt,
    isBuiltIn: (directive: string) => boolean,
  ) {
    this.#faults = faults;
    this.#warn = warn;
    this.#modules = new ModuleList(isBuiltIn);
  }

  /** Takes a statement; returns whether anybody knows its directive. */
  take(statement: Statement): boolean {
    const { name, place } = statement;
    const known = foreignDirective(name, statement);
    switch (known?.kind) {
      case undefined:
        return false;
      case "refused":
        this.#refuse(statement, known.hint);
        this.#refused.add(name);
        return true;
      case "definer":
        this.#definers.push({ statement, variables: known.variables });
        return true;
      case "tuning":
        if (!this.#tuning.has(known.family)) {
          this.#tuning.set(known.family, statement);
        }
        return true;
      case "module":
        checkEnd(statement, false);
        checkArguments(statement, [1, 1]);
        this.#modules.add(statement.args[0]!, place);
        return true;
      case "warned":
        this.#warnOnce(name, known.why, place);
        if (statement.block === undefined) checkForeignArguments(statement);
        return true;
      case "silent":
        checkEnd(statement, false);
        checkForeignArguments(statement);
        return true;
      case "off":
        return true;
    }
  }

  /**
   * Takes the error of a statement that a directive refused; one about a
   * variable waits until it is known who should have defined it.
   */
  takeError(error: ConfigError): void {
    if (error instanceof UnknownVariableError) {
      this.#unknownVariables.push(error);
    } else this.#faults.add(error);
  }

  /** Says what depends on all statements. */
  finish(): void {
    this.#finishDefiners();
    this.#finishTuning();
    for (const [what, place] of this.#modules.notices()) {
      this.#warn(what, place);
    }
  }

  /** One warning does for all features that are not in use. */
  #finishTuning(): void {
    const inert = [...this.#tuning].filter(([{ effects }]) =>
      ![...this.#refused].some((other) => effects.test(other))
    );
    const [first] = inert;
    if (first === undefined) return;
    const [names, without] = [
      inert.map(([, { name }]) => name),
      inert.map(([family]) => family.without),
    ].map((list) => [...new Set(list)].map((name) => `"${name}"`).join(", "));
    const [, { place }] = first;
    const verb = inert.length === 1 ? "has" : "have";
    this.#warn(`${names} ${verb} no effect without ${without}, ignored`, place);
  }

  /** Only who uses a variable needs the directive that defines it. */
  #finishDefiners(): void {
    const used = new Set(
      this.#unknownVariables.map(({ variable }) => variable),
    );
    const explained = new Set<string>();
    for (const { statement, variables } of this.#definers) {
      const { name, place } = statement;
      const wanted = variables.filter((variable) => used.has(variable));
      for (const variable of wanted) explained.add(variable);
      if (wanted.length > 0) {
        this.#refuse(statement, `it defines "$${wanted[0]}", which is used`);
      } else this.#warnOnce(name, "its variables are not used", place);
    }
    for (const error of this.#unknownVariables) {
      if (!explained.has(error.variable)) this.#faults.add(error);
    }
  }

  #refuse({ name, place }: Statement, hint: string | undefined): void {
    this.#faults.add(
      new ConfigError(
        `directive "${name}" is not supported by webserv`,
        place,
        hint,
      ),
    );
  }

  /** One warning does for all statements of a directive. */
  #warnOnce(name: string, why: string, place: SourcePlace): void {
    if (this.#warned.has(name)) return;
    this.#warned.add(name);
    this.#warn(`the "${name}" directive has no effect, ignored: ${why}`, place);
  }
}
