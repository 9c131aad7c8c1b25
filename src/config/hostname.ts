/**
 * The name of this machine, for `$hostname`. It is asked for before the
 * permission to do so is given up, and told to threads that have none.
 */

let known: string | undefined;

/**
 * The name in lower case; `undefined` without the permission
 * `--allow-sys=hostname`.
 */
export function hostname(): string | undefined {
  if (known === undefined) {
    try {
      known = Deno.hostname().toLowerCase();
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
    }
  }
  return known;
}

/** What another thread has found out. */
export function setHostname(name: string | undefined): void {
  known = name;
}
