/**
 * Errors of the operating system as nginx writes them: the number and the C
 * library's words, `13: Permission denied`. The runtime says the same in two
 * languages of its own (`Deno.errors`, `node:fs`), which nobody who reads a
 * log of a web server looks for.
 */

/** The number and the words of each code, on Linux. */
const TEXTS: Readonly<Record<string, readonly [number, string]>> = {
  EPERM: [1, "Operation not permitted"],
  ENOENT: [2, "No such file or directory"],
  ESRCH: [3, "No such process"],
  EINTR: [4, "Interrupted system call"],
  EIO: [5, "Input/output error"],
  ENXIO: [6, "No such device or address"],
  EBADF: [9, "Bad file descriptor"],
  EAGAIN: [11, "Resource temporarily unavailable"],
  ENOMEM: [12, "Cannot allocate memory"],
  EACCES: [13, "Permission denied"],
  EBUSY: [16, "Device or resource busy"],
  EEXIST: [17, "File exists"],
  ENODEV: [19, "No such device"],
  ENOTDIR: [20, "Not a directory"],
  EISDIR: [21, "Is a directory"],
  EINVAL: [22, "Invalid argument"],
  ENFILE: [23, "Too many open files in system"],
  EMFILE: [24, "Too many open files"],
  ETXTBSY: [26, "Text file busy"],
  EFBIG: [27, "File too large"],
  ENOSPC: [28, "No space left on device"],
  EROFS: [30, "Read-only file system"],
  EPIPE: [32, "Broken pipe"],
  ENAMETOOLONG: [36, "File name too long"],
  ENOSYS: [38, "Function not implemented"],
  ELOOP: [40, "Too many levels of symbolic links"],
  ENONET: [64, "Machine is not on the network"],
  EPROTO: [71, "Protocol error"],
  ENOTSOCK: [88, "Socket operation on non-socket"],
  ENOPROTOOPT: [92, "Protocol not available"],
  EOPNOTSUPP: [95, "Operation not supported"],
  EAFNOSUPPORT: [97, "Address family not supported by protocol"],
  EADDRINUSE: [98, "Address already in use"],
  EADDRNOTAVAIL: [99, "Cannot assign requested address"],
  ENETDOWN: [100, "Network is down"],
  ENETUNREACH: [101, "Network is unreachable"],
  ECONNABORTED: [103, "Software caused connection abort"],
  ECONNRESET: [104, "Connection reset by peer"],
  ENOBUFS: [105, "No buffer space available"],
  ENOTCONN: [107, "Transport endpoint is not connected"],
  ETIMEDOUT: [110, "Connection timed out"],
  ECONNREFUSED: [111, "Connection refused"],
  EHOSTDOWN: [112, "Host is down"],
  EHOSTUNREACH: [113, "No route to host"],
  ESTALE: [116, "Stale file handle"],
  EDQUOT: [122, "Disk quota exceeded"],
};

/** The runtime's own errors by code, where it has one that is asked for. */
const CLASSES: Readonly<Record<string, new (message: string) => Error>> = {
  ENOENT: Deno.errors.NotFound,
  EACCES: Deno.errors.PermissionDenied,
  EPERM: Deno.errors.PermissionDenied,
  EBADF: Deno.errors.BadResource,
  EPIPE: Deno.errors.BrokenPipe,
  EADDRINUSE: Deno.errors.AddrInUse,
  EADDRNOTAVAIL: Deno.errors.AddrNotAvailable,
  ECONNABORTED: Deno.errors.ConnectionAborted,
  ECONNRESET: Deno.errors.ConnectionReset,
  ENOTCONN: Deno.errors.NotConnected,
  ETIMEDOUT: Deno.errors.TimedOut,
};

/** The code of each number. */
const CODES: ReadonlyMap<number, string> = new Map(
  Object.entries(TEXTS).map(([code, [number]]) => [number, code]),
);

/**
 * An error of the system by its number, as the runtime throws it: of the same
 * class, with the same message and code.
 */
export function systemError(number: number): Error {
  const code = CODES.get(number);
  if (code === undefined) return new Error(`error (os error ${number})`);
  const message = `${TEXTS[code]![1]} (os error ${number})`;
  return Object.assign(new (CLASSES[code] ?? Error)(message), { code });
}

/** How the runtime ends the system's words: `Permission denied (os error 13)`. */
const NUMBERED = /^([^\n]*?) \(os error (\d+)\)/;

/** How it begins some: `ESRCH: No such process`. */
const CODED = /^(E[A-Z0-9]+): /;

/**
 * What the system said, as `13: Permission denied`; `undefined` when `error`
 * is none of the system's. A code alone (`EACCES`) will do.
 */
export function osErrorText(error: unknown): string | undefined {
  if (typeof error === "string") return textOf(error);
  if (!(error instanceof Error)) return undefined;
  // These are the system's own words, whatever system it is.
  const [, words, number] = NUMBERED.exec(error.message) ?? [];
  if (words !== undefined) return `${number}: ${lastWords(words)}`;
  const code = osErrorCode(error);
  return code === undefined ? undefined : textOf(code);
}

/** What failed, as {@linkcode osErrorText}, or whatever else `error` says. */
export function failureReason(error: unknown): string {
  const text = osErrorText(error);
  if (text !== undefined) return text;
  if (error instanceof Deno.errors.NotCapable) {
    return isGuarded(error)
      ? "Deno guards /dev, /proc and /sys"
      : "the program has no permission for it";
  }
  return error instanceof Error ? error.message : String(error);
}

/**
 * Whether Deno itself refused a path, because programs without `--allow-all`
 * get nowhere into `/dev`, `/proc` and `/sys`.
 */
export function isGuarded(error: unknown): boolean {
  return error instanceof Deno.errors.NotCapable &&
    error.message.startsWith("Requires all access");
}

/** What to do about a path that Deno guards. */
export const GUARDED_REMEDY =
  "use a path that is not in /dev, /proc or /sys (nor a link into them), " +
  'or start it with "deno run --allow-all src/main.ts"';

/** The code of the system's error, such as `ENOENT`, if `error` is one. */
export function osErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error ? error.code : CODED.exec(error.message)?.[1];
  return typeof code === "string" && Object.hasOwn(TEXTS, code)
    ? code
    : undefined;
}

function textOf(code: string): string | undefined {
  const [number, words] = Object.hasOwn(TEXTS, code) ? TEXTS[code]! : [];
  return number === undefined ? undefined : `${number}: ${words}`;
}

/** Without what the runtime puts before: `failed to open: Permission denied`. */
function lastWords(words: string): string {
  return words.slice(words.lastIndexOf(": ") + 1).trim();
}
