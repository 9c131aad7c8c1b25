/**
 * `--tls`: the certificate that is made here. It is kept, because whoever has
 * told a browser to trust it is asked again by every new one.
 */

import { dirname } from "@std/path/dirname";
import { join } from "@std/path/join";
import { makeSelfSigned, type SubjectName } from "../../certificates/making.ts";
import { isKeyOf, readFacts } from "../../certificates/reading.ts";
import { checkFolder } from "../../logging/writable_path.ts";
import { failureReason } from "../../os_error.ts";
import { hostname as systemHostname } from "../../config/hostname.ts";
import { networkAddresses } from "../network.ts";
import { UsageError } from "../usage_error.ts";

/** What browsers and macOS put up with is 398 and 825 days. */
const LIFETIME_DAYS = 397;

/** One that ends within this many days is made anew. */
const RENEWAL_DAYS = 30;

const DAY_MS = 86_400_000;

/** The most names that are kept of networks the machine has been in. */
const MAX_NAMES = 32;

/** The file of the certificate and its key, in the folder of state. */
export function selfMadeFile(folder: string): string {
  return join(folder, "self-made.pem");
}

/**
 * The names under which this machine is found. Of its IPv6 addresses some are
 * others every day (RFC 8981), and so would be the certificate.
 */
export function ownNames(): SubjectName[] {
  const name = ownHostname();
  const names = ["localhost", ...(name === undefined ? [] : [name])];
  const addresses = ["127.0.0.1", "::1", ...networkAddresses().filter(isIpv4)];
  return [
    ...[...new Set(names)].map((value) => ({ type: "dns" as const, value })),
    ...addresses.map((value) => ({ type: "ip" as const, value })),
  ];
}

function isIpv4(address: string): boolean {
  return !address.includes(":");
}

/** The name of the machine, if it is one that a URL may have. */
function ownHostname(): string | undefined {
  const name = systemHostname() ?? "";
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) ? name : undefined;
}

/** Whether what is kept will do, and what a new one is to be for. */
export function judgeKept(
  text: string,
  wanted: readonly SubjectName[],
  now: number,
): { readonly isGood: boolean; readonly names: readonly SubjectName[] } {
  const facts = readFacts(text);
  if (facts === undefined || !hasItsKey(text)) {
    return { isGood: false, names: wanted };
  }
  const known = new Map(facts.names.map((name) => [keyOf(name), name]));
  const missing = wanted.filter((name) => !known.has(keyOf(name)));
  const isGood = missing.length === 0 &&
    facts.notAfter - now > RENEWAL_DAYS * DAY_MS;
  const others = facts.names.filter((name) =>
    !wanted.some((each) => keyOf(each) === keyOf(name))
  );
  return { isGood, names: [...wanted, ...others].slice(0, MAX_NAMES) };
}

/** Whether the key of the certificate in `text` is there, too. */
function hasItsKey(text: string): boolean {
  const [key] = /-----BEGIN PRIVATE KEY-----[^]*/.exec(text) ?? [];
  try {
    return key !== undefined && isKeyOf(text, key);
  } catch {
    return false;
  }
}

function keyOf({ type, value }: SubjectName): string {
  // One IPv6 address may be written in many ways.
  return type === "ip" && value.includes(":")
    ? `ip ${canonicalAddress(value)}`
    : `${type} ${value.toLowerCase()}`;
}

function canonicalAddress(address: string): string {
  const url = `http://[${address.replace(/%.*/, "")}]/`;
  return URL.canParse(url) ? new URL(url).hostname : address;
}

/**
 * Makes the certificate at `path` where there is none that will do.
 *
 * @returns whether one was made
 * @throws {UsageError} when it cannot be kept there
 */
export async function provideSelfMade(
  path: string,
  wanted: readonly SubjectName[],
  now = Date.now(),
): Promise<boolean> {
  try {
    const { isGood, names } = judgeKept(readIfThere(path), wanted, now);
    if (isGood) return false;
    const { cert, key } = await makeSelfSigned({
      commonName: "webserv on this machine",
      names,
      days: LIFETIME_DAYS,
    });
    keep(path, cert + key);
    return true;
  } catch (error) {
    throw cannotKeep(path, error);
  }
}

/**
 * Does nothing if {@linkcode provideSelfMade} could do its work.
 *
 * @throws {UsageError} when what it would make cannot be kept
 */
export function checkSelfMade(
  path: string,
  wanted: readonly SubjectName[],
): void {
  try {
    const { isGood } = judgeKept(readIfThere(path), wanted, Date.now());
    if (!isGood) checkFolder(dirname(path));
  } catch (error) {
    throw cannotKeep(path, error);
  }
}

function cannotKeep(path: string, error: unknown): UsageError {
  const reason = failureReason(error);
  return new UsageError(
    `the certificate cannot be kept at "${path}" (${reason}): ` +
      'say where with "--state DIR"',
  );
}

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Both in one file, which is there as a whole or not at all. */
function keep(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${crypto.randomUUID()}`;
  try {
    Deno.writeTextFileSync(temporary, text, { mode: 0o600, createNew: true });
    Deno.renameSync(temporary, path);
  } catch (error) {
    try {
      Deno.removeSync(temporary);
    } catch {
      // It was not made.
    }
    throw error;
  }
}
