/**
 * Certificates that are good no more, not yet, or not for long, and names of
 * servers that are in none.
 */

import type { Certificate } from "./x509.ts";

const DAY_MS = 24 * 3600 * 1000;

/**
 * How long before its end a certificate is warned of: two weeks, but no more
 * than a fifth of its life. Who renews by ACME does so at a third (of 90 days)
 * or at half of it (of 6), and is never warned.
 */
const SOON_MS = 14 * DAY_MS;
const SOON_PART = 1 / 5;

/** What is wrong with the days of a certificate at `now`, in ms; or nothing. */
export function lifetimeFault(
  { notBefore, notAfter }: Pick<Certificate, "notBefore" | "notAfter">,
  now: number,
): string | undefined {
  if (now < notBefore) return `is not valid before ${sayTime(notBefore)}`;
  if (now > notAfter) return `has expired on ${sayTime(notAfter)}`;
  const soon = Math.min(SOON_MS, (notAfter - notBefore) * SOON_PART);
  const left = notAfter - now;
  if (left > soon) return undefined;
  const days = Math.floor(left / DAY_MS);
  const within = days === 0
    ? "in less than a day"
    : days === 1
    ? "in a day"
    : `in ${days} days`;
  return `expires ${within}, on ${sayTime(notAfter)}`;
}

/** A time as people read it: `2026-11-28 01:30 UTC`. */
function sayTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Whether a certificate is good for a name as `server_name` has it. */
export function isCovered(
  { native }: Pick<Certificate, "native">,
  name: string,
): boolean {
  if (name.startsWith(".")) {
    return isCovered({ native }, name.slice(1)) &&
      hasName(native.subjectAltName, `*${name}`);
  }
  return name.includes("*")
    ? hasName(native.subjectAltName, name)
    : native.checkHost(name) !== undefined;
}

/** Whether a name stands among the others of a certificate as it is. */
function hasName(names: string | undefined, name: string): boolean {
  return names?.toLowerCase().split(", ").includes(`dns:${name}`) ?? false;
}
