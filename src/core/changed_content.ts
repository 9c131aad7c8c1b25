/** What is said of an answer whose content is changed on its way. */

import { weakenEtag } from "../http/semantics/etag.ts";
import type { HeaderList, HttpResponse } from "../http/response.ts";

const sealed = new WeakSet<object>();

/**
 * Seals a body: it is a whole of its own, such as a page whose policy has the
 * hash of its script, and nothing is replaced in it nor added.
 */
export function seal(body: Uint8Array): void {
  sealed.add(body);
}

/** Whether nothing may be changed in the content of a response. */
export function isSealed({ body }: Pick<HttpResponse, "body">): boolean {
  return body !== undefined && sealed.has(body);
}

/** The fields of a response whose content is transformed: a weak tag. */
export function transformedFields(fields: HeaderList): HeaderList {
  const headers = fields.clone();
  headers.delete("Accept-Ranges");
  const etag = headers.get("ETag");
  if (etag !== undefined) headers.set("ETag", weakenEtag(etag));
  return headers;
}

/**
 * The fields of a response whose content is made for the request, so that the
 * file's time and tag do not stand for it: without them, or with a weak tag
 * where the site says that they may (`sub_filter_last_modified`).
 */
export function madeFields(
  fields: HeaderList,
  keepsValidators: boolean,
): HeaderList {
  const headers = transformedFields(fields);
  if (!keepsValidators) {
    headers.delete("ETag");
    headers.delete("Last-Modified");
  }
  return headers;
}
