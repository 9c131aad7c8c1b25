/** The parameters of `listen`. */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { parseInteger, parseSeconds, parseSize } from "../../config/units.ts";

/** The parameters there are, as the directive's syntax has them. */
export const LISTEN_PARAMETERS =
  "[default_server] [ssl] [http2] [proxy_protocol] [reuseport] [bind] " +
  "[deferred] [backlog=number] [fastopen=number] [rcvbuf=size] [sndbuf=size] " +
  "[ipv6only=on|off] [so_keepalive=on|off|[idle]:[interval]:[count]]";

/** When silent clients are asked, and how often. */
interface KeepAliveProbes {
  /** After how many seconds. */
  readonly idle?: number;
  /** How many seconds later again. */
  readonly interval?: number;
  /** How often in vain. */
  readonly count?: number;
}

/** What the parameters say. */
export interface ListenOptions {
  /** Whether the server answers hosts that no server on the address claims. */
  readonly isDefault: boolean;
  /** Whether it speaks TLS; one `ssl` is enough for all of an address. */
  readonly ssl: boolean;
  /** Whether it is QUIC's, which is not listened to. */
  readonly quic: boolean;
  /** Whether HTTP/2 is spoken; one `http2` is enough for all of an address. */
  readonly http2: boolean;
  /** Whether clients come through a proxy that says who they are. */
  readonly proxyProtocol: boolean;
  /** Whether an IPv6 wildcard leaves IPv4 alone (`ipv6only`, on in nginx). */
  readonly ipv6Only: boolean;
  /** Connections the kernel may hold before they are accepted. */
  readonly backlog: number;
  /** Whether the system asks silent clients whether they are still there. */
  readonly keepAlive: boolean;
  /** When and how often, as far as that is said. */
  readonly probes: KeepAliveProbes;
  /** Whether only clients are accepted that have sent something. */
  readonly deferred: boolean;
  /** How many may wait that begin with data; not set if left out. */
  readonly fastOpen: number | undefined;
  /** Bytes of the receive buffer; the system's choice if left out. */
  readonly receiveBuffer: number | undefined;
  /** Bytes of the send buffer; the system's choice if left out. */
  readonly sendBuffer: number | undefined;
  /** What to say where the runtime makes the socket, which cannot set it. */
  readonly systemOnly: readonly string[];
  /** Whether there is any that is for the socket: one `listen` may have them. */
  readonly isSet: boolean;
}

/**
 * Connections waiting to be accepted. nginx takes 511; with 4096 a burst of
 * 5,000 connects takes 0.12 s instead of 1 s (measured).
 */
export const DEFAULT_BACKLOG = 4096;

/** What `listen` says without parameters. */
export const NO_OPTIONS: ListenOptions = {
  isDefault: false,
  ssl: false,
  quic: false,
  http2: false,
  proxyProtocol: false,
  ipv6Only: true,
  backlog: DEFAULT_BACKLOG,
  keepAlive: false,
  probes: {},
  deferred: false,
  fastOpen: undefined,
  receiveBuffer: undefined,
  sendBuffer: undefined,
  systemOnly: [],
  isSet: false,
};

type Changes = { -readonly [K in keyof ListenOptions]?: ListenOptions[K] };

/** Parameters that only a socket of the system obeys. */
const SYSTEM_ONLY: ReadonlySet<string> = new Set([
  "deferred",
  "fastopen",
  "rcvbuf",
  "sndbuf",
]);

/** Where a parameter stands, and how something is said of it. */
interface Context {
  readonly place: SourcePlace;
  /** Whether the address is a Unix socket's. */
  readonly isUnix: boolean;
  warn(what: string): void;
}

/** What one parameter means. */
type Read = (value: string, option: string, context: Context) => Changes;

/** Parameters without a value. */
const FLAGS: Readonly<Record<string, Changes>> = {
  default_server: { isDefault: true },
  default: { isDefault: true },
  ssl: { ssl: true },
  proxy_protocol: { proxyProtocol: true },
  // Workers have sockets of their own that share an address in any case, and
  // an address has the servers that name it however its socket is bound.
  reuseport: { isSet: true },
  bind: { isSet: true },
  deferred: { deferred: true, isSet: true },
};

/** Parameters with a value. */
const SETTINGS: Readonly<Record<string, Read>> = {
  ipv6only(value, option, { place }) {
    if (value !== "on" && value !== "off") throw invalidOption(option, place);
    return { ipv6Only: value === "on", isSet: true };
  },
  backlog(value, option, { place }) {
    const backlog = parseInteger(value) ?? 0;
    if (backlog === 0) {
      throw new ConfigError(
        `invalid backlog "${option}"`,
        place,
        "expected a number of connections, at least 1",
      );
    }
    return { backlog, isSet: true };
  },
  fastopen(value, option, { place }) {
    const fastOpen = parseInteger(value);
    if (fastOpen !== undefined) return { fastOpen, isSet: true };
    throw new ConfigError(
      `invalid fastopen "${option}"`,
      place,
      "expected a number of connections",
    );
  },
  rcvbuf(value, option, { place }) {
    const receiveBuffer = bufferSize("rcvbuf", value, option, place);
    return { receiveBuffer, isSet: true };
  },
  sndbuf(value, option, { place }) {
    const sendBuffer = bufferSize("sndbuf", value, option, place);
    return { sendBuffer, isSet: true };
  },
  accept_filter(_value, option, { warn }) {
    warn(
      `accept filters "${option}" are not supported on this platform, ignored`,
    );
    return {};
  },
  so_keepalive(value, _option, { place }) {
    if (value === "off") return { isSet: true };
    const probes = value === "on" ? {} : parseProbes(value, place);
    return { keepAlive: true, probes, isSet: true };
  },
};

/** The parameters of `options`, in the order they stand in. */
export function parseListenOptions(
  options: readonly string[],
  context: Context,
): ListenOptions {
  const result: Changes = {};
  const inert: string[] = [];
  const systemOnly: string[] = [];
  for (const option of options) {
    const [name = "", value = ""] = option.split("=");
    if (option === "multipath") {
      context.warn(withoutEffect([option]));
      result.isSet = true;
      continue;
    }
    Object.assign(result, readOption(option, context));
    const isInert = SYSTEM_ONLY.has(name) ||
      name === "backlog" && context.isUnix;
    if (isInert) inert.push(option);
    if (name === "so_keepalive" && /:|\d/.test(value) && !context.isUnix) {
      systemOnly.push(
        `${option}: probes are sent, at the times of the system ` +
          "(net.ipv4.tcp_keepalive_time, _intvl, _probes)",
      );
    }
  }
  if (inert.length > 0) systemOnly.unshift(withoutEffect(inert));
  return {
    ...NO_OPTIONS,
    ...result,
    ...systemOnly.length > 0 ? { systemOnly } : {},
  };
}

function withoutEffect(options: readonly string[]): string {
  const names = options.map((option) => `"${option}"`).join(", ");
  return `${names} of "listen" ${options.length === 1 ? "has" : "have"} no ` +
    "effect: the runtime cannot set it on a socket, and the system's default " +
    "is in force";
}

function readOption(option: string, context: Context): Changes {
  const { place, warn } = context;
  if (Object.hasOwn(FLAGS, option)) return FLAGS[option]!;
  if (option === "quic") {
    warn('the "quic" parameter of "listen": QUIC is not spoken');
    return { quic: true };
  }
  if (option === "http2") {
    warn(
      'the "listen ... http2" directive is deprecated, ' +
        'use the "http2" directive instead',
    );
    return { http2: true };
  }
  const equals = option.indexOf("=");
  const name = option.slice(0, Math.max(0, equals));
  if (!Object.hasOwn(SETTINGS, name)) throw invalidOption(option, place);
  return SETTINGS[name]!(option.slice(equals + 1), option, context);
}

/** A size of a buffer; 0 is the system's own choice. */
function bufferSize(
  name: string,
  value: string,
  option: string,
  place: SourcePlace,
): number | undefined {
  const bytes = parseSize(value);
  if (bytes !== undefined) return bytes === 0 ? undefined : bytes;
  throw new ConfigError(
    `invalid ${name} "${option}"`,
    place,
    "expected bytes, or a number with k or m, as in 64k",
  );
}

/** `idle:interval:count`, of which any may be left out, but not all. */
function parseProbes(value: string, place: SourcePlace): KeepAliveProbes {
  const [idle = "", interval = "", count = "", ...more] = value.split(":");
  const seconds = (text: string) => text === "" ? 0 : parseSeconds(text);
  const numbers = {
    idle: seconds(idle),
    interval: seconds(interval),
    count: count === "" ? 0 : parseInteger(count),
  };
  const isRight = more.length === 0 && /[1-9]/.test(value) &&
    Object.values(numbers).every((number) => number !== undefined);
  if (isRight) {
    return Object.fromEntries(
      Object.entries(numbers).filter(([, number]) => number !== 0),
    );
  }
  throw new ConfigError(
    `invalid so_keepalive value: "${value}"`,
    place,
    "expected on, off or idle:interval:count",
  );
}

function invalidOption(option: string, place: SourcePlace): ConfigError {
  return new ConfigError(
    `invalid parameter "${option}"`,
    place,
    "listen: expected [address:]port[-port] or unix:path, and then " +
      LISTEN_PARAMETERS,
  );
}
