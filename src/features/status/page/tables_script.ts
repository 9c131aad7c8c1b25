/**
 * The part of the status page's script that fills its tables and asks the
 * server, every two seconds and only while somebody looks.
 */

/** The script: tables, and the questions. */
export const TABLES_SCRIPT: string = String.raw`
const MAX_ROWS = 50, SOON_S = 14 * 86400;
const keyOf = (one) => "id" in one
  ? "worker " + one.id + " " + one.startedAt : one.listen + " " + one.name;
const countOf = ({ statuses }) => Object.values(statuses).reduce((a, b) => a + b, 0);

// Requests per second of each worker and server.
function rates(now, old, seconds) {
  const before = new Map(old ? old.workers.each.concat(old.servers)
    .map((one) => [keyOf(one), countOf(one)]) : []);
  return new Map(now.workers.each.concat(now.servers).map((one) =>
    [keyOf(one), rate(before.get(keyOf(one)), countOf(one), seconds)]));
}

// What one has done in the last ten seconds.
function lately(list, one) {
  const { time } = recent.at(-1);
  const first = recent.length > 1
    ? list(recent[0]).find((other) => keyOf(other) === keyOf(one)) : undefined;
  const seconds = time - recent[0].time;
  const all = rate(first && countOf(first), countOf(one), seconds);
  const part = (key) => share(
    rate(first && first.statuses[key], one.statuses[key], seconds), all);
  const below = (q) => quantile(growth(first && first.durations, one.durations),
    recent.at(-1).durationBounds, q);
  return { all, part, below,
    sent: rate(first && first.sentBytes, one.sentBytes, seconds) };
}

function trend(one) {
  const [from, to] = span();
  const upper = history.map(({ rates }) => rates.get(keyOf(one)));
  const top = Math.max(1e-9, ...upper.filter((value) => value !== undefined));
  const plot = make("svg", { viewBox: "0 -2 100 28", preserveAspectRatio: "none",
    class: "lines trend", "aria-hidden": "true" });
  plot.append(make("path", { class: "one", d: plotPath({ upper,
    times: history.map(({ time }) => time), from, to, top, width: 100, height: 24 }) }));
  return plot;
}

// Rows of cells (texts, or elements), the first one naming the row.
function fill(id, heads, rows, none) {
  const body = $(id).tBodies[0];
  if ($(id).tHead.rows.length === 0) {
    $(id).tHead.append(make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head))));
  }
  if (rows.length === 0) {
    body.replaceChildren(make("tr", {}, make("td", { colspan: heads.length, class: "none" }, none)));
    return;
  }
  body.replaceChildren(...rows.map((cells) => make("tr", {}, ...cells.map((cell, i) =>
    i === 0 ? make("th", { scope: "row" }, ...[].concat(cell))
      : make("td", { "data-head": heads[i] }, ...[].concat(cell))))));
}
const badge = (tone, text) => make("span", { class: "badge " + tone }, text);
const moment = (seconds) => day(seconds) + " " + clock(seconds);

function showServers(data) {
  // Of many the busiest, in the order of the configuration.
  const busiest = new Set(data.servers.toSorted((a, b) => countOf(b) - countOf(a))
    .slice(0, MAX_ROWS));
  const rows = data.servers.filter((one) => busiest.has(one)).map((one) => {
    const { all, part, below, sent } = lately((other) => other.servers, one);
    return [[one.name, make("small", {}, one.listen)], countText(all), trend(one),
      shareText(part("4xx")), shareText(part("5xx")), latencyText(below(0.5)),
      latencyText(below(0.99)), bytesText(sent), countText(countOf(one))];
  });
  fill("servers", ["Server", "Requests/s", "Trend", "4xx", "5xx", "p50", "p99",
    "Sent/s", "Requests"], rows, "No server has counted anything.");
  const more = data.servers.length - rows.length;
  say($("more"), more > 0 ? more + " more, with fewer requests, are in the JSON." : "");
}

function showWorkers(data) {
  fill("workers", ["Worker", "Requests/s", "Trend", "Connections", "p50", "p99",
    "Loop lag", "Heap in use", "Running for"], data.workers.each.map((one) => {
    const { all, below } = lately((other) => other.workers.each, one);
    return [String(one.id), countText(all), trend(one), countText(one.connections),
      latencyText(below(0.5)), latencyText(below(0.99)),
      secondsText(one.eventLoopLagSeconds), bytesText(one.heapUsedBytes),
      spanText(data.time - one.startedAt)];
  }), "No worker has answered.");
}

function showCertificates(data) {
  const of = (name) => data.gauges[name] ?? [];
  const expiries = of("webserv_certificate_expiry_timestamp_seconds")
    .toSorted((a, b) => a.value - b.value);
  fill("certificates", ["Certificate", "State", "Expires"], expiries
    .map(({ labels, value }) => {
      const left = value - data.time;
      return [labels.file, left <= 0 ? badge("bad", "expired")
        : badge(left < SOON_S ? "odd" : "good", spanText(left) + " left"), moment(value)];
    }), "No server has a certificate.");
  const orders = new Map();
  for (const [name, key] of [["last_success", "last"], ["last_failure", "failed"],
    ["next_attempt", "next"]]) {
    for (const { labels, value } of of("webserv_acme_" + name + "_timestamp_seconds")) {
      const id = JSON.stringify([labels.issuer, labels.names]);
      orders.set(id, { ...orders.get(id), labels, [key]: value });
    }
  }
  $("orders").closest("section").hidden = orders.size === 0;
  fill("orders", ["Names", "Issuer", "State", "Issued", "Failed last", "Next"],
    [...orders.values()].map(({ labels, last, failed, next }) => [labels.names, labels.issuer,
      failed > (last ?? 0) ? badge("bad", "failing")
        : last === undefined ? badge("odd", "asked for") : badge("good", "issued"),
      last === undefined ? "never" : moment(last),
      failed === undefined ? "never" : moment(failed),
      next === undefined || next <= data.time ? "now" : moment(next)]), "");
}

function showLimits(data) {
  const met = [...Object.entries(data.limits), ...Object.entries(data.timeouts)
    .map(([kind, count]) => [kind + " timeout", count])].filter(([, count]) => count > 0);
  fill("limits", ["Limit or deadline", "Times reached"], met.map(([kind, count]) =>
    [kind.replaceAll("_", " "), countText(count)]), "None has been reached.");
  fill("budgets", ["What for", "Bytes", "Budget", "Used"], Object.entries(data.memory)
    .filter(([, { bytes, budget }]) => bytes > 0 && budget > 0).map(([kind, { bytes, budget }]) =>
      [kind.replaceAll("_", " "), bytesText(bytes), bytesText(budget),
        [make("meter", { max: budget, value: bytes, "aria-hidden": "true" }),
          make("span", { class: "part" }, shareText(bytes / budget))]]), "Nothing.");
}

function showReload({ reload: { at, fault, servedSince, done, refused } }) {
  const isRefused = fault !== null;
  $("reload").classList.toggle("refused", isRefused);
  say($("outcome"), isRefused
    ? "The last reload, at " + moment(at) + ", was refused: the configuration before it is still in force."
    : at === null ? "There has been no reload since the start."
    : "The last reload, at " + moment(at) + ", succeeded.");
  say($("reloads"), "The configuration has been in force since " + moment(servedSince) +
    ". Reloads: " + done + " succeeded, " + refused + " refused.");
  $("fault").hidden = !isRefused;
  say($("fault"), fault ?? "");
}

// What somebody has to look at, and where.
function showAlerts({ reload, gauges, time }) {
  const ends = (gauges["webserv_certificate_expiry_timestamp_seconds"] ?? [])
    .map(({ value }) => value - time);
  const alerts = [
    [reload.fault !== null, "bad", "reload refused", "reload"],
    [ends.some((left) => left <= 0), "bad", "certificate expired", "certificates"],
    [ends.some((left) => left > 0 && left < SOON_S), "odd",
      "certificate expires soon", "certificates"],
  ].filter(([isSo]) => isSo);
  const texts = alerts.map(([, , text]) => text).join();
  if ($("alerts").dataset.texts === texts) return;
  $("alerts").dataset.texts = texts;
  $("alerts").replaceChildren(...alerts.map(([, tone, text, id]) =>
    make("a", { class: "badge " + tone, href: "#" + id }, text)));
}

function state(tone, text) {
  $("state").className = "badge " + tone;
  say($("state"), text);
}

function show(data) {
  draw();
  if (data.draining) state("odd", "draining");
  else state("good", "serving");
  say($("about"), "webserv " + data.version + ", Deno " + data.deno + ", running for " +
    spanText(data.time - data.startedAt) + ", " + data.workers.running +
    (data.workers.running === 1 ? " worker" : " workers") +
    (data.workers.restarts > 0 ? ", " + data.workers.restarts +
      (data.workers.restarts === 1 ? " restart" : " restarts") : "") +
    (data.process.openDescriptors === null ? "" : ", " + data.process.openDescriptors + " open files"));
  showAlerts(data);
  showReload(data);
  showServers(data);
  showWorkers(data);
  showCertificates(data);
  showLimits(data);
}

let timer = 0, isPaused = false, isAsking = false, answeredAt = 0;
async function ask() {
  clearTimeout(timer);
  if (isAsking || isPaused || document.hidden) return;
  isAsking = true;
  try {
    const answer = await fetch("?format=json", { cache: "no-store",
      signal: AbortSignal.timeout(3 * POLL_MS) });
    if (!answer.ok) throw new Error("status " + answer.status);
    const data = await answer.json();
    answeredAt = Date.now() / 1000;
    take(data);
    show(data);
  } catch (error) {
    const since = answeredAt > 0 ? " since " + clock(answeredAt) : "";
    state("bad", /^status/.test(error.message)
      ? "answers with " + error.message : "no answer" + since);
  }
  isAsking = false;
  timer = setTimeout(ask, POLL_MS);
}
$("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  $("pause").setAttribute("aria-pressed", isPaused);
  if (isPaused) state("soft", "paused");
  else ask();
});
document.addEventListener("visibilitychange", ask);
ask();
`.trim();
