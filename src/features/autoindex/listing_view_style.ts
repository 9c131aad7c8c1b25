/**
 * The style and the pictures of the listing for people, all inside the page.
 * The hash of the style stands in the page's `Content-Security-Policy`, so
 * that nothing else is ever applied; a test compares the two.
 */

/** The style sheet. */
export const LISTING_STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf8;--card:#fff;--ink:#1d2430;
--soft:#5c6675;--line:#e4e0d8;--hover:#f3f0ea;--link:#1d4f91;--folder:#b7791f}
@media(prefers-color-scheme:dark){:root{--paper:#12161d;--card:#181d26;
--ink:#e8ebf0;--soft:#98a3b3;--line:#2b3340;--hover:#202733;--link:#8ab8f5;
--folder:#e0b050}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:3rem 1.5rem 3rem}
h1{margin:0;font-size:1.5rem;line-height:1.3;font-weight:600;
letter-spacing:-.01em;overflow-wrap:anywhere}
h1 a{font-weight:400}
h1+#list,h1+section{margin-top:1.25rem}
h1 i{padding:0 .35em;color:var(--soft);font-style:normal;font-weight:400}
.sum{margin:.25rem 0 1.25rem;color:var(--soft);font-size:.9375rem}
a{color:var(--link);text-decoration:none;border-radius:.25rem}
a:hover{text-decoration:underline}
a:focus-visible{outline:2px solid var(--link);outline-offset:-2px}
bdi{white-space:pre-wrap;overflow-wrap:anywhere}
table{width:100%;border-collapse:separate;border-spacing:0;
background:var(--card);border:1px solid var(--line);border-radius:.625rem;
overflow:hidden}
th{padding:0;text-align:start;font-size:.8125rem;font-weight:600;
border-bottom:1px solid var(--line)}
th a{display:block;padding:.5rem 1rem;color:var(--soft);white-space:nowrap}
th[aria-sort] a{color:var(--ink)}
th[aria-sort=ascending] a::after{content:" \\2191"}
th[aria-sort=descending] a::after{content:" \\2193"}
td{padding:0 1rem;color:var(--soft);font-size:.9375rem;white-space:nowrap;
font-variant-numeric:tabular-nums}
td:first-child{width:100%;padding:0;white-space:normal;font-size:1rem}
td a{display:flex;gap:.75rem;align-items:flex-start;padding:.4375rem 1rem;
color:inherit}
td:first-child a{color:var(--ink)}
tr+tr td{border-top:1px solid var(--line)}
tbody tr:hover{background:var(--hover)}
th:last-child,td:last-child{text-align:end}
svg{flex:none;width:1.25rem;height:1.5rem;fill:none;stroke:var(--soft);
stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.d svg{stroke:var(--folder);fill:var(--folder);fill-opacity:.2}
td.none:first-child{padding:2rem 1rem;text-align:center}
svg[hidden]{display:none}
form{display:flex;gap:.5rem;margin:0 0 1rem}
h1+form{margin-top:1.25rem}
input,button{font:inherit;font-size:.9375rem;color:inherit;
background:var(--card);border:1px solid var(--line);border-radius:.5rem;
padding:.4375rem .75rem}
input{flex:1;min-width:0;max-width:24rem}
input::placeholder{color:var(--soft);opacity:1}
input:focus-visible,button:focus-visible{outline:2px solid var(--link);
outline-offset:-1px}
nav{display:flex;flex-wrap:wrap;gap:.25rem;margin-top:1rem;
font-size:.9375rem;font-variant-numeric:tabular-nums}
nav>*{min-width:2.25rem;padding:.25rem .625rem;text-align:center;
font-style:normal;border-radius:.5rem}
nav b{font-weight:600;background:var(--card);box-shadow:inset 0 0 0 1px var(--line)}
nav i{color:var(--soft);padding:.25rem 0}
section{margin:0 0 1rem;background:var(--card);border:1px solid var(--line);
border-radius:.625rem;overflow:hidden}
#list+section{margin-top:1rem}
h2{margin:0;padding:.5rem 1rem;font-size:.8125rem;font-weight:600;
border-bottom:1px solid var(--line);color:var(--soft)}
h2 a{color:inherit}
pre{margin:0;padding:1rem;font:.875rem/1.5 ui-monospace,monospace;
white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
section p{margin:0;padding:0 1rem 1rem;color:var(--soft);font-size:.9375rem}
.foot{margin:1rem 0 0;color:var(--soft);font-size:.8125rem}
@media(max-width:40rem){main{padding:1.25rem .75rem 2rem}
h1{font-size:1.25rem}.sum,h1{padding:0 .25rem}
td{padding:0 .75rem 0 0;font-size:.8125rem}time span{display:none}
td a{padding:.5625rem .75rem;gap:.625rem}th a{padding:.5rem .75rem}
th:nth-child(2) a,th:last-child a{padding-left:0}
h2{padding:.5rem .75rem}pre{padding:.75rem}
input,button{font-size:1rem}.foot{padding:0 .25rem}}
@media print{form,nav,.foot a{display:none}table{border:0}th a::after{content:""!important}}
`.trim();

/** The SHA-256 of {@linkcode LISTING_STYLE}, in Base64. */
export const LISTING_STYLE_SHA256 =
  "hfkea3Wrh7GqJiqUIC4YYiWQggodev7X9mA74GwEHzg=";

/** The pictures an entry may have. */
export type ListingIcon =
  | "folder"
  | "file"
  | "text"
  | "code"
  | "image"
  | "media"
  | "archive"
  | "other"
  | "up";

const SHEET = '<path d="M6 3h8l5 5v13H6zM14 3v5h5"/>';

const DRAWINGS: Readonly<Record<ListingIcon, string>> = {
  folder: '<path d="M3 6.5C3 5.7 3.7 5 4.5 5h4.6l2 2.5h8.4c.8 0 1.5.7 1.5 1.5' +
    'v9.5c0 .8-.7 1.5-1.5 1.5h-15c-.8 0-1.5-.7-1.5-1.5z"/>',
  file: SHEET,
  text: `${SHEET}<path d="M9 12h7M9 15h7M9 18h4"/>`,
  code: `${SHEET}<path d="m10.5 12-2 2.5 2 2.5m4-5 2 2.5-2 2.5"/>`,
  image: '<rect x="3" y="5" width="18" height="15" rx="1.5"/>' +
    '<path d="m4 18 5-6 4 4 3-3 4 4"/><circle cx="15.5" cy="9.5" r="1.2"/>',
  media: '<rect x="3" y="5" width="18" height="15" rx="1.5"/>' +
    '<path d="m10 9 6 3.5-6 3.5z"/>',
  archive: '<path d="M4 9h16v11H4zM3 5h18v4H3zM10 13h4"/>',
  other: '<circle cx="12" cy="12.5" r="8" stroke-dasharray="2.5 3"/>',
  up: '<path d="M19 19v-3c0-2.2-1.8-4-4-4H5m5-5-5 5 5 5"/>',
};

/** The pictures, once per page, hidden; entries refer to them. */
export const LISTING_ICONS: string = `<svg hidden>${
  Object.entries(DRAWINGS).map(([name, drawing]) =>
    `<symbol id="${name}" viewBox="0 0 24 24">${drawing}</symbol>`
  ).join("")
}</svg>`;
