/** What this program calls itself. */

/** The version, as in `deno.json`. */
export const VERSION = "0.1.0";

/** The name alone. */
export const PRODUCT = "webserv";

/** Name and version. */
export const SERVER_TOKEN = `${PRODUCT}/${VERSION}`;

/** Name, version and what it runs on. */
export const BUILD_TOKEN = `${SERVER_TOKEN} (deno/${Deno.version.deno})`;
