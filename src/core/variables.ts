/** The variables of an exchange: nginx's names and meanings. */

import { hostname } from "../config/hostname.ts";
import {
  ascii,
  bytes,
  settable,
  text,
  type Variable,
  type VariableFamily,
  type VariableTable,
  variableTable,
} from "../config/variables.ts";
import { FIELD_NAMES, type FieldId } from "../http/fields.ts";
import { parseAddress } from "../http/addresses/network_range.ts";
import { isBodyless } from "../http/semantics/status.ts";
import {
  formatIso8601,
  formatTimeLocal,
  SecondCache,
} from "../logging/local_time.ts";
import { hasParentSegment } from "../routing/path_map.ts";
import { VERSION } from "../version.ts";
import {
  CONNECTION_FAMILIES,
  CONNECTION_VARIABLES,
} from "./connection_variables.ts";
import type { Exchange } from "./exchange.ts";
import { Slot } from "./slot.ts";

/** nginx's `$args`: there is none where there is no query. */
function query(x: Exchange): string | undefined {
  return x.args === "" ? undefined : x.args;
}

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
  const root = x.location.paths.documentRoot(x);
  if (hasParentSegment(root)) return undefined;
  try {
    return Deno.realPathSync(root);
  } catch {
    return undefined;
  }
}

/** `$1` to `$9`: what the last regular expression matched, in a text. */
function captureVariables(): Record<string, Variable<Exchange>> {
  const entries = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
    [String(n), {
      ...text((x: Exchange) => x.captures?.[n]),
      taken: true,
    }] as const
  );
  return Object.fromEntries(entries);
}

/** The beginning of what may be a cookie: behind `;`, but nginx says `,` too. */
const NEXT_COOKIE = /[;,] */g;

/**
 * The value of the cookie `name`, up to a `;`; its case does not matter. As in
 * nginx (`ngx_http_parse_multi_header_lines()`).
 */
export function cookie(header: string, name: string): string | undefined {
  const wanted = name.toLowerCase();
  NEXT_COOKIE.lastIndex = 0;
  for (let start = 0;; start = NEXT_COOKIE.lastIndex) {
    let end = start + wanted.length;
    if (header.slice(start, end).toLowerCase() === wanted) {
      while (header[end] === " ") end++;
      if (header[end] === "=") {
        do end++; while (header[end] === " ");
        const last = header.indexOf(";", end);
        return header.slice(end, last < 0 ? undefined : last);
      }
    }
    NEXT_COOKIE.lastIndex = start;
    if (NEXT_COOKIE.exec(header) === null) return undefined;
  }
}

/** Seconds with the milliseconds that nginx gives. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const localTimes = new SecondCache(formatTimeLocal);
const isoTimes = new SecondCache(formatIso8601);

const requestIds = new Slot<string>();

/** nginx's `$request_id`: 16 random bytes, the same for all of a request. */
function requestId(x: Exchange): string {
  let id = requestIds.get(x);
  if (id === undefined) {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    requestIds.set(x, id);
  }
  return id;
}

/** `$gzip_ratio`: what was compressed while it was sent, as nginx rounds. */
function gzipRatio(x: Exchange): string | undefined {
  const { uncompressedBytes, bodyBytesSent, response } = x;
  const isGzip = response?.headers.get("Content-Encoding") === "gzip";
  if (uncompressedBytes === undefined || !isGzip || bodyBytesSent === 0) {
    return undefined;
  }
  return (uncompressedBytes / bodyBytesSent).toFixed(2);
}

/** The client's address as 4 or 16 bytes, or `unix:`: a short key. */
function binaryRemoteAddress({ remoteAddress }: Exchange): string {
  const address = parseAddress(remoteAddress);
  return address === undefined
    ? remoteAddress
    : String.fromCharCode(...address);
}

/** nginx's `$proxy_add_x_forwarded_for`: the field with the client added. */
function forwardedFor({ request, remoteAddress }: Exchange): string {
  const before = request.get("x-forwarded-for");
  return before === undefined ? remoteAddress : `${before}, ${remoteAddress}`;
}

/** The field of a request that a variable is called after. */
function requestField(suffix: string): Variable<Exchange> {
  const name = suffix.replaceAll("_", "-");
  const known = FIELD_NAMES.findIndex((field) => field === name);
  if (known >= 0) return bytes((x) => x.request.value(known as FieldId));
  const separator = name === "cookie" ? "; " : ", ";
  return bytes((x) => x.request.getSpelledLike(name, separator));
}

/** The field of a response that a variable is called after. */
function responseField(suffix: string): Variable<Exchange> {
  const name = suffix.replaceAll("_", "-");
  return bytes((x) => x.response?.headers.joined(name));
}

/**
 * Fields whose variables are nginx's own, so that no configuration may set
 * them, as it may those of other fields.
 */
const REQUEST_FIELDS = [
  "cookie",
  "host",
  "referer",
  "user_agent",
  "via",
  "x_forwarded_for",
];

/** As {@linkcode REQUEST_FIELDS}, of responses. */
const RESPONSE_FIELDS = [
  "cache_control",
  "content_type",
  "last_modified",
  "link",
  "location",
];

/** Some members of a family of variables, each by its whole name. */
function named(
  prefix: string,
  suffixes: readonly string[],
  family: VariableFamily<Exchange>,
): Record<string, Variable<Exchange>> {
  return Object.fromEntries(
    suffixes.map((suffix) => [prefix + suffix, family(suffix)]),
  );
}

/** How a type ends to which a charset was added. */
const SAID_CHARSET = /; charset=[^;\s]+$/;

/** What the encoder writes: nginx has variables for it as well. */
const SENT_VARIABLES: Record<string, Variable<Exchange>> = {
  sent_http_connection: ascii((x) => x.protocol.sentField(x, "connection")),
  sent_http_keep_alive: ascii((x) => x.protocol.sentField(x, "keep-alive")),
  sent_http_content_length: ascii(({ response }) => {
    if (response === undefined || isBodyless(response.status)) return undefined;
    return response.length === undefined ? undefined : String(response.length);
  }),
  // As in nginx the charset is there once the head has been sent: a map of it
  // for `expires` or `add_header` is one of plain types.
  sent_http_content_type: bytes(({ response, headBytesSent }) => {
    const type = response?.headers.get("Content-Type");
    return headBytesSent > 0 ? type : type?.replace(SAID_CHARSET, "");
  }),
  sent_http_transfer_encoding: ascii((x) =>
    x.protocol.sentField(x, "transfer-encoding")
  ),
};

/** Of an upstream, which no request here has. */
function upstreamVariables(): Record<string, Variable<Exchange>> {
  const names = [
    "addr",
    "bytes_received",
    "bytes_sent",
    "cache_status",
    "connect_time",
    "header_time",
    "response_length",
    "response_time",
    "status",
  ];
  return Object.fromEntries(
    names.map((name) => [`upstream_${name}`, ascii(() => undefined)]),
  );
}

/** Variables of every configuration. */
export const VARIABLES: VariableTable<Exchange> = variableTable<Exchange>({
  ...captureVariables(),
  ...named("http_", REQUEST_FIELDS, requestField),
  ...named("sent_http_", RESPONSE_FIELDS, responseField),
  ...CONNECTION_VARIABLES,
  ...SENT_VARIABLES,
  ...upstreamVariables(),
  args: settable(bytes(query), (x, value) => x.args = value),
  query_string: bytes(query),
  is_args: ascii((x) => x.args === "" ? "" : "?"),
  hostname: ascii(() => hostname()),
  nginx_version: ascii(() => VERSION),
  binary_remote_addr: bytes(binaryRemoteAddress),
  proxy_add_x_forwarded_for: bytes(forwardedFor),
  body_bytes_sent: ascii((x) => String(x.bodyBytesSent)),
  bytes_sent: ascii((x) => String(x.headBytesSent + x.bodyBytesSent)),
  connection: ascii((x) => String(x.connection.serial)),
  connection_time: ascii((x) => seconds(Date.now() - x.connection.connectedAt)),
  connection_requests: ascii((x) => String(x.requestNumber)),
  content_length: bytes((x) => x.request.get("content-length")),
  content_type: bytes((x) => x.request.get("content-type")),
  document_root: text((x) => x.location.paths.documentRoot(x)),
  document_uri: text((x) => x.uri),
  uri: text((x) => x.uri),
  gzip_ratio: ascii(gzipRatio),
  host: text(hostOf),
  https: ascii((x) => x.scheme === "https" ? "on" : ""),
  msec: ascii(() => seconds(Date.now())),
  pid: ascii(() => String(Deno.pid)),
  pipe: ascii((x) => x.protocol.pipelined ? "p" : "."),
  remote_user: bytes((x) => x.remoteUser),
  request: bytes((x) => x.request.line),
  realpath_root: text(realRoot),
  // As in nginx where nothing is passed on: no body is kept.
  request_body: bytes(() => undefined),
  request_body_file: text(() => undefined),
  request_completion: ascii((x) => x.completed ? "OK" : ""),
  request_filename: text(requestFilename),
  request_id: ascii((x) => requestId(x.main ?? x)),
  request_length: ascii((x) =>
    String(x.request.length + (x.body?.received ?? 0))
  ),
  request_method: bytes((x) => (x.main ?? x).method),
  request_time: ascii(({ connection, beganAt }) =>
    seconds(connection.lastActivityAt - beganAt)
  ),
  request_uri: bytes((x) => x.requestUri),
  scheme: ascii((x) => x.scheme),
  server_name: text((x) => x.server.name),
  http2: ascii((x) =>
    x.request.version === "2.0" ? (x.connection.secure ? "h2" : "h2c") : ""
  ),
  server_protocol: ascii((x) => `HTTP/${x.request.version}`),
  status: ascii((x) => String(x.status).padStart(3, "0")),
  time_iso8601: ascii(() => isoTimes.textAt(Date.now())),
  time_local: ascii(() => localTimes.textAt(Date.now())),
}, {
  http_: requestField,
  sent_http_: responseField,
  ...CONNECTION_FAMILIES,
  arg_: (suffix) => bytes((x) => queryArgument(x.args, suffix)),
  cookie_: (suffix) =>
    bytes((x) => {
      const header = x.request.get("cookie", "; ");
      return header === undefined ? undefined : cookie(header, suffix);
    }),
});
