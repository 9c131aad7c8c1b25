/** What keeps pages from loading the script of `live_reload`, or would. */

import { changeable } from "../../core/added_fields.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Stage } from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import { textOf } from "../../http/byte_string.ts";
import { log } from "../../logging/logger.ts";
import { allowingSelf, forbidsSelf, policiesIn } from "./policy.ts";

/** The field of an answer. */
const FIELD = "Content-Security-Policy";

/** How many pages are remembered: beyond that nothing is told. */
const MAX_PAGES = 100;

/** Bytes of a page that are looked at; a `<meta>` is at its beginning. */
const LOOKED_AT_BYTES = 16_384;

/** A script as the page that an exchange is for loads it. */
function scriptAt({ scheme, request, host }: Exchange, path: string): URL {
  const asked = `${scheme}://${request.get("host") ?? host}`;
  // Whoever names no host is no browser.
  return new URL(path, URL.canParse(asked) ? asked : `${scheme}://localhost`);
}

/** Policies of the pages that have the line, which the log tells once. */
export class Policies {
  /** Answers that have the line, and the script that it loads. */
  readonly #expected = new WeakMap<Exchange, URL>();
  readonly #told = new Set<string>();

  /** Lets a page that has the line load the script, when all fields are there. */
  readonly stage: Stage = (exchange, made) => {
    const script = this.#expected.get(exchange);
    if (script === undefined || !made.headers.has(FIELD)) return made;
    const response = changeable(made);
    const { headers } = response;
    const allowing = [...headers]
      .filter(([name]) => name.toLowerCase() === FIELD.toLowerCase())
      .map(([, policy]) => allowingSelf(policy));
    headers.delete(FIELD);
    for (const policy of allowing) headers.append(FIELD, policy);
    if (allowing.some((policy) => forbidsSelf(policy, script))) {
      this.#tell(
        exchange,
        `the ${FIELD} of its answer has 'strict-dynamic', or a sandbox ` +
          "without allow-scripts",
      );
    }
    return response;
  };

  /** The answer of an exchange has the line, which loads the script of a path. */
  expect(exchange: Exchange, path: string): void {
    this.#expected.set(exchange, scriptAt(exchange, path));
  }

  /** It has another answer now. */
  forget(exchange: Exchange): void {
    this.#expected.delete(exchange);
  }

  /** Looks at the first bytes of a page that has the line. */
  look(exchange: Exchange, bytes: Uint8Array): void {
    const script = this.#expected.get(exchange);
    if (script === undefined) return;
    const text = new TextDecoder("latin1")
      .decode(bytes.subarray(0, LOOKED_AT_BYTES));
    if (policiesIn(text).some((policy) => forbidsSelf(policy, script))) {
      this.#tell(
        exchange,
        `its <meta http-equiv="${FIELD}"> does not allow 'self' for ` +
          "script-src and connect-src",
      );
    }
  }

  #tell(exchange: Exchange, why: string): void {
    const path = textOf(exchange.uri);
    if (this.#told.has(path) || this.#told.size >= MAX_PAGES) return;
    this.#told.add(path);
    log.warn(
      `"${path}" is not loaded again when a file changes: ${why}`,
      contextOf(exchange),
    );
  }
}
