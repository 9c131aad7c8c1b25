/**
 * What is said to an authority and how (RFC 8555 §6): signed requests, nonces,
 * and the directory. It knows nothing of certificates.
 */

import { SERVER_TOKEN } from "../../../version.ts";
import {
  AuthorityError,
  checkedProblem,
  oneLine,
  type ProblemDocument,
  Unreachable,
} from "./failure.ts";
import { base64Url, type SigningKey } from "./keys.ts";

/** How long an answer may take, in ms. */
const ANSWER_MS = 30_000;

/** How often a request is sent again whose nonce was refused (RFC 8555 §6.5). */
const MAX_NONCE_TRIES = 10;

/** The longest answer, in bytes: a chain is a few thousand. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** The most nonces that are kept; those of many answers come to nothing. */
const MAX_NONCES = 16;

/** What an authority can do, and where (RFC 8555 §7.1.1). */
export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** RFC 9773. */
  readonly renewalInfo?: string;
  readonly meta?: {
    readonly termsOfService?: string;
    readonly externalAccountRequired?: boolean;
    /** Kinds of certificates by name. */
    readonly profiles?: Readonly<Record<string, string>>;
  };
}

/** What came back. */
export class Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;

  constructor(status: number, headers: Headers, text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  /** @throws {Unreachable} when it is no JSON */
  json<T>(): T {
    const value = parseJson(this.text);
    if (typeof value === "object" && value !== null) return value as T;
    throw new Unreachable("the authority's answer is not JSON");
  }

  /** Where what was made is. */
  get location(): string {
    return this.headers.get("Location") ?? "";
  }

  /** The URLs that are said to be `relation` to it (RFC 8288). */
  links(relation: string): string[] {
    return [
      ...(this.headers.get("Link") ?? "")
        .matchAll(/<([^>]*)>\s*;[^,<]*?rel="?([\w-]+)"?/g),
    ].filter(([, , rel]) => rel === relation).map(([, url]) => url!);
  }

  /** How long it says to wait, in ms, at `now`; `undefined` if it does not. */
  retryAfterMs(now: number): number | undefined {
    const text = this.headers.get("Retry-After");
    if (text === null) return undefined;
    const ms = /^[0-9]+$/.test(text)
      ? Number(text) * 1000
      : Date.parse(text) - now;
    return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a {@linkcode Client} is made with. */
export interface ClientOptions {
  /** The URL of the directory. */
  readonly uri: string;
  /** Roots that are trusted beside the usual ones, in PEM. */
  readonly roots: readonly string[];
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Now, in ms since 1970. */
  now(): number;
}

/** Whose request it is: a key that is to become an account, or an account. */
export interface Signer {
  readonly key: SigningKey;
  /** The URL of the account; without, the key itself is sent along. */
  readonly account?: string;
}

/** Speaks with one authority. */
export class Client {
  readonly #options: ClientOptions;
  readonly #http: Deno.HttpClient;
  #directory: Promise<Directory> | undefined;
  readonly #nonces: string[] = [];

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#http = Deno.createHttpClient({ caCerts: [...options.roots] });
  }

  /** Lets go of its connections. */
  close(): void {
    this.#http.close();
  }

  /** The directory, asked for once. */
  directory(): Promise<Directory> {
    return this.#directory ??= this.#readDirectory().catch((error) => {
      this.#directory = undefined;
      throw error;
    });
  }

  async #readDirectory(): Promise<Directory> {
    const { uri } = this.#options;
    const reply = await this.get(uri);
    const directory = reply.json<Directory>();
    for (const name of ["newNonce", "newAccount", "newOrder"] as const) {
      if (typeof directory[name] !== "string") {
        throw new Unreachable(`${uri} is no directory: it has no "${name}"`);
      }
    }
    return directory;
  }

  /**
   * Gets what needs no signature.
   *
   * @throws {AuthorityError | Unreachable}
   */
  async get(url: string): Promise<Reply> {
    return this.#checked(url, await this.#fetch(url, {}));
  }

  /**
   * Sends a signed request; without `payload` it asks for what is there
   * (RFC 8555 §6.3).
   *
   * @throws {AuthorityError | Unreachable}
   */
  async post(
    url: string,
    { key, account }: Signer,
    payload?: unknown,
  ): Promise<Reply> {
    const body = payload === undefined
      ? ""
      : base64Url(JSON.stringify(payload));
    for (let tries = 1;; tries++) {
      const head = base64Url(JSON.stringify({
        alg: key.method.alg,
        nonce: await this.#nonce(),
        url,
        ...(account === undefined ? { jwk: key.jwk } : { kid: account }),
      }));
      const reply = await this.#fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/jose+json" },
        body: JSON.stringify({
          protected: head,
          payload: body,
          signature: base64Url(await key.sign(`${head}.${body}`)),
        }),
      });
      this.#keepNonce(reply);
      if (tries < MAX_NONCE_TRIES && isBadNonce(reply)) continue;
      return this.#checked(url, reply);
    }
  }

  async #nonce(): Promise<string> {
    const known = this.#nonces.pop();
    if (known !== undefined) return known;
    const { newNonce } = await this.directory();
    const reply = await this.#fetch(newNonce, { method: "HEAD" });
    this.#checked(newNonce, reply);
    // Of what is kept others take theirs meanwhile.
    const nonce = reply.headers.get("Replay-Nonce");
    if (nonce === null) throw new Unreachable(`${newNonce} gives no nonce`);
    return nonce;
  }

  /** Keeps the nonce of an answer for the next request. */
  #keepNonce({ headers }: Reply): void {
    const nonce = headers.get("Replay-Nonce");
    if (nonce === null) return;
    this.#nonces.push(nonce);
    // The oldest are the first that are not known any more.
    if (this.#nonces.length > MAX_NONCES) this.#nonces.shift();
  }

  async #fetch(url: string, init: RequestInit): Promise<Reply> {
    const { signal } = this.#options;
    signal.throwIfAborted();
    // Of other schemes some are read from the disk (RFC 8555 §6.1).
    if (URL.parse(url)?.protocol !== "https:") {
      throw new Unreachable(`"${oneLine(url)}" is no URL that begins https://`);
    }
    try {
      const headers = new Headers(init.headers);
      headers.set("User-Agent", `${SERVER_TOKEN} ACME`);
      const response = await fetch(url, {
        ...init,
        headers,
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
        client: this.#http,
      });
      const text = await textOf(response);
      return new Reply(response.status, response.headers, text);
    } catch (error) {
      signal.throwIfAborted();
      throw new Unreachable(`${url} cannot be reached: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  #checked(url: string, reply: Reply): Reply {
    const { status, location } = reply;
    if (status >= 200 && status < 300) return reply;
    if (status >= 300 && status < 400) {
      // A signature is for one URL (RFC 8555 §6.4).
      throw new Unreachable(
        `${url} leads to "${oneLine(location)}": redirects are not followed`,
      );
    }
    throw new AuthorityError(`${url} was refused`, problemIn(reply), {
      status,
      retryAfterMs: reply.retryAfterMs(this.#options.now()),
    });
  }
}

/** The text of an answer. @throws {Error} when it is too long */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) throw new Error("the answer is too long");
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function problemIn({ text }: Reply): ProblemDocument | undefined {
  return checkedProblem(parseJson(text));
}

function isBadNonce(reply: Reply): boolean {
  return reply.status === 400 &&
    problemIn(reply)?.type?.endsWith(":badNonce") === true;
}

/** What the runtime says, and not that it says something. */
function reasonOf(error: unknown): string {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each.cause instanceof Error) continue;
    return each.message
      .replace(
        /^error sending request(?: from \S+)?(?: for \S+)?(?: \(.*?\))?: /,
        "",
      )
      .replace(/^client error \(Connect\): /, "");
  }
  return String(error);
}
