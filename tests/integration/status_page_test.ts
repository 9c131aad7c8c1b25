/** `status_page` of the real program, and in a browser. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Chromium } from "../support/chromium.ts";
import { freePorts } from "../support/free_ports.ts";
import { isInstalled } from "../support/programs.ts";
import { get, RawClient } from "../support/raw_client.ts";
import {
  eventually,
  ServerProcess,
  writeFiles,
} from "../support/server_process.ts";

const SKIPPED = Deno.build.os !== "linux";

/** More connections than one worker would ever get by chance alone. */
const CONNECTIONS = 24;

function configuration(port: number, more = ""): string {
  return `
worker_processes 2;
error_log logs/error.log;
access_log off;
${more}
server {
    listen 127.0.0.1:${port};
    server_name a.example;
    location = /status { status_page; }
    location / { return 200 x; }
}
server {
    listen 127.0.0.1:${port};
    server_name "<b>&b.example";
    return 404;
}
`;
}

/** Has a wrong configuration refused. */
async function refuse(server: ServerProcess, config: string): Promise<void> {
  writeFiles(server.folder, { "webserv.conf": config });
  server.signal("SIGHUP");
  await eventually(
    () => server.read("logs/error.log").includes("gzp"),
    "the reload is refused",
    10_000,
  );
}

Deno.test({
  name:
    "status_page: each of two workers knows of both, and of a reload that was refused",
  ignore: SKIPPED,
  async fn() {
    const [port] = freePorts(1);
    await using server = await ServerProcess.start({
      config: configuration(port!),
    });
    const clients = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => RawClient.connect(port!)),
    );
    for (const client of clients) {
      await client.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n");
      await client.response();
    }
    await refuse(server, configuration(port!, "gzp on;"));
    for (const [asked, client] of clients.entries()) {
      await client.send(
        "GET /status?format=json HTTP/1.1\r\nHost: a.example\r\n\r\n",
      );
      const data = JSON.parse((await client.response())!.text);
      assertEquals(data.workers.running, 2);
      assertEquals(
        data.workers.each.map(({ id }: { id: number }) => id),
        [1, 2],
      );
      const counts: number[] = data.workers.each
        .map(({ statuses }: { statuses: Record<string, number> }) =>
          statuses["2xx"]
        );
      assert(counts.every((count) => count > 0), counts.join());
      assertEquals(counts[0]! + counts[1]!, CONNECTIONS + asked);
      assertEquals(data.requests.statuses["2xx"], CONNECTIONS + asked);
      assertEquals(data.reload.refused, 1);
      assertMatch(
        data.reload.fault,
        /^unknown directive "gzp" in .*webserv\.conf:\d+/,
      );
      assert(data.reload.at >= data.reload.servedSince);
    }
    for (const client of clients) client.close();
  },
});

const CHROMIUM = isInstalled("chromium");

/** Where the page is asked what it shows. */
class Page {
  readonly #browser: Chromium;

  constructor(browser: Chromium) {
    this.#browser = browser;
  }

  text(selector: string): Promise<string> {
    return this.#browser.evaluate(
      `document.querySelector(${JSON.stringify(selector)}).innerText`,
    );
  }

  evaluate<T>(expression: string): Promise<T> {
    return this.#browser.evaluate<T>(expression);
  }

  async becomes(selector: string, pattern: RegExp): Promise<void> {
    const until = performance.now() + 20_000;
    let text = "";
    while (!pattern.test(text = await this.text(selector))) {
      if (performance.now() > until) {
        throw new Error(`${selector} is ${JSON.stringify(text)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What a page asks, and whether somebody sees it. */
const WATCH_PAGE = `
globalThis.asked = 0;
const real = globalThis.fetch;
globalThis.fetch = (...args) => { asked++; return real(...args); };
globalThis.isHidden = false;
Object.defineProperty(document, "hidden", { get: () => isHidden });
globalThis.hide = (value) => {
  isHidden = value;
  document.dispatchEvent(new Event("visibilitychange"));
  return asked;
};
`;

Deno.test({
  name:
    "status_page in Chromium: live, through a refused reload and a restart" +
    (CHROMIUM ? "" : " (left out: no Chromium)"),
  ignore: SKIPPED || !CHROMIUM,
  async fn() {
    const [port] = freePorts(1);
    const config = configuration(port!);
    const first = await ServerProcess.start({ config });
    await using browser = await Chromium.start();
    const page = new Page(browser);
    await browser.open(`http://127.0.0.1:${port}/status`);
    await page.becomes("#state", /^serving$/);
    await page.evaluate(WATCH_PAGE);

    // Names are texts, whatever they have in them.
    assertMatch(await page.text("#servers"), /<b>&b\.example/i);
    assertEquals(
      await page.evaluate(
        `document.querySelectorAll("#workers tbody tr").length`,
      ),
      2,
    );
    assertMatch(await page.text("#outcome"), /no reload since the start/);
    assertMatch(
      await page.text("#certificates"),
      /No server has a certificate/,
    );

    // The numbers move.
    for (let i = 0; i < 30; i++) await get(port!, "/");
    await page.becomes(
      "#servers tbody tr:first-child td:last-child",
      /^[3-9]\d$/,
    );
    assertMatch(await page.text(".chart .now strong"), /^[\d.]+( k)?$/);
    assertMatch(
      await page.evaluate<string>(
        `document.querySelector(".chart svg").getAttribute("aria-label")`,
      ),
      /^Requests per second: 2xx [\d.]+, 3xx 0, 4xx 0, 5xx 0, other 0$/,
    );
    assertMatch(
      await page.evaluate<string>(
        `document.querySelector(".chart path").getAttribute("d")`,
      ),
      /^M[\d.]+ [\d.]+L/,
    );

    await refuse(first, configuration(port!, "gzp on;"));
    await page.becomes("#alerts", /reload refused/);
    await page.becomes("#fault", /unknown directive "gzp"/);

    // Who looks back sees that moment, until the slider is at its end.
    await page.evaluate(
      `const slider = document.getElementById("moment"); slider.value = 0;
      slider.dispatchEvent(new Event("input", { bubbles: true }))`,
    );
    assertMatch(await page.text("#when"), /^\d\d:\d\d:\d\d, .* ago$/);
    await page.evaluate(
      `document.getElementById("moment").value = 1e6;
      document.getElementById("moment").dispatchEvent(new Event("input"))`,
    );
    assertEquals(await page.text("#when"), "now");

    // Nobody is asked for a page that nobody sees, or that is paused.
    for (
      const stop of ["hide(true)", `document.getElementById("pause").click()`]
    ) {
      await page.evaluate(stop);
      assertEquals(await page.evaluate("hide(isHidden) - asked"), 0);
      const before = await page.evaluate<number>("asked");
      assertEquals(await page.evaluate("hide(isHidden)"), before);
      await page.evaluate(
        stop === "hide(true)" ? "hide(false)" : stop,
      );
      await page.becomes("#state", /^serving$/);
      while (await page.evaluate<number>("asked") === before) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    const moments = () =>
      page.evaluate<number>(`Number(document.getElementById("moment").max)`);
    const known = await moments();
    await first.stop();
    await page.becomes("#state", /^no answer since \d\d:\d\d:\d\d$/);
    writeFiles(first.folder, { "webserv.conf": config });
    await using _second = await ServerProcess.startIn(first.folder, {});
    await page.becomes("#state", /^serving$/);
    await page.becomes("#alerts", /^$/);
    assert(await moments() > known, "what was seen before is still known");
    // The counters began anew: that is a gap, and nothing below it.
    assertMatch(
      await page.evaluate<string>(
        `document.querySelectorAll(".chart")[2].querySelector("path:nth-of-type(3)")
          .getAttribute("d")`,
      ),
      /^M[^M]+M[^M]+/,
    );
    // Nothing that the policy forbids was tried.
    assertEquals(
      await page.evaluate(
        `new Promise((resolve) => {
          const seen = [];
          new ReportingObserver((reports) => seen.push(...reports),
            { types: ["csp-violation"], buffered: true }).observe();
          setTimeout(() => resolve(seen.length), 0);
        })`,
      ),
      0,
    );
  },
});
