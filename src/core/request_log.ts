/** Lines of the error log about one request. */

import { textOf } from "../http/byte_string.ts";
import { Field, type FieldId } from "../http/fields.ts";
import type { RequestHead } from "../http/request_head.ts";
import type { DiagnosticContext } from "../logging/diagnostic_line.ts";
import type { Exchange } from "./exchange.ts";

/** What a log line says about an exchange. */
export function contextOf(exchange: Exchange): DiagnosticContext {
  const { request } = exchange;
  return {
    errorLog: exchange.location.errorLog,
    connection: exchange.connection.serial,
    client: exchange.remoteAddress,
    server: exchange.server.name,
    request: textOf(request.line),
    subrequest: exchange.main && exchange.uri,
    host: fieldText(request, Field.Host),
    referrer: fieldText(request, Field.Referer),
  };
}

/** A field as the client sent it, for the log. */
function fieldText(request: RequestHead, field: FieldId): string | undefined {
  const value = request.first(field);
  return value === undefined ? undefined : textOf(value);
}
