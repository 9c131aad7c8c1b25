/** What serving a folder by https takes beside its configuration. */

import { readFacts } from "../../certificates/reading.ts";
import { escapeControls } from "../../logging/diagnostic_line.ts";
import type { Arguments } from "../arguments.ts";
import { dataFolder } from "./data_folder.ts";
import { locateConfiguration } from "../locate.ts";
import { ownNames, provideSelfMade, selfMadeFile } from "./self_made.ts";

/**
 * Makes the certificate of `--tls` unless there is one that will do.
 *
 * @throws {UsageError} when it cannot be kept, or there is no folder to serve
 */
export async function provideCertificate(args: Arguments): Promise<void> {
  if (args.https?.kind !== "self-made") return;
  // Nothing is made for a command line that is wrong.
  locateConfiguration(args);
  const path = selfMadeFile(dataFolder(args.https.state));
  await provideSelfMade(path, ownNames());
}

/**
 * Runs `check` with arguments whose certificate is there: another one, which
 * does not stay, since a check makes nothing.
 *
 * @throws {UsageError} when there is no folder to serve
 */
export async function withPassingCertificate<T>(
  args: Arguments,
  check: (args: Arguments) => Promise<T>,
): Promise<T> {
  if (args.https?.kind !== "self-made") return await check(args);
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
