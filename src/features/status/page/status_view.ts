/**
 * The status page: one document with all it needs, the same for everybody. Its
 * `Content-Security-Policy` names the hashes of its one script and one style,
 * so that nothing else ever runs or is applied.
 */

import { createHash } from "node:crypto";
import { CHARTS_SCRIPT } from "./charts_script.ts";
import { MODEL } from "./page_model.ts";
import { STATUS_STYLE } from "./status_style.ts";
import { TABLES_SCRIPT } from "./tables_script.ts";

/**
 * The script. The functions of the model go by the names that the rest calls
 * them by, whatever a bundler has made of those.
 */
function scriptOf(): string {
  const functions = Object.entries(MODEL)
    .map(([name, each]) => `const ${name} = ${each};`);
  return [...functions, CHARTS_SCRIPT, TABLES_SCRIPT].join("\n");
}

function sourceOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** The `Content-Security-Policy` of the page. */
function policy(script: string): string {
  return [
    "default-src 'none'",
    `script-src ${sourceOf(script)}`,
    `style-src ${sourceOf(STATUS_STYLE)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** A picture of what the page is for, with no request for it. */
const ICON = "data:image/svg+xml," + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
    '<rect width="16" height="16" rx="3" fill="#2a6fb8"/>' +
    '<path d="M2 10h3l2-5 3 7 2-4h2" fill="none" stroke="#fff" ' +
    'stroke-width="1.5" stroke-linejoin="round"/></svg>',
);

/** A table that the script fills, under a heading that names it. */
function table(id: string, heading: string, more = ""): string {
  return `<section><h2 id="${id}-name">${heading}</h2>
<div class="table"><table id="${id}" aria-labelledby="${id}-name">` +
    `<thead></thead><tbody></tbody></table></div>${more}</section>`;
}

function pageOf(script: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>Server status</title>
<link rel="icon" href="${ICON}">
<style>${STATUS_STYLE}</style>
</head>
<body>
<main>
<header><h1>Server status</h1>
<span id="state" class="badge" role="status">asking</span>
<span id="alerts" role="status"></span></header>
<p class="about" id="about"></p>
<noscript><p>The plots need a script of this page.
<a href="?format=json">The numbers</a> need none.</p></noscript>
<div class="bar"><button type="button" id="pause" aria-pressed="false">Pause</button>
<label>Moment <input type="range" id="moment" min="0" max="0" value="0"></label>
<span id="when">now</span></div>
<div id="charts"></div>
<section><h2>Configuration</h2>
<div id="reload"><p id="outcome" role="status"></p><p class="note" id="reloads"></p>
<pre id="fault" hidden></pre></div></section>
${table("servers", "Servers", '<p class="note" id="more"></p>')}
${table("workers", "Workers")}
<div class="pair">
${table("certificates", "Certificates")}
${table("orders", "Certificates asked for")}
</div>
<div class="pair">
${table("limits", "Limits reached since the start")}
${table("budgets", "Memory held for clients")}
</div>
<p class="note">Rates in plots cover the last two seconds; rates in tables, and all
latencies, the last ten. <a href="?format=json">The same as JSON</a></p>
</main>
<script type="module">${script}</script>
</body>
</html>
`;
}

/** The page, and what it is sent with. */
export interface StatusView {
  /** The page, encoded. */
  readonly page: Uint8Array;
  /** Its `Content-Security-Policy`. */
  readonly policy: string;
}

let made: StatusView | undefined;

/** The page. It is made once, where somebody wants it. */
export function statusView(): StatusView {
  if (made !== undefined) return made;
  const script = scriptOf();
  const page = new TextEncoder().encode(pageOf(script));
  return made = { page, policy: policy(script) };
}
