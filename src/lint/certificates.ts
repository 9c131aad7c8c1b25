/** What a certificate says of itself. */

import { readFacts } from "../certificates/reading.ts";
import type { SourcePlace } from "../config/errors.ts";
import type { Subject } from "./subject.ts";
import type { ServerPlan } from "../server/setup/server_plan.ts";

/** A certificate that a server answers with. */
export interface ServerCertificate {
  /** Where it is said which. */
  readonly place: SourcePlace;
  /** Its file. */
  readonly path: string;
  /** The hosts it is for, names and addresses, in lower case. */
  readonly names: readonly string[];
  /** When it begins to be good, in ms since the epoch. */
  readonly notBefore: number;
  /** When it ends to be, in ms since the epoch. */
  readonly notAfter: number;
}

/** Those of a server; what cannot be read is left out. */
export function certificatesOf(
  { configuration: { modules } }: Subject,
  { scope, environment }: ServerPlan,
): readonly ServerCertificate[] {
  for (const module of modules) {
    const tls = module.tls?.(scope, environment);
    if (tls === undefined) continue;
    if (tls.kind !== "certificate") return [];
    return tls.certificates.flatMap(({ cert, file: { path, place } }) => {
      const facts = readFacts(cert);
      if (facts === undefined) return [];
      const names = facts.names.map(({ value }) => value.toLowerCase());
      const { notBefore, notAfter } = facts;
      return [{ place, path, names, notBefore, notAfter }];
    });
  }
  return [];
}
