/**
 * Tells of certificates that will not do: when a configuration is read, once a
 * day while it is served, and as a number for whoever collects them.
 */

import type { Scope } from "../../config/scope.ts";
import { listenDirective } from "../../core/settings/listen.ts";
import type { Gauge, Stop } from "../../core/module.ts";
import { serverNameDirective } from "../../core/settings/server_name.ts";
import { log } from "../../logging/logger.ts";
import { isCovered, lifetimeFault } from "./expiry.ts";
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

/** Warns of chains that are good no more at `now`, not yet, or not for long. */
export function tellOfLifetimes(
  chains: readonly OwnChain[],
  now: number,
  warn: (message: string) => void,
): void {
  for (const fault of faultsOf(chains, now)) warn(fault);
}

/** Warns of the names of a server that speaks TLS that no certificate has. */
export function tellOfNames(
  scope: Scope,
  chains: readonly OwnChain[],
  warn: (message: string) => void,
): void {
  if (!scope.get(listenDirective).some(({ ssl }) => ssl)) return;
  for (const { file: { path, place }, certificates } of chains) {
    const missing = scope.get(serverNameDirective)
      .filter(({ pattern: { kind }, text }) =>
        kind !== "regex" && kind !== "trailing" && isName(text)
      )
      .filter(({ text }) => !isCovered(certificates[0]!, text))
      .map(({ text }) => `"${text}"`);
    if (missing.length === 0) continue;
    const [what, verb] = missing.length === 1
      ? ["server name", "is"]
      : ["server names", "are"];
    warn(
      `${what} ${missing.join(", ")} ${verb} not in certificate "${path}" in ` +
        `${place.file}:${place.line}`,
    );
  }
}

/** Whether a name can be one that somebody asks for. */
function isName(text: string): boolean {
  return text.includes(".");
}

/** Warns of chains while they are used. */
export function watch(chains: readonly OwnChain[]): Stop | undefined {
  if (chains.length === 0) return undefined;
  const timer = setInterval(() => {
    const faults = faultsOf(chains, Date.now());
    for (const fault of new Set(faults)) log.warn(fault);
  }, WATCH_MS);
  Deno.unrefTimer(timer);
  return () => clearInterval(timer);
}

/** When each chain ends: with the first of its certificates that does. */
export function gaugeOf(chains: () => readonly OwnChain[]): Gauge {
  return {
    name: "webserv_certificate_expiry_timestamp_seconds",
    help: "When a certificate expires, or one it is shown with, " +
      "in seconds since the epoch.",
    samples: () =>
      new Map(
        chains().map(({ file, certificates }) => [
          `file="${labelValue(file.path)}"`,
          Math.min(...certificates.map(({ notAfter }) => notAfter)) / 1000,
        ]),
      ),
  };
}

/** A value of a label in the text format of Prometheus. */
function labelValue(text: string): string {
  return text.replaceAll(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
}
