/** What the workers are told, as it changes. */

import { makeChallengeCertificate } from "../../../certificates/challenge.ts";
import { log } from "../../../logging/logger.ts";
import type { Answer, Board, Notices, Pair, Progress } from "../board.ts";
import type { Identifier } from "../identifiers.ts";
import type { ChallengeKind } from "../issuer.ts";
import type { Clock } from "./clock.ts";
import { LocalFailure } from "./failure.ts";
import type { Answers } from "./order.ts";

/** How long an answer is given at most, in ms. */
const ANSWER_MS = 3_600_000;

/**
 * How long it is given when it is not needed any more, in ms: after a reload
 * the authority was asked twice to come, and may come late the second time,
 * which would undo a proof it has had. It waits for an answer for ten seconds.
 */
const LATE_MS = 30_000;

/** Writes the board, for one run of the engine. */
export class Bulletin implements Answers {
  readonly #board: Board;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(board: Board, clock: Clock, signal: AbortSignal) {
    this.#board = board;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** The certificate that is served from now on. */
  setPair(id: string, pair: Pair): void {
    const { pairs } = this.#board.read();
    try {
      this.#write({ pairs: { ...pairs, [id]: pair } });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      log.alert("a new certificate cannot be told to the workers", { error });
    }
  }

  /** How it goes with a certificate. */
  setProgress(id: string, news: Partial<Progress>): void {
    const { progress } = this.#board.read();
    const known = progress[id];
    if (known === undefined) return;
    try {
      this.#write({ progress: { ...progress, [id]: { ...known, ...news } } });
    } catch (error) {
      if (this.#signal.aborted) throw error;
      log.alert("the state of a certificate cannot be told", { error });
    }
  }

  /** See {@linkcode Answers}; it is given a little longer than that. */
  async give(
    kind: ChallengeKind,
    identifier: Identifier,
    token: string,
    keyAuthorization: string,
  ): Promise<() => void> {
    const until = this.#clock.now() + ANSWER_MS;
    if (kind === "http-01") {
      return this.#give("tokens", token, { text: keyAuthorization, until });
    }
    const pair = await makeChallengeCertificate(identifier, keyAuthorization);
    return this.#give("hosts", serverNameOf(identifier), { pair, until });
  }

  #give(
    place: "tokens" | "hosts",
    name: string,
    answer: Answer,
  ): () => void {
    try {
      this.#write({
        [place]: { ...this.#board.read()[place], [name]: answer },
      });
    } catch (cause) {
      throw new LocalFailure(
        `a challenge cannot be answered: ${(cause as Error).message}`,
        { cause },
      );
    }
    const remove = () => {
      const { [name]: known, ...others } = this.#board.read()[place];
      if (known?.until === answer.until) this.#write({ [place]: others });
    };
    return () => {
      // Whoever is stopped leaves it to the next one, until its end.
      this.#clock.sleep(LATE_MS, this.#signal).then(remove).catch(() => {});
    };
  }

  #write(news: Partial<Notices>): void {
    this.#signal.throwIfAborted();
    const { tokens, hosts, ...rest } = { ...this.#board.read(), ...news };
    this.#board.write({
      ...rest,
      tokens: this.#current(tokens),
      hosts: this.#current(hosts),
    });
  }

  /** Those that somebody may still ask for. */
  #current(answers: Notices["tokens"]): Notices["tokens"] {
    const now = this.#clock.now();
    return Object.fromEntries(
      Object.entries(answers).filter(([, { until }]) => until > now),
    );
  }
}

/** The name that is asked for by TLS-ALPN-01 (RFC 8737 §3, RFC 8738 §6). */
function serverNameOf({ type, value }: Identifier): string {
  if (type === "dns") return value;
  if (!value.includes(":")) {
    return `${value.split(".").reverse().join(".")}.in-addr.arpa`;
  }
  const [head = "", tail] = value.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array(8 - front.length - back.length).fill("0");
  const digits = [...front, ...zeros, ...back]
    .map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].reverse().join(".")}.ip6.arpa`;
}
