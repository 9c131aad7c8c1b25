/** What serving a folder by https takes beside its configuration. */

import { readFacts } from "../../certificates/reading.ts";
import { escapeControls } from "../../logging/diagnostic_line.ts";
import type { Arguments } from "../arguments.ts";
import { dataFolder } from "./data_folder.ts";
import { locateConfiguration } from "../locate.ts";
import {
  checkSelfMade,
  ownNames,
  provideSelfMade,
  selfMadeFile,
} from "./self_made.ts";

/** How often it is looked whether it is time for another one, in ms: daily. */
const WATCH_MS = 24 * 3_600_000;

/**
 * Makes the certificate of `--tls` unless there is one that will do at `now`,
 * in ms. Returns whether one was made.
 *
 * @throws {UsageError} when it cannot be kept, or there is no folder to serve
 */
export async function provideCertificate(
  args: Arguments,
  now = Date.now(),
): Promise<boolean> {
  if (args.https?.kind !== "self-made") return false;
  // Nothing is made for a command line that is wrong.
  locateConfiguration(args);
  const path = selfMadeFile(dataFolder(args.https.state));
  return await provideSelfMade(path, ownNames(), now);
}

/** What {@linkcode renewCertificate} is told. */
interface RenewalOptions {
  /** Serves what was made anew. */
  readonly serve: () => void;
  /** Hears why it could not be made. */
  readonly tell: (message: string) => void;
  /** How often it is looked; daily if left out. */
  readonly everyMs?: number;
  /** Now, in ms since 1970; the system's if left out. */
  readonly now?: () => number;
}

/**
 * Makes the certificate of `--tls` anew in time, as long as it is served.
 *
 * @returns what ends that
 */
export function renewCertificate(
  args: Arguments,
  { serve, tell, everyMs = WATCH_MS, now = Date.now }: RenewalOptions,
): () => void {
  if (args.https?.kind !== "self-made") return () => {};
  const timer = setInterval(async () => {
    try {
      if (await provideCertificate(args, now())) serve();
    } catch (error) {
      tell((error as Error).message);
    }
  }, everyMs);
  return () => clearInterval(timer);
}

/**
 * Runs `check` with arguments whose certificate is there: another one, which
 * does not stay, since a check makes nothing.
 *
 * @throws {UsageError} when there is no folder to serve, or it could not be kept
 */
export async function withPassingCertificate<T>(
  args: Arguments,
  check: (args: Arguments) => Promise<T>,
): Promise<T> {
  if (args.https?.kind !== "self-made") return await check(args);
  checkSelfMade(selfMadeFile(dataFolder(args.https.state)), ownNames());
  const state = Deno.makeTempDirSync({ prefix: "webserv_check_" });
  try {
    const checked = { ...args, https: { ...args.https, state } };
    await provideCertificate(checked);
    return await check(checked);
  } finally {
    Deno.removeSync(state, { recursive: true });
  }
}

/** What the start tells of the certificate, a line each. */
export function certificateNotes({ https }: Arguments): string[] {
  switch (https?.kind) {
    case undefined:
      return [];
    case "self-made": {
      const path = selfMadeFile(dataFolder(https.state));
      const facts = readFacts(Deno.readTextFileSync(path));
      return [
        `  certificate: made here, so browsers ask whether to trust it: ${
          escapeControls(path)
        }`,
        `               SHA-256 ${facts?.fingerprint ?? ""}`,
      ];
    }
    case "authority":
      return [
        ...https.domains.map((name) =>
          `  https://${name}/  as soon as it has its certificate`
        ),
        "  the terms of service of the authority are accepted, by -d",
      ];
  }
}
