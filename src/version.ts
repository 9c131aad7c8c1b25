/** What this program calls itself. */

/** The version, as in `deno.json`. */
export const VERSION = "0.1.0";

/** The value of `Server`, and the last line of an error page. */
export const SERVER_TOKEN = `webserv/${VERSION}`;
