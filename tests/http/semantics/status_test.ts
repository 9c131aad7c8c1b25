import { assertEquals } from "@std/assert";
import {
  isBodyless,
  reasonPhrase,
} from "../../../src/http/semantics/status.ts";

Deno.test("reasonPhrase() gives the registry's phrase", () => {
  const cases: [number, string][] = [
    [100, "Continue"],
    [103, "Early Hints"],
    [200, "OK"],
    [206, "Partial Content"],
    [226, "IM Used"],
    [302, "Found"],
    [308, "Permanent Redirect"],
    [404, "Not Found"],
    [413, "Content Too Large"],
    [416, "Range Not Satisfiable"],
    [421, "Misdirected Request"],
    [422, "Unprocessable Content"],
    [431, "Request Header Fields Too Large"],
    [451, "Unavailable For Legal Reasons"],
    [505, "HTTP Version Not Supported"],
    [511, "Network Authentication Required"],
  ];
  for (const [status, phrase] of cases) {
    assertEquals(reasonPhrase(status), phrase, String(status));
  }
});

Deno.test("reasonPhrase() has every code in use and no other", () => {
  const named: number[] = [];
  for (let status = 0; status < 1000; status++) {
    if (reasonPhrase(status) !== "") named.push(status);
  }
  // deno-fmt-ignore
  assertEquals(named, [
    100, 101, 102, 103, 104,
    200, 201, 202, 203, 204, 205, 206, 207, 208, 226,
    300, 301, 302, 303, 304, 305, 307, 308,
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413,
    414, 415, 416, 417, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451,
    500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511,
  ]);
});

Deno.test("isBodyless() is true of 1xx, 204 and 304 only", () => {
  const bodyless: number[] = [];
  for (let status = 195; status < 600; status++) {
    if (isBodyless(status)) bodyless.push(status);
  }
  assertEquals(bodyless, [195, 196, 197, 198, 199, 204, 304]);
  assertEquals(isBodyless(99), false);
  assertEquals(isBodyless(100), true);
});
