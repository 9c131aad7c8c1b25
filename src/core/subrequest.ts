/**
 * Requests within a request: what a page is made of beside its file. They are
 * answered by the same server as if the client had asked, but for access,
 * which it has been given, and are part of the client's request: they end with
 * it, and have its variables.
 */

import { Field, FIELD_NAMES } from "../http/fields.ts";
import { HttpError } from "../http/errors.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { HttpResponse } from "../http/response.ts";
import { quote } from "../logging/diagnostic_line.ts";
import { Exchange } from "./exchange.ts";
import { Slot } from "./slot.ts";

/** How deep they may be within one another (nginx's 50 and the first one). */
export const MAX_SUBREQUEST_DEPTH = 51;

/** Most of one request, in all (nginx: 64535 at a time). */
export const MAX_SUBREQUESTS = 64_535;

/**
 * Fields that are about the whole answer, or the client's own body: a part is
 * always whole, new and in no coding.
 */
const OF_THE_WHOLE: ReadonlySet<string> = new Set([
  Field.AcceptEncoding,
  Field.ContentLength,
  Field.Expect,
  Field.IfMatch,
  Field.IfModifiedSince,
  Field.IfNoneMatch,
  Field.IfRange,
  Field.IfUnmodifiedSince,
  Field.Range,
  Field.TransferEncoding,
].map((field) => FIELD_NAMES[field]));

/** What a client's request knows of those within it. */
interface Within {
  /** The head that they have. */
  readonly head: RequestHead;
  /** How many there have been. */
  count: number;
}

const within = new Slot<Within>();
const depths = new Slot<number>();

/** What to ask for: a decoded path, a text, and a query, a byte string. */
export interface SubrequestTarget {
  readonly uri: string;
  readonly args: string;
}

/**
 * A request within `exchange`, for a client that may read its answer as a part
 * of the other.
 *
 * @throws {HttpError} 500 when there are too many, or too many within one
 * another
 */
export function subrequest(
  exchange: Exchange,
  { uri, args }: SubrequestTarget,
): Exchange {
  const main = exchange.main ?? exchange;
  const depth = depths.get(exchange) ?? 0;
  const known = within.get(main) ?? {
    head: main.request.withFields(
      [...main.request.entries()].filter(([name]) => !OF_THE_WHOLE.has(name)),
    ),
    count: 0,
  };
  if (depth === MAX_SUBREQUEST_DEPTH || known.count === MAX_SUBREQUESTS) {
    throw new HttpError(
      500,
      `subrequests cycle while processing ${quote(uri)}`,
    );
  }
  known.count++;
  within.set(main, known);
  const { protocol, server, host, requestUri } = main;
  const part = new Exchange(
    known.head,
    protocol,
    { server, host },
    { requestUri, uri, args },
    main,
  );
  part.method = "GET";
  part.internal = true;
  part.client = main.client;
  part.values = main.values ??= [];
  depths.set(part, depth + 1);
  return part;
}

/** Its answer, whatever the status is. */
export function answerTo(
  part: Exchange,
): HttpResponse | Promise<HttpResponse> {
  return part.server.environment.answer(part);
}
