/** The account at an authority: made once, kept and found again (RFC 8555 §7.3). */

import type { Issuer } from "../issuer.ts";
import type { State } from "../state_folder.ts";
import type { Client, Signer } from "./client.ts";
import { AuthorityError, LocalFailure } from "./failure.ts";
import { keep } from "./keeping.ts";
import { base64Url, SigningKey, signShared } from "./keys.ts";

/** The files of an account. */
const KEY_FILE = "account.key";
const ACCOUNT_FILE = "account.json";

/** What is kept of an account. */
interface KeptAccount {
  /** The directory it belongs to. */
  readonly directory: string;
  readonly url: string;
  readonly thumbprint: string;
  readonly contacts?: readonly string[];
}

/** An account that can be used. */
export interface Account extends Required<Signer> {
  /** What its key is known by. */
  readonly thumbprint: string;
}

/**
 * The account of `issuer`: the one that is kept, or a new one.
 *
 * @throws {AuthorityError | Unreachable | LocalFailure}
 */
export async function openAccount(
  issuer: Issuer,
  client: Client,
  state: State,
): Promise<Account> {
  const key = await accountKey(issuer, state);
  const thumbprint = await key.thumbprint();
  const kept = keptAccount(state.read(ACCOUNT_FILE));
  const isKept = kept?.directory === issuer.uri &&
    kept.thumbprint === thumbprint;
  const sameContacts = isKept &&
    kept.contacts?.join("\n") === issuer.contacts.join("\n");
  if (isKept && sameContacts) return { key, account: kept.url, thumbprint };
  const url = await register(issuer, client, key);
  if (isKept && !sameContacts) {
    await client.post(url, { key, account: url }, {
      contact: issuer.contacts,
    });
  }
  keep(
    state,
    ACCOUNT_FILE,
    JSON.stringify({
      directory: issuer.uri,
      url,
      thumbprint,
      contacts: issuer.contacts,
    }),
  );
  return { key, account: url, thumbprint };
}

/** The authority does not know the account any more: it is made anew. */
export function forgetAccount(state: State): void {
  state.remove(ACCOUNT_FILE);
}

function keptAccount(text: string | undefined): KeptAccount | undefined {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function accountKey(
  { accountKey, name }: Issuer,
  state: State,
): Promise<SigningKey> {
  if (typeof accountKey !== "string") {
    return await readKeyFile(accountKey.path);
  }
  const kept = state.read(KEY_FILE);
  if (kept !== undefined) {
    try {
      return await SigningKey.read(kept);
    } catch (cause) {
      throw new LocalFailure(
        `the account key of "${name}" in ${state.pathOf(KEY_FILE)} cannot ` +
          `be read: ${(cause as Error).message}; remove it for a new account`,
        { cause },
      );
    }
  }
  const key = await SigningKey.generate(accountKey);
  keep(state, KEY_FILE, key.pem);
  return key;
}

/** @throws {LocalFailure} when the file has no key that can be used */
export async function readKeyFile(path: string): Promise<SigningKey> {
  try {
    return await SigningKey.read(Deno.readTextFileSync(path));
  } catch (cause) {
    throw new LocalFailure(
      `the key in ${path} cannot be used: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Makes an account for the key, or finds the one it has. Returns its URL. */
async function register(
  { acceptsTerms, contacts, externalAccount, name }: Issuer,
  client: Client,
  key: SigningKey,
): Promise<string> {
  const { meta, newAccount } = await client.directory();
  if (meta?.termsOfService !== undefined && !acceptsTerms) {
    throw new LocalFailure(
      `"${name}" wants its terms of service to be accepted: read ` +
        `${meta.termsOfService} and write "accept_terms_of_service;"`,
    );
  }
  if (meta?.externalAccountRequired && externalAccount === undefined) {
    throw new LocalFailure(
      `"${name}" wants an account elsewhere: write "external_account_key" ` +
        "with what it has given you",
    );
  }
  const binding = externalAccount === undefined
    ? undefined
    : await bound(externalAccount, newAccount, key);
  const reply = await client.post(newAccount, { key }, {
    ...(acceptsTerms ? { termsOfServiceAgreed: true } : {}),
    ...(contacts.length === 0 ? {} : { contact: contacts }),
    ...(binding === undefined ? {} : { externalAccountBinding: binding }),
  });
  if (reply.location !== "") return reply.location;
  throw new AuthorityError(`${newAccount} names no account`, undefined, {
    status: reply.status,
  });
}

/** Ties the key to an account elsewhere (RFC 8555 §7.3.4). */
async function bound(
  { kid, key: shared }: NonNullable<Issuer["externalAccount"]>,
  url: string,
  key: SigningKey,
): Promise<unknown> {
  const head = base64Url(JSON.stringify({ alg: "HS256", kid, url }));
  const payload = base64Url(JSON.stringify(key.jwk));
  try {
    const text = "text" in shared
      ? shared.text
      : Deno.readTextFileSync(shared.path);
    const signature = await signShared(`${head}.${payload}`, text);
    return { protected: head, payload, signature };
  } catch (cause) {
    const where = "path" in shared ? ` in ${shared.path}` : "";
    throw new LocalFailure(
      `the external account key${where} cannot be used: ${
        (cause as Error).message
      }`,
      { cause },
    );
  }
}
