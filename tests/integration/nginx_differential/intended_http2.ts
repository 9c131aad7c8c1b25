/** Where webserv answers otherwise than nginx over HTTP/2 alone, on purpose. */

import type { IntendedDifference } from "./intended.ts";

/** All of them; those of `INTENDED` are differences here, too. */
export const INTENDED_OF_HTTP2: readonly IntendedDifference[] = [
  {
    why: "What stands in for an error may have the body that was refused, by " +
      "either protocol; nginx refuses it once more over HTTP/2.",
    changes: ["status: 413 → 200"],
    requests: ["limits.example POST /page/413 | body=2000"],
  },
  {
    why: "What stands in for an error may have the body that was refused, by " +
      "either protocol; nginx refuses it once more over HTTP/2.",
    changes: [
      "body: (a page of the server) → small\n",
      "content-length: - → 6",
      "content-type: - → text/plain",
    ],
    requests: ["limits.example POST /page/kept | body=2000"],
  },
  {
    why: "A value has no space around it (RFC 9113 §8.2.1).",
    changes: ["x-location:   → "],
    requests: ["ifs.example /recap/x/y", "ifs.example /recap/x/y?a=p"],
  },
  {
    why: "A value has no space around it (RFC 9113 §8.2.1).",
    changes: ["x-if:   → "],
    requests: ["ifs.example /recap/x/y?a=pq"],
  },
];
