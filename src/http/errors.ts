/**
 * The one error the protocol and the content phases throw at a client.
 *
 * An `HttpError` keeps what the client may read (the status, and through it
 * the page) apart from what only the log may say (`detail`). No path, stack
 * or operating-system message travels in the response.
 */

/**
 * How much an error matters to whoever runs the server: nginx's levels. With
 * `silent` nothing is logged, as for an answer the configuration asks for.
 */
export type Severity = "silent" | "info" | "error" | "crit";

/** How an {@linkcode HttpError} is made beyond its status and log detail. */
export interface HttpErrorOptions {
  /**
   * Whether the connection must end after the answer, because the position of
   * the next request in the byte stream is no longer certain. Default `false`.
   */
  readonly close?: boolean;
  /** Extra response headers, such as `Allow` for 405. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** The error that led here, for the log. */
  readonly cause?: unknown;
  /**
   * How much it matters. By default what the server cannot do is an `error`
   * and what a client does wrong is `info`.
   */
  readonly severity?: Severity;
}

/** Statuses above 499 that say something of the request. */
const CLIENT_FAULTS: readonly number[] = [501, 505];

function severityOf(status: number): Severity {
  return status >= 500 && !CLIENT_FAULTS.includes(status) ? "error" : "info";
}

/**
 * A failure that has an HTTP status. `message` is for the log only.
 *
 * It is an `Error` by its prototype alone and has no stack: what the engine
 * does for a stack costs more than a whole answer, even for one of no frames
 * (measured: 7 µs against 0.2). A client's fault has no place in this program;
 * a fault of the program travels as the cause.
 */
export class HttpError implements Error {
  /** The name under which the error is printed. */
  readonly name = "HttpError";
  /** What the log says. */
  readonly message: string;
  /** The error that led here, for the log. */
  readonly cause: unknown;
  /** The response status, 400 to 599. */
  readonly status: number;
  /** Whether the connection must end after the answer. */
  readonly close: boolean;
  /** Extra response headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** How much it matters. */
  readonly severity: Severity;

  static {
    Object.setPrototypeOf(HttpError.prototype, Error.prototype);
  }

  /** An error to answer with `status`; `detail` goes to the log only. */
  constructor(status: number, detail: string, options: HttpErrorOptions = {}) {
    this.status = status;
    this.message = detail;
    this.cause = options.cause;
    this.close = options.close ?? false;
    this.headers = options.headers ?? NO_HEADERS;
    this.severity = options.severity ?? severityOf(status);
  }
}

const NO_HEADERS: HttpError["headers"] = [];
