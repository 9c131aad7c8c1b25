/** How it goes with certificates, for whoever looks after the server. */

import type { Gauge } from "../../core/module.ts";
import { EXPIRY } from "../tls/lifetimes.ts";
import type { Board, Progress } from "./board.ts";
import { CERTIFICATE_SUFFIX } from "./state_folder.ts";
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
  const samples =
    (field: "notAfter" | "lastSuccess" | "lastFailure", labels: Labels) =>
    () => {
      const { progress } = board.read();
      return wanted.flatMap((each) => {
        const ms: Progress[typeof field] = progress[each.id]?.[field];
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
  ];
}

type Labels = (wanted: Wanted) => Readonly<Record<string, string>>;

function byFile(wanted: Wanted): Readonly<Record<string, string>> {
  return { file: fileOf(wanted) };
}

function byNames(wanted: Wanted): Readonly<Record<string, string>> {
  return { issuer: wanted.issuer.name, names: namesOf(wanted) };
}

/** What is asked for, and of whom, as `-t` tells it. */
export function requestsText(
  wanted: readonly Wanted[],
  ports: ReadonlySet<number>,
): string[] {
  return wanted.map((each) => {
    const { issuer } = each;
    const { port, what } = WAYS[issuer.challenge];
    const missing = ports.has(port)
      ? ""
      : `; nothing here listens on port ${port}, where it comes for the proof`;
    return `"${issuer.name}" is asked for a certificate for ${namesOf(each)} ` +
      `by ${what}${missing}`;
  });
}

/** Where an authority comes for a proof. */
const WAYS = {
  "http-01": { port: 80, what: "HTTP-01" },
  "tls-alpn-01": { port: 443, what: "TLS-ALPN-01" },
} as const satisfies Record<
  Wanted["issuer"]["challenge"],
  { readonly port: number; readonly what: string }
>;
