/** The commands of SSI, and which parameters they take. */

import type { Command } from "./scanner.ts";
import { SsiError } from "./texts.ts";

/** Most parameters of a command (nginx). */
const MAX_PARAMETERS = 16;

/** What a parameter may be, by its name. */
type Shape = Readonly<Record<string, "needed" | "optional">>;

const SHAPES = {
  include: {
    virtual: "optional",
    file: "optional",
    wait: "optional",
    set: "optional",
    stub: "optional",
  },
  echo: { var: "needed", default: "optional", encoding: "optional" },
  config: { errmsg: "optional", timefmt: "optional" },
  set: { var: "needed", value: "needed" },
  if: { expr: "needed" },
  elif: { expr: "needed" },
  else: {},
  endif: {},
  block: { name: "needed" },
  endblock: {},
} satisfies Readonly<Record<string, Shape>>;

/** The name of a command that there is. */
export type CommandName = keyof typeof SHAPES;

/** The parameters of a command; those that it needs are there. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/**
 * The name of a command.
 *
 * @throws {SsiError} when there is none of that name
 */
export function nameOf({ name }: Command): CommandName {
  if (Object.hasOwn(SHAPES, name)) return name as CommandName;
  throw new SsiError(`invalid SSI command: "${name}"`);
}

/**
 * The parameters of a command.
 *
 * @throws {SsiError} when they are not those that it takes
 */
export function parametersOf({ name, parameters }: Command): Parameters {
  const shape: Shape = SHAPES[name as CommandName];
  if (parameters.length > MAX_PARAMETERS) {
    throw new SsiError(`too many SSI command parameters: "${name}"`);
  }
  const found = new Map<string, string>();
  for (const [parameter, value] of parameters) {
    const what = found.has(parameter)
      ? `duplicate "${parameter}" parameter`
      : Object.hasOwn(shape, parameter)
      ? undefined
      : `invalid parameter name: "${parameter}"`;
    if (what !== undefined) {
      throw new SsiError(`${what} in "${name}" SSI command`);
    }
    found.set(parameter, value);
  }
  for (const [parameter, kind] of Object.entries(shape)) {
    if (kind === "needed" && !found.has(parameter)) {
      throw new SsiError(
        `mandatory "${parameter}" parameter is absent in "${name}" SSI command`,
      );
    }
  }
  return Object.fromEntries(found);
}
