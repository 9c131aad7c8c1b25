/** An address that cannot be bound, as a fault of the configuration. */

import { ConfigError } from "../config/errors.ts";
import { COMMAND_LINE } from "../config/fault_list.ts";
import { socketPath } from "../core/settings/listen_address.ts";
import { dirname } from "@std/path/dirname";
import { BindError } from "../net/listener.ts";
import { hasBeenHandedSocket } from "../net/native/handed_over.ts";
import { GUARDED_REMEDY, isGuarded } from "../os_error.ts";
import type { ListenerPlan } from "./setup/listener_plan.ts";

/** What to do where the address is in use by the program itself. */
const HANDED_OVER = "a socket was handed over at the start (LISTEN_FDS), " +
  'which is not taken: that takes "events { use epoll; }", a "listen" with ' +
  "the same address, and the program itself in ExecStart=; or disable the " +
  '".socket" unit of systemd';

/** The lowest port that anybody may bind, as Linux is set up mostly. */
const LOWEST_FREE_PORT = 1024;

/** `error`, with the place of the `listen` and what to do about it. */
export function bindFault(
  error: unknown,
  { address: { hostname, port, place } }: Pick<ListenerPlan, "address">,
): unknown {
  if (!(error instanceof BindError)) return error;
  const path = socketPath(hostname);
  if (isInUse(error) && hasBeenHandedSocket()) {
    return new ConfigError(error.message, place, HANDED_OVER);
  }
  return new ConfigError(
    error.message,
    place,
    path === undefined
      ? remedyFor(error.cause, { hostname, port, place })
      : socketRemedy(error.cause, path),
  );
}

/** Whether the address of `error` is in use. */
export function isInUse(error: unknown): boolean {
  return error instanceof BindError &&
    error.cause instanceof Deno.errors.AddrInUse;
}

function socketRemedy(cause: unknown, path: string): string | undefined {
  if (isGuarded(cause)) return GUARDED_REMEDY;
  const folder = dirname(path);
  if (cause instanceof Deno.errors.AddrInUse) {
    return "a program listens there, or one that was killed has left the " +
      "file behind: stop the one; or, if " +
      `"curl --unix-socket ${path} http://x/" cannot connect, remove the ` +
      `file with "rm ${path}"`;
  }
  if (cause instanceof Deno.errors.NotFound) {
    return `there is no folder ${folder}: make it (in systemd: ` +
      "RuntimeDirectory=), or choose another path";
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return `the user of the server may not make files in ${folder}: give it ` +
      "that folder (in systemd: RuntimeDirectory=), or choose another path";
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return "Unix sockets need --allow-net, --allow-read and --allow-write";
  }
  return undefined;
}

function remedyFor(
  cause: unknown,
  { hostname, port, place }: Pick<
    ListenerPlan["address"],
    "hostname" | "port" | "place"
  >,
): string | undefined {
  if (cause instanceof Deno.errors.AddrInUse) {
    return `another program listens there ("ss -ltnp 'sport = :${port}'" ` +
      "tells which): stop it, or choose another port" +
      (place.file === COMMAND_LINE ? "" : ' in "listen"');
  }
  if (cause instanceof Deno.errors.AddrNotAvailable) {
    return `no interface of this machine has the address ${hostname}: ` +
      'choose one that "ip addr" shows, or leave it out to take all';
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return port < LOWEST_FREE_PORT
      ? `ports below ${LOWEST_FREE_PORT} need the capability ` +
        "CAP_NET_BIND_SERVICE (AmbientCapabilities= of a unit, or setcap) " +
        "or root"
      : undefined;
  }
  return undefined;
}
