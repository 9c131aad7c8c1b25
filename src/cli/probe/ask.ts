/** Asking a server once, with a deadline for all of it. */

import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import type { NamedValue } from "../../http/request_head.ts";

/** Whom to ask, for what. */
export interface Question {
  /** Whether it is asked over TLS. */
  readonly secure: boolean;
  /** Host name or address, without brackets; `path` of a Unix socket. */
  readonly address:
    | { readonly hostname: string; readonly port: number }
    | { readonly path: string };
  /** The value of `Host`, which is also the name that TLS asks for. */
  readonly host: string;
  /** The path with query. */
  readonly target: string;
  /** Fields of the request beside `Host`. */
  readonly fields: readonly NamedValue[];
  /** Whether every certificate is taken. */
  readonly insecure: boolean;
  /** Certificates to trust instead of those of the system, as PEM. */
  readonly ca: string | undefined;
  /** How long it may take in all, in ms. */
  readonly timeout: number;
}

/** An answer is late. */
export class LateError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "LateError";
}

/** The host of a `Host` field, without port and brackets. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

/** Whether TLS may ask for it by name: addresses have none (RFC 6066 §3). */
function isName(host: string): boolean {
  return !host.includes(":") && !/^[\d.]+$/.test(host);
}

/**
 * The socket to ask on. An `https.Agent` would open it too, but asks the
 * environment for certificates to trust, which this program may not read.
 */
function connect(
  { secure, address, host, insecure, ca }: Question,
): net.Socket {
  const where = "path" in address
    ? { path: address.path }
    : { host: address.hostname, port: address.port };
  if (!secure) return net.connect(where);
  const name = nameOf(host);
  return tls.connect({
    ...where,
    ...(isName(name) ? { servername: name } : {}),
    // An address is not sent, but the certificate has to be for it all the same.
    checkServerIdentity: (_, certificate) =>
      tls.checkServerIdentity(name, certificate),
    rejectUnauthorized: !insecure,
    ca: ca ?? (insecure ? [] : [...tls.rootCertificates]),
  });
}

function optionsOf(question: Question): http.RequestOptions {
  const { host, target, fields } = question;
  return {
    createConnection: () => connect(question),
    path: target,
    method: "GET",
    headers: {
      host,
      "user-agent": "webserv-probe",
      ...Object.fromEntries(fields.map(({ name, value }) => [name, value])),
      connection: "close",
    },
  };
}

/**
 * The status of the answer, once all of it is there.
 *
 * @throws {LateError} when it is not there in time
 * @throws {Error} when there is none, or not all of it
 */
export async function ask(question: Question): Promise<number> {
  // Older ones open a socket of their own, and would ask without TLS.
  if (question.secure && /^2\.[0-8]\./.test(Deno.version.deno)) {
    throw new Error(`Deno ${Deno.version.deno} cannot ask over TLS`);
  }
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = http.request(
    optionsOf(question),
    (answer) => {
      answer.on("error", reject);
      // Only then Deno 2.6, the base out of npm, knows whether it is whole.
      answer.on("close", () => {
        if (answer.complete) resolve(answer.statusCode ?? 0);
        else reject(new Error("the answer is cut"));
      });
      answer.resume();
    },
  );
  asked.on("error", reject);
  asked.end();
  const deadline = setTimeout(
    () => reject(new LateError("no whole answer")),
    question.timeout,
  );
  return await promise.finally(() => {
    clearTimeout(deadline);
    asked.destroy();
  });
}
