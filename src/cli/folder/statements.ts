/** Statements of a configuration that the command line stands for. */

import type { Statement } from "../../config/syntax/parser.ts";
import { parseAddress } from "../../server/setup/process_settings.ts";
import { UsageError } from "../usage_error.ts";

/** The place of everything that the command line says. */
export const PLACE = { file: "command line", line: 1 };

/** A directive. */
export function say(name: string, ...args: string[]): Statement {
  return { name, args, place: PLACE };
}

/** A directive with a block. */
export function block(
  name: string,
  args: readonly string[],
  statements: readonly Statement[],
): Statement {
  return { name, args, place: PLACE, block: statements };
}

/** Requests are told of where the server was started. */
export const ACCESS_LOG: Statement = say("access_log", "/dev/stdout");

/** The same where somebody looks on: no line waits for others. */
export const WATCHED_LOG: Statement = say(
  "access_log",
  "/dev/stdout",
  "combined",
  "buffer=1",
);

/**
 * Where to listen, with `parameters`, as `option` says it. A port alone is that
 * of every address, so that `localhost` finds it by `::1` and by `127.0.0.1`;
 * nginx's is that of IPv4. `localhost` is both of its addresses, where there are
 * two.
 *
 * @throws {UsageError} when it is no address
 */
export function listenStatements(
  option: string,
  listen: string,
  ...parameters: string[]
): Statement[] {
  try {
    parseAddress(listen, PLACE);
  } catch {
    throw new UsageError(
      option === "--host"
        ? `invalid option: "--host ${listen.replace(/:\d+$/, "")}", expected ` +
          "an address of this machine, such as 127.0.0.1, ::1 or localhost"
        : `invalid option: "${option} ${listen}", expected [address:]port`,
    );
  }
  const [, localPort] = /^localhost:(\d+)$/.exec(listen) ?? [];
  if (localPort !== undefined && localPort !== "0" && canBind("::1")) {
    return ["127.0.0.1", "[::1]"].map((host) =>
      say("listen", `${host}:${localPort}`, ...parameters)
    );
  }
  if (!/^\d+$/.test(listen)) return [say("listen", listen, ...parameters)];
  // Two of them would be given different ports.
  if (Number(listen) === 0) {
    return [say("listen", "[::]:0", ...parameters, "ipv6only=off")];
  }
  return [
    say("listen", listen, ...parameters),
    say("listen", `[::]:${listen}`, ...parameters),
  ];
}

/** Whether the system has an address: it may be without IPv6. */
function canBind(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** What needs no quotes; a backslash means itself before most characters. */
const BARE = /^(?:[^\s;{}"'\\#]|\\[^\s;{}"'\\trn])+$/;

/** A word of a configuration, in quotes where they are needed. */
function wordText(word: string): string {
  return BARE.test(word) ? word : `"${word.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Statements as a configuration file has them, each line after `indent`. */
export function statementsText(
  statements: readonly Statement[],
  indent = "",
): string {
  return statements.map(({ name, args, block }) => {
    const words = [name, ...args].map(wordText).join(" ");
    if (block === undefined) return `${indent}${words};\n`;
    const inner = statementsText(block, `${indent}    `);
    return `${indent}${words} {\n${inner}${indent}}\n`;
  }).join("");
}
