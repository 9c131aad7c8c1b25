/** Certificates that are good no more, not yet, or not for long. */

/** When a certificate is good. */
interface Validity {
  /** When it begins to be, in ms since the epoch. */
  readonly notBefore: number;
  /** When it ends to be, in ms since the epoch. */
  readonly notAfter: number;
}

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
  { notBefore, notAfter }: Validity,
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
