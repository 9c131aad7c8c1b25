/** Whether a source of a policy is for a URL of the web (CSP3 §6.7.2.8). */

const SCHEME_SOURCE = /^([a-z][a-z0-9+.-]*):$/;

const HOST_SOURCE =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[\w.-]+|\[[\da-f:.]+\])(?::(\d+|\*))?(\/[^?#]*)?$/;

/** A scheme is for itself, and for its safe one. */
function isForScheme(scheme: string, { protocol }: URL): boolean {
  return protocol === `${scheme}:` ||
    scheme === "http" && protocol === "https:";
}

function isForHost(host: string, { hostname }: URL): boolean {
  return host === "*" ||
    (host.startsWith("*.")
      ? hostname.endsWith(host.slice(1))
      : hostname === host);
}

/** Without a port a source is for the usual one alone. */
function isForPort(port: string | undefined, url: URL): boolean {
  if (port === undefined) return url.port === "";
  const usual = url.protocol === "https:" ? "443" : "80";
  const own = url.port === "" ? usual : url.port;
  return port === "*" || port === own || port === "80" && own === "443";
}

function isForPath(path: string | undefined, { pathname }: URL): boolean {
  return path === undefined ||
    (path.endsWith("/") ? pathname.startsWith(path) : pathname === path);
}

/**
 * Whether `source`, in lower case but for its path, allows a page of `url`'s
 * origin to load `url`. Words in quotes are for no URL.
 */
export function isSourceOf(source: string, url: URL): boolean {
  const [, scheme] = SCHEME_SOURCE.exec(source) ?? [];
  if (scheme !== undefined) return isForScheme(scheme, url);
  const [found, given, host, port, path] = HOST_SOURCE.exec(source) ?? [];
  return found !== undefined &&
    (given === undefined || isForScheme(given, url)) &&
    isForHost(host!, url) && isForPort(port, url) && isForPath(path, url);
}
