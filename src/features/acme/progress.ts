/** How it goes with certificates, for whoever looks after the server. */

import type { Gauge } from "../../core/module.ts";
import { EXPIRY } from "../tls/lifetimes.ts";
import type { Board } from "./board.ts";
import { CERTIFICATE_SUFFIX } from "./state_folder.ts";
import { WAYS } from "./proof_ways.ts";
import type { Wanted } from "./wanted.ts";

/** The names that a certificate is for, as they are written in a line. */
export function namesOf({ identifiers }: Wanted): string {
  return identifiers.map(({ value }) => value).join(", ");
}

/** Where a certificate is stored, if it is. */
function fileOf({ issuer, fileName }: Wanted): string {
  const folder = issuer.statePath ?? issuer.name;
  return `${folder}/${fileName}${CERTIFICATE_SUFFIX}`;
}

/** Numbers of the certificates that are asked for. */
export function progressGauges(
  wanted: readonly Wanted[],
  board: Board,
): readonly Gauge[] {
  const samples = (field: Moment, labels: Labels) => () => {
    const { progress } = board.read();
    return wanted.flatMap((each) => {
      const ms = progress[each.id]?.[field];
      return ms === undefined
        ? []
        : [{ labels: labels(each), value: ms / 1000 }];
    });
  };
  return [
    { ...EXPIRY, samples: samples("notAfter", byFile) },
    {
      name: "webserv_acme_last_success_timestamp_seconds",
      help: "When an authority issued a certificate last, " +
        "in seconds since the epoch.",
      samples: samples("lastSuccess", byNames),
    },
    {
      name: "webserv_acme_last_failure_timestamp_seconds",
      help: "When a certificate could not be had last, " +
        "in seconds since the epoch.",
      samples: samples("lastFailure", byNames),
    },
    {
      name: "webserv_acme_next_attempt_timestamp_seconds",
      help: "When a certificate is to be renewed, or asked for again, " +
        "in seconds since the epoch.",
      samples: samples("nextAttempt", byNames),
    },
  ];
}

/** What is told of how it goes, with a time. */
type Moment = "notAfter" | "lastSuccess" | "lastFailure" | "nextAttempt";

type Labels = (wanted: Wanted) => Readonly<Record<string, string>>;

function byFile(wanted: Wanted): Readonly<Record<string, string>> {
  return { file: fileOf(wanted) };
}

function byNames(wanted: Wanted): Readonly<Record<string, string>> {
  return { issuer: wanted.issuer.name, names: namesOf(wanted) };
}

/** What is asked for, and of whom, as `-t` tells it. */
export function requestsText(wanted: readonly Wanted[]): string[] {
  return wanted.map((each) => {
    const { issuer: { name, challenge }, fault } = each;
    return `"${name}" is asked for a certificate for ${namesOf(each)} by ` +
      WAYS[challenge].what + (fault === undefined ? "" : `; ${fault}`);
  });
}

/** What is in the way of proofs, each fault once: sentences for the log. */
export function faultsText(wanted: readonly Wanted[]): string[] {
  const names = new Map<string, string[]>();
  for (const each of wanted) {
    const { fault, issuer, identifiers } = each;
    if (fault === undefined) continue;
    const text = `"${issuer.name}" may issue nothing: ${fault}, unless ` +
      "something forwards it";
    const known = names.get(text) ?? [];
    known.push(...identifiers.map(({ value }) => value));
    names.set(text, known);
  }
  return [...names].map(([text, [first, ...others]]) =>
    `${text} (${first}${
      others.length === 0 ? "" : ` and ${others.length} more`
    })`
  );
}
