/** Where a folder is served: `-l`, or `--host` and `--port`. */

import type { Arguments } from "../arguments.ts";
import { UsageError } from "../usage_error.ts";

/** Where it is served when nothing is said: by http, and with `--tls`. */
const HTTP_PORT = 8080;
const HTTPS_PORT = 8443;

/** How many ports are tried before the start is left to fail. */
const TRIED_PORTS = 100;

/** The part of the arguments that says where. */
type Wish = Pick<Arguments, "listen" | "host" | "port" | "https">;

/** The host as an address has it: IPv6 in brackets; empty for every address. */
function hostText(host: string | undefined): string {
  if (host === undefined || host === "*") return "";
  return host.includes(":") && !host.startsWith("[")
    ? `[${host}]:`
    : `${host}:`;
}

/**
 * Where to listen, as `-l` says it; `undefined` where that is not said, and a
 * certificate of an authority has ports of its own.
 *
 * @throws {UsageError} when `--port` is none
 */
export function wishedAddress(
  { listen, host, port, https }: Wish,
): string | undefined {
  if (listen !== undefined) return listen;
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) > 65535)) {
    throw new UsageError(
      `invalid option: "--port ${port}", expected a number from 1 to 65535, ` +
        "or 0 for one that is free",
    );
  }
  if (https?.kind === "authority") {
    return (host ?? port) && `${hostText(host)}${port ?? 443}`;
  }
  return hostText(host) + (port ?? defaultPort(https));
}

function defaultPort(https: Arguments["https"]): number {
  return https === undefined ? HTTP_PORT : HTTPS_PORT;
}

/** What a start does with a port that was not asked for. */
export interface FreePort {
  /** The arguments, which now name the port. */
  readonly args: Arguments;
  /** What to say of it; `undefined` if it is the usual one. */
  readonly note?: string;
}

/**
 * Names the first free port from the usual one on, unless the command line
 * names one: whoever has two previews has two folders.
 */
export function withFreePort(args: Arguments): FreePort {
  const { folder, listen, host, port, https } = args;
  const isSaid = (listen ?? port) !== undefined;
  if (folder === undefined || isSaid || https?.kind === "authority") {
    return { args };
  }
  const first = defaultPort(https);
  const names = hostnames(host);
  for (let port = first; port < first + TRIED_PORTS; port++) {
    if (names.some((hostname) => isTaken(hostname, port))) continue;
    if (port === first) return { args };
    return {
      args: { ...args, port: String(port) },
      note: `  port ${first} is taken, so it is ${port}`,
    };
  }
  return { args };
}

/** The addresses of a host. */
function hostnames(host: string | undefined): string[] {
  if (host === undefined || host === "*") return ["0.0.0.0", "::"];
  if (host === "localhost") return ["127.0.0.1", "::1"];
  return [host.replace(/^\[(.*)\]$/, "$1")];
}

/** Whether somebody listens there. Whatever else is wrong, the start tells. */
function isTaken(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return false;
  } catch (error) {
    return error instanceof Deno.errors.AddrInUse;
  }
}
