/**
 * The page that goes with an error when no `error_page` names another.
 *
 * It says the status and its reason and nothing else: no path, no address, no
 * version and no word from the request, so it leaks nothing and needs no
 * escaping of anything a client sent. It is one file without script and
 * without references, and follows the reader's choice of light or dark.
 */

import { escape } from "@std/html/entities";

/** What a page says besides the status. */
interface ErrorPageOptions {
  /** The reason phrase, such as `Not Found`; `""` for a status that has none. */
  readonly reason: string;
  /** The name of the program below the line; none where it is left out. */
  readonly serverName?: string;
}

const STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf8;--ink:#1d2430;--soft:#5c6675;
--line:#dcd8d0}
@media(prefers-color-scheme:dark){:root{--paper:#12161d;--ink:#e8ebf0;
--soft:#98a3b3;--line:#2b3340}}
body{margin:0;min-height:100vh;display:grid;place-content:center;
background:var(--paper);color:var(--ink);font:1.125rem/1.5 system-ui,sans-serif;
text-align:center}
main{padding:2rem}
h1{margin:0;font-size:1.25rem;font-weight:500}
h1 b{display:block;font-size:clamp(4rem,20vw,7rem);line-height:1.1;
font-weight:700;letter-spacing:-.04em}
p{margin:1.5rem 0 0;padding-top:1rem;border-top:1px solid var(--line);
color:var(--soft);font-size:.875rem}
`.trim();

const encoder = new TextEncoder();

/** The page for `status`, in UTF-8. The same arguments give the same bytes. */
export function renderErrorPage(
  status: number,
  options: ErrorPageOptions,
): Uint8Array<ArrayBuffer> {
  // A status that the registry does not have goes without.
  const reason = options.reason === "" ? "" : ` ${escape(options.reason)}`;
  const footer = options.serverName === undefined
    ? ""
    : `<p>${escape(options.serverName)}</p>\n`;
  return encoder.encode(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${status}${reason}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1><b>${status}</b>${reason}</h1>
${footer}</main>
</body>
</html>
`);
}
