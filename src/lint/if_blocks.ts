/** The blocks of `if`. */

import type { Statement } from "../config/syntax/parser.ts";

/** Whether a request that comes into a block never comes to its content. */
export function leaves(statements: readonly Statement[]): boolean {
  return statements.some(({ name, args }) =>
    name === "return" ||
    (name === "rewrite" && args[2] !== undefined && args[2] !== "break")
  );
}
