/** The access phase of a location: all its checks, as one handler. */

import type { Scope } from "../../config/scope.ts";
import type { HttpError } from "../../http/errors.ts";
import { log } from "../../logging/logger.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  type AccessCheck,
  GRANTED,
  type Handler,
  type Outcome,
  type Verdict,
} from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import {
  accessForbidden,
  authDelayDirective,
  satisfyDirective,
} from "../../core/settings/satisfy.ts";

/** What a client is asked for with 401. */
const CHALLENGE = "WWW-Authenticate";

/** The handler of a location's checks; none if there are none. */
export function accessPhase(
  checks: readonly AccessCheck[],
  scope: Scope,
): readonly Handler[] {
  if (checks.length === 0) return [];
  const phase = new AccessPhase(checks, scope);
  // As in nginx whoever may have a page may have its parts.
  return [
    (exchange) =>
      exchange.main === undefined
        ? phase.ask(exchange, 0, undefined)
        : undefined,
  ];
}

/** As nginx's `ngx_http_core_access_phase()` and what follows it. */
class AccessPhase {
  readonly #checks: readonly AccessCheck[];
  readonly #oneIsEnough: boolean;
  readonly #delayMs: number;

  constructor(checks: readonly AccessCheck[], scope: Scope) {
    this.#checks = checks;
    this.#oneIsEnough = scope.get(satisfyDirective) === "any";
    this.#delayMs = scope.get(authDelayDirective);
  }

  /** Asks the checks from the one at `index` on; `refusal` is of those before. */
  ask(
    exchange: Exchange,
    index: number,
    refusal: HttpError | undefined,
  ): Outcome | Promise<Outcome> {
    const check = this.#checks[index];
    if (check === undefined) {
      return refusal?.status === 403
        ? accessForbidden()
        : this.#refuse(exchange, refusal);
    }
    const verdict = check(exchange);
    return verdict instanceof Promise
      ? verdict.then((later) => this.#follow(exchange, later, index, refusal))
      : this.#follow(exchange, verdict, index, refusal);
  }

  #follow(
    exchange: Exchange,
    verdict: Verdict,
    index: number,
    refusal: HttpError | undefined,
  ): Outcome | Promise<Outcome> {
    if (verdict === undefined) return this.ask(exchange, index + 1, refusal);
    if (!this.#oneIsEnough) {
      return verdict === GRANTED
        ? this.ask(exchange, index + 1, refusal)
        : this.#refuse(exchange, verdict);
    }
    if (verdict === GRANTED) {
      // As in nginx: who may see an error page is not asked for more.
      exchange.errorFields = exchange.errorFields
        .filter(([name]) => name !== CHALLENGE);
      return undefined;
    }
    if (verdict.status !== 401 && verdict.status !== 403) return verdict;
    const stays = refusal?.status === 401;
    return this.ask(exchange, index + 1, stays ? refusal : verdict);
  }

  /** A client that is to say who it is waits for the answer. */
  #refuse(
    exchange: Exchange,
    refusal: HttpError | undefined,
  ): Outcome | Promise<Outcome> {
    if (refusal?.status !== 401 || this.#delayMs === 0) return refusal;
    log.info("delaying unauthorized request", contextOf(exchange));
    const { signal } = exchange;
    return new Promise((resolve) => {
      const answer = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", answer);
        resolve(refusal);
      };
      const timer = setTimeout(answer, this.#delayMs);
      signal.addEventListener("abort", answer);
    });
  }
}
