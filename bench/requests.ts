/** The bytes of the requests: wrk and the checks send the very same. */

import { MANY_FILES, manyName } from "./tree.ts";
import type { Workload } from "./workloads.ts";

/** What Chrome 130 sends when a link is followed; about 600 bytes in all. */
const BROWSER_FIELDS = [
  "Connection: keep-alive",
  'sec-ch-ua: "Chromium";v="130", "Google Chrome";v="130", ' +
  '"Not?A_Brand";v="99"',
  "sec-ch-ua-mobile: ?0",
  'sec-ch-ua-platform: "Linux"',
  "Upgrade-Insecure-Requests: 1",
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 " +
  "(KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36",
  "Accept: text/html,application/xhtml+xml,application/xml;q=0.9," +
  "image/avif,image/webp,*/*;q=0.8",
  "Sec-Fetch-Site: same-origin",
  "Sec-Fetch-Mode: navigate",
  "Sec-Fetch-User: ?1",
  "Sec-Fetch-Dest: document",
  "Accept-Encoding: gzip, deflate, br, zstd",
  "Accept-Language: en-GB,en;q=0.9",
];

/** A GET of `target` with the head and the fields of `workload`. */
export function requestText(
  workload: Pick<Workload, "head" | "fields">,
  target: string,
  port: number,
  moreFields: readonly string[] = [],
): string {
  return [
    `GET ${target} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    ...(workload.head === "browser" ? BROWSER_FIELDS : []),
    ...(workload.fields ?? []),
    ...moreFields,
    "",
    "",
  ].join("\r\n");
}

/** The paths that a workload asks for. */
export function targetsOf({ target }: Workload): string[] {
  if (typeof target === "string") return [target];
  return Array.from({ length: MANY_FILES }, (_, i) => `/${manyName(i)}`);
}
