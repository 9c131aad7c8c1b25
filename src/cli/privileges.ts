/** The rights that a server has which was started as root. */

/**
 * Root's number among users. Deno has no way to become somebody else, so
 * whoever starts the server says who it is.
 */
const ROOT = 0;

/** What to know when `uid` serves; `undefined` if that is in order. */
export function privilegeNotice(uid: number | null): string | undefined {
  if (uid !== ROOT) return undefined;
  return 'running as root: "user" has no effect here, so it stays root and ' +
    "keeps every capability; start it as another user, by systemd (User=, " +
    "AmbientCapabilities=CAP_NET_BIND_SERVICE) or by setpriv --reuid=www-data " +
    "--regid=www-data --clear-groups --inh-caps=+net_bind_service " +
    "--ambient-caps=+net_bind_service";
}

/**
 * The user this process runs as; `null` where there are none, or without the
 * permission `--allow-sys`.
 */
export function ownUser(): number | null {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "uid" });
  return state === "granted" ? Deno.uid() : null;
}
