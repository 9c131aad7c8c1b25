/** The server of a soak: started on free ports, and ended in any case. */

import { makeCertificate } from "../bench/certificate.ts";
import { freePorts } from "../tests/support/free_ports.ts";
import { ServerProcess } from "../tests/support/server_process.ts";
import type { Ports } from "./configurations.ts";
import { FEATURES_FILES } from "./feature_scenarios.ts";
import { pageText } from "./scenarios.ts";

/** Size of the file that slow readers ask for, in bytes. */
const BIG_BYTES = 20_000_000;

/** How often a start is tried: somebody may take a port in between. */
const MAX_STARTS = 3;

/** How long the server may take to end when it is told, in ms. */
const END_TIMEOUT_MS = 20_000;

/** A server and where it is. */
export interface SoakServer {
  /** Its process and folder. */
  readonly process: ServerProcess;
  /** Where it listens. */
  readonly ports: Ports;
  /** Its certificate, as PEM. */
  readonly certificate: string;
}

/**
 * A certificate and its key, by the names of their files.
 *
 * @throws {Error} where openssl is not installed
 */
async function keyPair(): Promise<Record<"tls.crt" | "tls.key", string>> {
  const folder = Deno.makeTempDirSync();
  try {
    const made = await makeCertificate(folder);
    if (made === undefined) {
      throw new Error(
        "openssl is not installed, and nothing else makes the certificate",
      );
    }
    return {
      "tls.crt": Deno.readTextFileSync(made.cert),
      "tls.key": Deno.readTextFileSync(made.key),
    };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Starts a server; `configure` tells the configuration for its ports. */
export async function startServer(
  configure: (ports: Ports) => string,
  executable: string | undefined,
): Promise<SoakServer> {
  const pair = await keyPair();
  for (let start = 1;; start++) {
    const [site, secure, extra, status] = freePorts(4) as [
      number,
      number,
      number,
      number,
    ];
    const ports = { site, secure, extra, status };
    try {
      const process = await ServerProcess.start({
        config: configure(ports),
        executable,
        files: {
          "logs/": "",
          "shared/files/": "",
          "shared/list/": "",
          "shared/pre/": "",
          "site_a/index.html": "<h1>soak</h1>".repeat(80),
          "site_a/bomb.html": "<h1>bomb</h1>".repeat(80),
          "site_a/big.bin": new Uint8Array(BIG_BYTES),
          "site_a/page.html": pageText("site_a"),
          "site_b/page.html": pageText("site_b"),
          ...FEATURES_FILES,
          ...pair,
        },
      });
      return { process, ports, certificate: pair["tls.crt"] };
    } catch (error) {
      const isTaken = String(error).includes("Address already in use");
      if (!isTaken || start === MAX_STARTS) throw error;
    }
  }
}

/**
 * Tells the server to finish, and kills it when it does not.
 *
 * @returns what is wrong about its end, if anything
 */
export async function endServer(
  process: ServerProcess,
): Promise<string | undefined> {
  let killed = false;
  const timer = setTimeout(() => {
    killed = true;
    process.kill();
  }, END_TIMEOUT_MS);
  const { code, signal } = await process.stop("SIGQUIT");
  clearTimeout(timer);
  if (killed) return `the server did not end in ${END_TIMEOUT_MS} ms`;
  return code === 0
    ? undefined
    : `the server ended with ${signal ?? `status ${code}`}`;
}
