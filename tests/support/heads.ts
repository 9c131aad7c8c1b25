/** Request heads for tests of what is made of them. */

import { DEFAULT_HEAD_LIMITS } from "../../src/http/limits.ts";
import type { RequestHead } from "../../src/http/request_head.ts";
import { RequestParser } from "../../src/http/http1/request_parser.ts";
import { bytesOf } from "./latin1.ts";

/** The head of a request with this line and these field lines. */
export function headOf(line: string, ...fields: string[]): RequestHead {
  const raw = [line, ...fields, "", ""].join("\r\n");
  const bytes = bytesOf(`..${raw}`);
  const head = new RequestParser(DEFAULT_HEAD_LIMITS)
    .parse(bytes, 2, bytes.length);
  if (head === undefined) throw new Error(`"${line}" is not a whole head`);
  return head;
}
