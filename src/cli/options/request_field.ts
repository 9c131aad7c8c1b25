/** The value of `-H`. */

import { byteString } from "../../http/byte_string.ts";
import { isToken } from "../../http/field_syntax.ts";
import type { NamedValue } from "../../http/request_head.ts";
import { UsageError } from "../usage_error.ts";

/**
 * The field of a request that `text` says, its name in lower case.
 *
 * @throws {UsageError} when it says none
 */
export function requestField(command: string, text: string): NamedValue {
  const [, name = "", value = ""] = /^([^:]*):\s*([^]*?)\s*$/.exec(text) ?? [];
  if (!isToken(name) || /[\r\n\0]/.test(value)) {
    throw new UsageError(
      `${command}: "${text}" is no field: expected "Name: value"`,
    );
  }
  return { name: name.toLowerCase(), value: byteString(value) };
}
