/**
 * The chart for the README: how fast each server is by nginx's measure, one
 * group of bars per workload. Plain SVG with the reader's light or dark
 * colours, and no fonts or scripts from anywhere.
 */

import type { ServerSpec } from "./server_spec.ts";
import { BASELINE } from "./server_spec.ts";
import { type CaseResult, median } from "./summary.ts";

const WIDTH = 760;
const LEFT = 230;
const RIGHT = 60;
const TOP = 76;
const BAR = 13;
const BAR_GAP = 2;
const GROUP_GAP = 16;

/** Bars beyond this many times nginx are cut off, and say their number. */
const MOST_RATIO = 3;

/** One colour per server, for light and for dark. */
const COLOURS: Readonly<Record<string, readonly [string, string]>> = {
  "webserv": ["#0b6bcb", "#5aa9ff"],
  "webserv-epoll": ["#0a4a8f", "#8cc4ff"],
  "webserv-compiled": ["#5b9bd5", "#2f6fb0"],
  "nginx": ["#6e7781", "#9198a1"],
  "nginx-copy": ["#afb8c1", "#5c6570"],
  "nginx-stock": ["#8c959f", "#767e88"],
  "lighttpd": ["#b8a06a", "#8d7a4c"],
  "caddy": ["#8aa77b", "#64805a"],
  "deno": ["#a58bb3", "#7d688a"],
};

const STYLE_BASE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .small { font-size: 11px; fill: #59636e }
  .grid { stroke: #d1d9e0 } .one { stroke: #59636e }`;

const STYLE_DARK = `
  text { fill: #f0f6fc } .small { fill: #9198a1 }
  .grid { stroke: #3d444d } .one { stroke: #9198a1 }`;

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

function style(names: readonly string[]): string {
  const fills = (dark: 0 | 1) =>
    names.map((name) =>
      `  .${name} { fill: ${(COLOURS[name] ?? ["#888", "#888"])[dark]} }`
    ).join("\n");
  return `<style>${STYLE_BASE}\n${fills(0)}\n` +
    `@media (prefers-color-scheme: dark) {${STYLE_DARK}\n${fills(1)}\n}` +
    `</style>`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${attributes}>${
    escapeText(content)
  }</text>`;
}

/**
 * The chart of the charted cases that have nginx to compare with and were
 * not disturbed, or `undefined` if there is none.
 */
export function renderChart(
  results: readonly CaseResult[],
  servers: readonly ServerSpec[],
  subtitle: string,
): string | undefined {
  const groups = results.filter(({ case: { workload, accessLog }, rows }) =>
    workload.charted && !accessLog &&
    rows.some(({ server }) => server === BASELINE) &&
    !rows.some(({ disturbed }) => disturbed)
  );
  if (groups.length === 0) return undefined;
  const names = servers.map(({ name }) => name).filter((name) =>
    groups.some(({ rows }) => rows.some(({ server }) => server === name))
  );
  const titleOf = (name: string) =>
    servers.find((server) => server.name === name)!.title;
  const ratios = groups.flatMap(({ rows }) =>
    rows.map(({ ratio }) => ratio ?? 0)
  );
  const scale = (WIDTH - LEFT - RIGHT) /
    Math.min(MOST_RATIO, Math.max(1.5, ...ratios));
  const x = (ratio: number) => LEFT + Math.min(ratio, MOST_RATIO) * scale;
  const parts: string[] = [];
  let y = TOP;
  for (const { case: { workload }, rows } of groups) {
    const height = rows.length * (BAR + BAR_GAP);
    const middle = y + height / 2 + 4;
    parts.push(text(LEFT - 10, middle, workload.title, ' text-anchor="end"'));
    for (const { server, ratio = 0 } of rows) {
      const width = x(ratio) - LEFT;
      parts.push(
        `<rect class="${server}" x="${LEFT}" y="${y}" ` +
          `width="${width.toFixed(1)}" height="${BAR}"/>`,
        text(x(ratio) + 5, y + BAR - 2, ratio.toFixed(2), ' class="small"'),
      );
      y += BAR + BAR_GAP;
    }
    y += GROUP_GAP;
  }
  const bottom = y - GROUP_GAP + 4;
  let legendX = LEFT;
  const legend = names.map((name) => {
    const at = legendX;
    legendX += 24 + titleOf(name).length * 7;
    return `<rect class="${name}" x="${at}" y="48" width="11" height="11"/>` +
      text(at + 16, 58, titleOf(name), ' class="small"');
  });
  const one = `<line class="one" x1="${x(1).toFixed(1)}" y1="${TOP - 8}" ` +
    `x2="${x(1).toFixed(1)}" y2="${bottom}" stroke-dasharray="3 3"/>`;
  const axis = `<line class="grid" x1="${LEFT}" y1="${TOP - 8}" ` +
    `x2="${LEFT}" y2="${bottom}"/>`;
  const height = bottom + 14;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${escapeText(describe(groups))}">
${style(names)}
${text(LEFT - 10, 24, "Speed by nginx's measure", ' class="title"')}
${text(LEFT - 10, 40, subtitle, ' class="small"')}
${[...legend, axis, one, ...parts].join("\n")}
</svg>
`;
}

/** The chart in a sentence, for those who do not see it. */
function describe(groups: readonly CaseResult[]): string {
  const own = groups.flatMap(({ rows }) =>
    rows.filter(({ server }) => server === "webserv")
      .map(({ ratio }) => ratio ?? 0)
  );
  if (own.length === 0) return "Speed of static web servers, nginx being 1.";
  return "Speed of static web servers, nginx being 1: webserv has a median " +
    `of ${median(own).toFixed(2)} over ${own.length} workloads.`;
}
