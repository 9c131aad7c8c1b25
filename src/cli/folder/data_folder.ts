/** Where a server without a configuration keeps certificates and keys. */

import { homedir } from "node:os";
import { isAbsolute } from "@std/path/is-absolute";
import { join } from "@std/path/join";
import { resolve } from "@std/path/resolve";
import { ownUser } from "../privileges.ts";
import { UsageError } from "../usage_error.ts";

/** Where root keeps what belongs to the system (FHS §5.8). */
const SYSTEM_FOLDER = "/var/lib/webserv";

/** What the system says of the user. */
export interface UserFolder {
  /** The number of the user; `null` where that is not known. */
  readonly uid: number | null;
  /** The folder of the user, if that is known. */
  readonly home: string | undefined;
}

/** Of whoever runs the program. */
function ownFolder(): UserFolder {
  const { state } = Deno.permissions.querySync({
    name: "sys",
    kind: "homedir",
  });
  const home = state === "granted" ? homedir() ?? undefined : undefined;
  return { uid: ownUser(), home };
}

/**
 * The folder where state is kept, absolute: `given` (`--state`), or else that of
 * the user. The environment, which may name another one (XDG), is not read by
 * this program.
 *
 * @throws {UsageError} when the user has no folder
 */
export function dataFolder(
  given: string | undefined,
  { uid, home }: UserFolder = ownFolder(),
): string {
  if (given !== undefined) return resolve(given);
  if (uid === 0) return SYSTEM_FOLDER;
  if (home !== undefined && isAbsolute(home) && home !== "/") {
    return join(home, ".local", "share", "webserv");
  }
  throw new UsageError(
    "certificates and keys have to be kept, and this user has no home folder: " +
      'say where with "--state DIR"',
  );
}
