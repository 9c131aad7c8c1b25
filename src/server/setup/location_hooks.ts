/**
 * What the modules do in a location, made once for all locations that are told
 * the same: a configuration may have ten thousand of them.
 */

import type { ContextName } from "../../config/directive.ts";
import type { FaultList } from "../../config/fault_list.ts";
import { Origins } from "../../config/origins.ts";
import type { Scope } from "../../config/scope.ts";
import type {
  Blocks,
  Environment,
  LocationHooks,
  Module,
} from "../../core/module.ts";

/** Directives that say which requests a block is for, not what it does. */
const NEUTRAL: ReadonlySet<string> = new Set([
  "server",
  "location",
  "listen",
  "server_name",
]);

/** What a module does that does nothing. */
const NO_HOOKS: LocationHooks = {};

/** What {@linkcode SharedHooks} are made of. */
interface HookOptions {
  readonly modules: readonly Module[];
  readonly environment: Environment;
  /** Takes what is wrong. */
  readonly faults: FaultList;
  /** Says something at `warn` level. */
  warn(message: string): void;
}

/** The hooks of all locations, and what else they may share. */
export class SharedHooks<T extends object> {
  readonly #options: HookOptions;
  readonly #compile: (scope: Scope, hooks: readonly LocationHooks[]) => T;
  readonly #makers: readonly Module[];
  readonly #origins: Origins;
  /** By module. */
  readonly #hooks: readonly ByOrigin<LocationHooks>[];
  readonly #compiled = new ByOrigin<T>();

  /** `compile` makes of a scope and its hooks what scopes like it share. */
  constructor(
    options: HookOptions,
    compile: (scope: Scope, hooks: readonly LocationHooks[]) => T,
  ) {
    this.#options = options;
    this.#compile = compile;
    this.#makers = options.modules.filter(({ create }) => create !== undefined);
    this.#hooks = this.#makers.map(() => new ByOrigin());
    this.#origins = new Origins(this.#makers.length + 1, this.#groups());
  }

  /** What `scope` is compiled to; `blocks` are those in it. */
  of(scope: Scope, blocks: Blocks): T {
    const origins = this.#origins.of(scope);
    const origin = origins.at(-1)!;
    const known = this.#compiled.get(scope, origin);
    if (known !== undefined) return known;
    const hooks: LocationHooks[] = [];
    // By index: in code that runs at startup alone an iterator is costly.
    for (let i = 0; i < this.#makers.length; i++) {
      const made = this.#hooksOf(i, scope, origins[i]!, blocks);
      if (made !== undefined) hooks.push(made);
    }
    const compiled = this.#compile(scope, hooks);
    this.#compiled.set(scope, origin, compiled);
    return compiled;
  }

  /** What one module does in `scope`. */
  #hooksOf(
    index: number,
    scope: Scope,
    origin: Scope,
    blocks: Blocks,
  ): LocationHooks | undefined {
    const inherited = this.#hooks[index]!;
    let made = inherited.get(scope, origin);
    if (made === undefined) {
      made = this.#create(this.#makers[index]!, scope, blocks) ?? NO_HOOKS;
      inherited.set(scope, origin, made);
    }
    return made === NO_HOOKS ? undefined : made;
  }

  #create(
    module: Module,
    scope: Scope,
    blocks: Blocks,
  ): LocationHooks | undefined {
    const { environment, faults, warn } = this.#options;
    return faults.attempt(() =>
      module.create?.(scope, environment, blocks, warn)
    );
  }

  /**
   * The groups that a directive is in: those of the modules whose hooks depend
   * on it, and behind them that of everything that is not neutral.
   */
  #groups(): (name: string) => readonly number[] {
    const groups = this.#makers.map(namesOf);
    const known = new Map<string, readonly number[]>();
    return (name) => {
      let found = known.get(name);
      if (found === undefined) {
        found = NEUTRAL.has(name) ? [] : [
          ...groups.keys().filter((i) => groups[i]?.has(name) ?? true),
          groups.length,
        ];
        known.set(name, found);
      }
      return found;
    };
  }
}

/** What the hooks of a module depend on; `undefined` for anything. */
function namesOf(
  { directives, dependsOn }: Module,
): ReadonlySet<string> | undefined {
  return dependsOn &&
    new Set([...directives, ...dependsOn].map(({ name }) => name));
}

/** What scopes share that do not say anything of it themselves. */
class ByOrigin<T> {
  readonly #known = new Map<ContextName, Map<Scope, T>>();

  /** What is known for `scope`; `origin` says what it is made of. */
  get(scope: Scope, origin: Scope): T | undefined {
    return origin === scope
      ? undefined
      : this.#known.get(scope.context)?.get(origin);
  }

  /** Remembers what `scope` has for those that have the same. */
  set(scope: Scope, origin: Scope, made: T): void {
    if (origin === scope) return;
    const known = this.#known.get(scope.context);
    if (known !== undefined) known.set(origin, made);
    else this.#known.set(scope.context, new Map([[origin, made]]));
  }
}
