/**
 * Tells of certificates that will not do for long: when a configuration begins
 * to be served, once a day from then on, and as a number for whoever collects
 * them. What is only checked (`-t`) has the rule `certificate-expiry`.
 */

import type { Gauge, Stop } from "../../core/module.ts";
import { log } from "../../logging/logger.ts";
import { lifetimeFault } from "../../certificates/lifetime.ts";
import type { OwnChain } from "./server_certificates.ts";

/** How often it is looked at certificates that are used, in ms: daily. */
const WATCH_MS = 24 * 3600 * 1000;

/** What is wrong with the days of chains at `now`, each file once. */
function faultsOf(chains: readonly OwnChain[], now: number): string[] {
  return chains.flatMap(({ file: { path, place }, certificates }) =>
    certificates.flatMap((certificate, at) => {
      const fault = lifetimeFault(certificate, now);
      if (fault === undefined) return [];
      const which = at === 0 ? "" : `number ${at + 1} in `;
      return `certificate ${which}"${path}" ${fault} in ` +
        `${place.file}:${place.line}`;
    })
  );
}

/**
 * Tells of chains, at a level that is logged by default, when they begin to be used, and once a day from then on.
 *
 * @returns what ends that
 */
export function watch(
  chains: readonly OwnChain[],
  tell: (message: string) => void = (message) => log.error(message),
  everyMs: number = WATCH_MS,
): Stop | undefined {
  if (chains.length === 0) return undefined;
  const look = () => {
    for (const fault of new Set(faultsOf(chains, Date.now()))) tell(fault);
  };
  look();
  const timer = setInterval(look, everyMs);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}

/** The number that tells when certificates end. */
export const EXPIRY: Pick<Gauge, "name" | "help"> = {
  name: "webserv_certificate_expiry_timestamp_seconds",
  help: "When a certificate expires, or one it is shown with, " +
    "in seconds since the epoch.",
};

/** When each chain ends: with the first of its certificates that does. */
export function gaugeOf(chains: () => readonly OwnChain[]): Gauge {
  return {
    ...EXPIRY,
    samples: () =>
      chains().map(({ file, certificates }) => ({
        labels: { file: file.path },
        value: Math.min(...certificates.map(({ notAfter }) => notAfter)) / 1000,
      })),
  };
}
