/** The variables of an exchange: nginx's names and meanings. */

import type { SourcePlace } from "../config/errors.ts";
import {
  compileTemplate,
  type Template,
  type Variable,
  type VariableTable,
  variableTable,
} from "../config/variables.ts";
import { Field } from "../http/fields.ts";
import { parseHost } from "../http/host.ts";
import type { Exchange } from "./exchange.ts";

/** The value of `name` in a query, as sent; `undefined` if it is not there. */
export function queryArgument(args: string, name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const pair of args.split("&")) {
    const equals = pair.indexOf("=");
    if (equals >= 0 && pair.slice(0, equals).toLowerCase() === wanted) {
      return pair.slice(equals + 1);
    }
  }
  return undefined;
}

/** nginx's `$host`: of the request, or else the server's first name. */
export function hostOf(x: Exchange): string {
  return x.host === "" ? x.server.name : x.host;
}

/** nginx's `$request_filename`: the path of the file that is asked for. */
export function requestFilename(x: Exchange): string {
  const { paths } = x.location;
  return paths.pathOf(x, x.uri) ?? paths.documentRoot(x) + x.uri;
}

/** nginx's `$realpath_root`: the document root without symbolic links. */
function realRoot(x: Exchange): string | undefined {
  try {
    return Deno.realPathSync(x.location.paths.documentRoot(x));
  } catch {
    return undefined;
  }
}

/** `$1` to `$9`: what the location's regular expression matched. */
function captureVariables(): Record<string, Variable<Exchange>> {
  const entries = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
    [String(n), (x: Exchange) => x.captures?.[n]] as const
  );
  return Object.fromEntries(entries);
}

/** All variables there are so far. */
export const VARIABLES: VariableTable<Exchange> = variableTable<Exchange>({
  ...captureVariables(),
  args: (x) => x.args,
  query_string: (x) => x.args,
  is_args: (x) => x.args === "" ? "" : "?",
  body_bytes_sent: (x) => String(x.bodyBytesSent),
  document_root: (x) => x.location.paths.documentRoot(x),
  document_uri: (x) => x.uri,
  uri: (x) => x.uri,
  host: hostOf,
  http_host: (x) => x.request.value(Field.Host),
  https: (x) => x.scheme === "https" ? "on" : "",
  remote_addr: (x) => x.connection.remoteAddress,
  remote_port: (x) => String(x.connection.remotePort),
  remote_user: (x) => x.remoteUser,
  request: (x) => x.request.line,
  realpath_root: realRoot,
  request_filename: requestFilename,
  request_method: (x) => x.method,
  request_uri: (x) => x.requestUri,
  scheme: (x) => x.scheme,
  server_addr: (x) => x.connection.localAddress,
  server_name: (x) => x.server.name,
  server_port: (x) => String(x.connection.localPort),
  server_protocol: (x) => `HTTP/1.${x.request.minorVersion}`,
  status: (x) => String(x.status),
  time_iso8601: () => new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
}, {
  http_: (suffix) => (x) => x.request.get(suffix.replaceAll("_", "-")),
  sent_http_: (suffix) => (x) =>
    x.response?.headers.get(suffix.replaceAll("_", "-")),
  arg_: (suffix) => (x) => queryArgument(x.args, suffix),
});

/** Compiles a value of a directive; see `compileTemplate`. */
export function template(text: string, place: SourcePlace): Template<Exchange> {
  return compileTemplate(text, VARIABLES, place);
}

/** The host part of `Host` as sent, with its port, if it is well formed. */
export function requestAuthority(x: Exchange): string | undefined {
  const value = x.request.first(Field.Host);
  if (value === undefined || parseHost(value) === undefined) return undefined;
  return value;
}
