/** What is kept of a certificate beside itself, so that a start goes on. */

import type { State } from "../state_folder.ts";
import type { Wanted } from "../wanted.ts";
import type { FailureCounts } from "./failure.ts";
import { keep } from "./keeping.ts";

/** A wait longer than this was noted by a clock that was wrong, in ms. */
const LONGEST_WAIT_MS = 8 * 24 * 3_600_000;

/** How it goes with a certificate; times in ms since 1970. */
export interface CertificateRecord {
  /** How many failures there were since the last success. */
  readonly failures: number;
  /** The same by kinds. */
  readonly counts?: FailureCounts | undefined;
  /** When to try again. */
  readonly retryAt?: number | undefined;
  readonly lastSuccess?: number | undefined;
  readonly lastFailure?: number | undefined;
  readonly lastError?: string | undefined;
  /** When it was renewed last because the authority said so. */
  readonly advisedAt?: number | undefined;
  /** See `renewalIdOf`; of the certificate that is stored. */
  readonly renewalId?: string | undefined;
  /** An order that is under way, with the key it is for. */
  readonly order?: {
    readonly directory: string;
    readonly url: string;
    readonly key: string;
  } | undefined;
}

/** When to try again, unless it was noted by a clock that was wrong. */
export function saneRetry(
  retryAt: number | undefined,
  now: number,
): number | undefined {
  const isSane = typeof retryAt === "number" && retryAt < now + LONGEST_WAIT_MS;
  return isSane ? retryAt : undefined;
}

const NOTHING: CertificateRecord = { failures: 0 };

function fileOf({ fileName }: Wanted): string {
  return `${fileName}.json`;
}

/** What was noted; `now` in ms. */
export function readRecord(
  wanted: Wanted,
  state: State,
  now: number,
): CertificateRecord {
  const text = state.read(fileOf(wanted));
  if (text === undefined) return NOTHING;
  try {
    const record: CertificateRecord = JSON.parse(text);
    if (typeof record.failures !== "number") return NOTHING;
    return { ...record, retryAt: saneRetry(record.retryAt, now) };
  } catch {
    return NOTHING;
  }
}

/** @throws {LocalFailure} when it cannot be written */
export function writeRecord(
  wanted: Wanted,
  state: State,
  record: CertificateRecord,
): void {
  keep(state, fileOf(wanted), JSON.stringify(record));
}
