/**
 * The part of the status page's script that keeps the history and draws it.
 * What it reckons with is in `page_model.ts`; nothing that comes from the
 * server is ever read as markup.
 */

/** The script: what the page shows as plots. */
export const CHARTS_SCRIPT: string = String.raw`
const POLL_MS = 2000, KEPT_S = 600, WINDOW_S = 10, LOST_S = 10;
const SPANS = [60, 120, 300, KEPT_S];
const WIDTH = 320, HEIGHT = 96;
const CLASSES = ["2xx", "3xx", "4xx", "5xx", "other"];
const $ = (id) => document.getElementById(id);

function make(name, fields = {}, ...children) {
  const drawn = ["svg", "path", "line"].includes(name);
  const element = drawn
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const key in fields) element.setAttribute(key, fields[key]);
  element.append(...children);
  return element;
}
function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
const two = (number) => String(number).padStart(2, "0");
function clock(seconds) {
  const date = new Date(seconds * 1000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
}
function day(seconds) {
  const date = new Date(seconds * 1000);
  return [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
}
// A quantile at an end of the histogram says only on which side of it it is.
function latencyText(value) {
  const bounds = recent.at(-1).durationBounds;
  const [least, most] = ["\u2264 ", "\u2265 "];
  const sign = value === bounds[0] ? least : value === bounds.at(-1) ? most : "";
  return sign + secondsText(value);
}
const sum = (values) => values.some((value) => value !== undefined)
  ? values.reduce((all, value) => all + (value ?? 0), 0) : undefined;

// What is drawn: of two answers, how many seconds lie between them, and the
// oldest one of the last ten seconds.
const CHARTS = [
  { title: "Requests per second", text: countText, stacked: true, head: sum,
    of: (now, old, seconds) => CLASSES.map((key) => {
      const count = (data) => data.requests.statuses[key] +
        (key === "other" ? data.requests.statuses["1xx"] : 0);
      return rate(old && count(old), count(now), seconds);
    }),
    series: [["2xx", "good"], ["3xx", "moved"], ["4xx", "odd"],
      ["5xx", "bad"], ["other", "soft"]] },
  { title: "Latency", text: latencyText, topText: secondsText, head: (values) => values[1],
    of: (now, old, seconds, first) => [0.5, 0.9, 0.99].map((part) => quantile(
      growth(first && first.requests.durations, now.requests.durations),
      now.durationBounds, part)),
    series: [["p50", "one"], ["p90", "two"], ["p99", "three"]], headed: "p90" },
  { title: "Connections", text: countText, stacked: true, head: sum,
    of: ({ connections: c }) => [c.reading, c.writing, c.waiting],
    series: [["reading", "two"], ["writing", "three"], ["waiting", "one"]] },
  { title: "Bytes per second", text: bytesText, base: 1024,
    head: (values) => values[0], headed: "sent",
    of: (now, old, seconds) => ["sentBytes", "receivedBytes"].map((key) =>
      rate(old && old.traffic[key], now.traffic[key], seconds)),
    series: [["sent", "one"], ["received", "two"]] },
  { title: "Cache hits", text: shareText, top: () => 1, head: (values) => values[0],
    headed: "files",
    of: (now, old, seconds, first) => [
      ({ files: f }) => [f.hits + f.revalidations, f.misses],
      ({ compressed: c }) => [c.hits, c.misses],
    ].map((counts) => {
      const grown = growth(first && counts(first.caches), counts(now.caches));
      return grown && share(grown[0], grown[0] + grown[1]);
    }),
    series: [["files", "one"], ["compressed", "two"]] },
  { title: "Memory", text: bytesText, base: 1024, head: (values) => values[0],
    headed: "resident",
    of: ({ process: p }) => [p.residentBytes, p.heapUsedBytes, p.externalBytes],
    series: [["resident", "one"], ["heap in use", "two"], ["buffers", "three"]] },
  { title: "Processor", text: shareText, head: (values) => values[0],
    of: (now, old, seconds) => [rate(old && old.process.processorSeconds,
      now.process.processorSeconds, seconds)],
    series: [["of one core", "one"]] },
  { title: "Event-loop lag", text: secondsText, head: (values) => values[0],
    of: (now) => [now.process.eventLoopLagSeconds],
    series: [["longest recently", "one"]] },
  { title: "Requests by protocol", text: countText, stacked: true, head: sum,
    of: (now, old, seconds) => ["1", "2"].map((key) => rate(
      old && old.requests.byProtocol[key], now.requests.byProtocol[key], seconds)),
    series: [["HTTP/1", "one"], ["HTTP/2", "two"]] },
];

let history = [], recent = [], cursor = null;

for (const chart of CHARTS) {
  chart.value = make("strong");
  chart.top_ = make("span", { class: "top" });
  chart.mark = make("line", { y1: 0, y2: HEIGHT, class: "mark" });
  chart.paths = chart.series.map(([, tone]) => make("path", { class: tone }));
  chart.plot = make("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT,
    preserveAspectRatio: "none", role: "img",
    class: chart.stacked ? "areas" : "lines" },
    make("line", { x1: 0, x2: WIDTH, y1: HEIGHT / 2, y2: HEIGHT / 2, class: "rule" }),
    ...chart.paths, chart.mark);
  chart.values = chart.series.map(() => make("b"));
  chart.from = make("span");
  const box = make("div", { class: "plot" }, chart.plot, chart.top_);
  $("charts").append(make("section", { class: "chart" },
    make("h2", {}, chart.title),
    make("p", { class: "now" }, chart.value,
      chart.headed ? " " + chart.headed : ""),
    box, make("p", { class: "axis" }, chart.from, make("span", {}, "now")),
    make("ul", {}, ...chart.series.map(([name, tone], i) =>
      make("li", {}, make("i", { class: tone }), name + " ", chart.values[i])))));
  box.addEventListener("pointermove", (event) => {
    const { left, width } = box.getBoundingClientRect();
    lookAt((event.clientX - left) / width);
  });
  box.addEventListener("pointerleave", () => { cursor = null; draw(); });
}

function lookAt(part) {
  const [from, to] = span();
  const time = from + part * (to - from);
  let nearest = 0;
  history.forEach((sample, i) => {
    if (Math.abs(sample.time - time) < Math.abs(history[nearest].time - time)) nearest = i;
  });
  cursor = nearest;
  draw();
}

function span() {
  const to = history.at(-1).time;
  const length = SPANS.find((each) => each >= to - history[0].time) ?? KEPT_S;
  return [to - length, to];
}

// Takes an answer into the history; where counters began anew there is a gap.
function take(data) {
  const time = Date.now() / 1000;
  const last = recent.at(-1);
  const seconds = last ? data.time - last.time : 0;
  const isNew = !last || last.startedAt !== data.startedAt ||
    !(seconds > 0 && seconds <= LOST_S);
  if (isNew) {
    recent = [];
    if (history.length > 0) {
      history.push({ time, values: CHARTS.map(({ series }) => series.map(() => undefined)),
        rates: new Map() });
    }
  }
  const old = isNew ? undefined : last;
  const first = isNew ? undefined : recent[0];
  history.push({ time,
    values: CHARTS.map((chart) => chart.of(data, old, seconds, first)),
    rates: rates(data, old, seconds) });
  while (time - history[0].time > KEPT_S) history.shift();
  recent.push(data);
  while (data.time - recent[0].time > WINDOW_S) recent.shift();
  if (cursor !== null) cursor = Math.min(cursor, history.length - 1);
}

// How the values of a chart lie upon each other, for each moment.
function layers(chart, at) {
  return history.map(({ values }) => {
    const own = values[at].slice();
    if (!chart.stacked) return own;
    let below = 0;
    return own.map((value) => value === undefined ? undefined : below += value);
  });
}

function draw() {
  if (history.length === 0) return;
  const [from, to] = span();
  const times = history.map(({ time }) => time);
  const shown = history[cursor ?? history.length - 1];
  CHARTS.forEach((chart, at) => {
    const all = layers(chart, at);
    const highest = Math.max(0, ...all.flat().filter((value) => value !== undefined));
    const top = chart.top ? chart.top(highest) : scaleEnd(highest, chart.base);
    chart.paths.forEach((path, i) => {
      const lower = !chart.stacked ? undefined
        : all.map((values) => i === 0 ? 0 : values[i - 1]);
      path.setAttribute("d", plotPath({ upper: all.map((values) => values[i]), lower,
        times, from, to, top, width: WIDTH, height: HEIGHT }));
    });
    const x = (shown.time - from) / (to - from) * WIDTH;
    chart.mark.setAttribute("x1", x);
    chart.mark.setAttribute("x2", x);
    chart.mark.classList.toggle("on", cursor !== null);
    const values = shown.values[at];
    say(chart.top_, (chart.topText ?? chart.text)(top));
    say(chart.from, "\u2212" + spanText(to - from));
    say(chart.value, chart.text(chart.head(values)));
    chart.values.forEach((element, i) => say(element, chart.text(values[i])));
    chart.plot.setAttribute("aria-label", chart.title + ": " + chart.series
      .map(([name], i) => name + " " + chart.text(values[i])).join(", "));
  });
  const slider = $("moment");
  slider.max = history.length - 1;
  if (cursor === null) slider.value = slider.max;
  const words = cursor === null ? "now" : clock(shown.time) + ", " +
    spanText(to - shown.time) + " ago";
  say($("when"), words);
  slider.setAttribute("aria-valuetext", words);
}

$("moment").addEventListener("input", ({ target }) => {
  cursor = Number(target.value) === history.length - 1 ? null : Number(target.value);
  draw();
});
`.trim();
