/**
 * What a running server gives up, so that whoever takes it over has less. A
 * permission that is given up is gone for good, and Deno cannot narrow one
 * that was granted as a whole: what a reload may need has to stay.
 */

import type { PermissionName } from "../server/setup/process_settings.ts";

/** What the server may still have to do. */
export interface Needs {
  /** Whether a reload can bring other addresses, folders and logs. */
  readonly reloads: boolean;
  /** Whether addresses are bound again later on. */
  readonly restarts: boolean;
  /** What it does beside that, such as writing its logs. */
  readonly needed: ReadonlySet<PermissionName>;
}

/**
 * The permissions that are not needed once the addresses are bound. Only `-s`
 * runs anything, and only the announcement asks for the interfaces. Accepting
 * on a bound address takes no permission.
 */
export function dispensable(
  { reloads, restarts, needed }: Needs,
): PermissionName[] {
  const names: PermissionName[] = ["run", "sys", "ffi"];
  if (!reloads && !restarts) names.push("net");
  if (!reloads) names.push("write");
  return names.filter((name) => !needed.has(name));
}

/** Gives up what is not needed, for threads of workers too. */
export async function revokePermissions(needs: Needs): Promise<void> {
  for (const name of dispensable(needs)) {
    await Deno.permissions.revoke({ name });
  }
}
