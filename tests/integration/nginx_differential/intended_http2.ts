/** Where webserv answers otherwise than nginx over HTTP/2 alone, on purpose. */

import type { IntendedDifference } from "./intended.ts";

/** All of them; those of `INTENDED` are differences here, too. */
export const INTENDED_OF_HTTP2: readonly IntendedDifference[] = [
  {
    told:
      "What stands in for a 413 (`error_page 413`) is not refused for the same body",
    changes: ["status: 413 → 200"],
    requests: ["limits.example POST /page/413 | body=2000"],
  },
  {
    told:
      "What stands in for a 413 (`error_page 413`) is not refused for the same body",
    changes: [
      "body: (a page of the server) → small\n",
      "content-length: - → 6",
      "content-type: - → text/plain",
    ],
    requests: ["limits.example POST /page/kept | body=2000"],
  },
  {
    told: "A field over HTTP/2 has no blanks around its value",
    changes: ["x-location:   → "],
    requests: ["ifs.example /recap/x/y", "ifs.example /recap/x/y?a=p"],
  },
  {
    told: "A field over HTTP/2 has no blanks around its value",
    changes: ["x-if:   → "],
    requests: ["ifs.example /recap/x/y?a=pq"],
  },
];
