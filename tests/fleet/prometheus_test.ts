/**
 * `packaging/prometheus/` and `packaging/grafana/`: rules and queries are right,
 * name what `metrics` really has, and come to something in a real Prometheus.
 */

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { parse } from "@std/yaml";
import { Authority } from "../support/certificates.ts";
import { withEventMethod } from "../support/event_method.ts";
import { freePorts } from "../support/free_ports.ts";
import { get } from "../support/raw_client.ts";
import { isInstalled, output } from "../support/programs.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";
import { packaged, PACKAGING } from "./packaged.ts";

const RULES = join(PACKAGING, "prometheus/webserv.rules.yml");
const RULE_TESTS = fromFileUrl(
  new URL("webserv.rules.test.yml", import.meta.url),
);

const HAS_PROMETHEUS = isInstalled("prometheus") && isInstalled("promtool");
const LEFT_OUT = HAS_PROMETHEUS
  ? ""
  : " (left out: prometheus is not installed)";

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

function rules(): Rule[] {
  const { groups } = parse(Deno.readTextFileSync(RULES)) as {
    groups: { rules: Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

interface Target {
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: Readonly<Record<"x" | "y" | "w" | "h", number>>;
  readonly targets?: readonly Target[];
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Panel[];
  readonly annotations: { readonly list: readonly Target[] };
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly query: unknown;
    }[];
  };
}

function dashboard(): Dashboard {
  return JSON.parse(
    Deno.readTextFileSync(join(PACKAGING, "grafana/webserv.json")),
  );
}

/** A query as Grafana sends it, for all instances. */
function asSent(expr: string): string {
  return expr.replaceAll("$__rate_interval", "1m")
    .replaceAll("$job", ".*").replaceAll("$instance", ".*");
}

/** All queries of the dashboard, with the panel that has them. */
function queries(): { title: string; expr: string }[] {
  const { panels, annotations } = dashboard();
  return [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr }) => ({ title, expr: asSent(expr) }))
    ),
    ...annotations.list.map(({ expr }) => ({
      title: "annotation",
      expr: asSent(expr),
    })),
  ];
}

/** The names of metrics in an expression of PromQL. */
function namesIn(expr: string): string[] {
  const rest = expr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, " ")
    .replaceAll(
      /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g,
      " ",
    );
  const words = rest.match(/(?<![\w:])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g) ?? [];
  const operators = new Set(["and", "or", "unless", "bool", "offset"]);
  return words.filter((word) => !operators.has(word));
}

/** Two instances that have everything metrics can be about. */
async function startInstances() {
  const ca = await Authority.create();
  await ca.issue("a", "a.test", 1);
  const [first, second, authority, challenges] = freePorts(4);
  const config = (port: number, form: string) =>
    withEventMethod(`
error_log error.log notice;
http {
    ${form}
    server {
        listen 127.0.0.1:${port};
        access_log off;
        location = /metrics { metrics; }
        location = /fault { return 500; }
        root www;
    }
}`);
  const https = `
    acme_issuer nobody {
        uri https://127.0.0.1:${authority}/;
        accept_terms_of_service;
        state_path acme;
    }
    server {
        listen 127.0.0.1:${challenges};
        server_name b.test;
        acme_certificate nobody;
    }
    server {
        listen 127.0.0.1:0 ssl;
        ssl_certificate a.crt;
        ssl_certificate_key a.key;
    }`;
  const a = await ServerProcess.start({
    config: config(first!, https),
    files: {
      "www/index.html": "here",
      "a.crt": Deno.readTextFileSync(ca.path("a.crt")),
      "a.key": Deno.readTextFileSync(ca.path("a.key")),
    },
  });
  ca[Symbol.dispose]();
  const b = await ServerProcess.start({
    config: config(second!, ""),
    files: { "www/index.html": "here" },
  });
  return { servers: [a, b], ports: [first!, second!] };
}

Deno.test("names of metrics are found in PromQL", () => {
  const rows: [expr: string, names: string[]][] = [
    ["up", ["up"]],
    ['sum by (job, a) (rate(x_total{b="c_d"}[5m]))', ["x_total"]],
    [
      "a / (b * on (job) group_left () c > bool 0) or d",
      ["a", "b", "c", "d"],
    ],
    ['job:a:rate5m{le!~"x"} - time()', ["job:a:rate5m"]],
  ];
  for (const [expr, names] of rows) assertEquals(namesIn(expr), names, expr);
});

Deno.test("every alert and recording rule has a test, each alert one that speaks", () => {
  const { tests } = parse(Deno.readTextFileSync(RULE_TESTS)) as {
    tests: {
      alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[];
      promql_expr_test?: { expr: string }[];
    }[];
  };
  const asked = tests.flatMap(({ alert_rule_test = [] }) => alert_rule_test);
  const exprs = tests.flatMap(({ promql_expr_test = [] }) =>
    promql_expr_test.map(({ expr }) => expr)
  ).join("\n");
  for (const { alert, record } of rules()) {
    if (record !== undefined) assert(exprs.includes(record), record);
    if (alert === undefined) continue;
    const of = asked.filter(({ alertname }) => alertname === alert);
    const speaking = of.filter(({ exp_alerts = [] }) => exp_alerts.length > 0);
    assert(speaking.length > 0 && speaking.length < of.length, alert);
  }
});

Deno.test("the panels of the dashboard stand beside each other", () => {
  const { panels, templating, uid } = dashboard();
  assertEquals(uid, "webserv-fleet");
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  const taken = new Map<string, string>();
  for (const { type, title, gridPos: { x, y, w, h }, targets } of panels) {
    assert(x >= 0 && x + w <= 24 && h > 0, title);
    for (let i = x; i < x + w; i++) {
      for (let j = y; j < y + h; j++) {
        assertEquals(taken.get(`${i} ${j}`), undefined, title);
        taken.set(`${i} ${j}`, title);
      }
    }
    assert(type === "row" || targets!.length > 0, title);
  }
  const known = templating.list.map(({ name }) => name);
  const text = JSON.stringify(panels);
  for (const [, name] of text.matchAll(/\$\{?(\w+)/g)) {
    assert([...known, "__rate_interval"].includes(name!), name);
  }
});

Deno.test({
  name: "promtool finds rules, configuration and queries right" + LEFT_OUT,
  ignore: !HAS_PROMETHEUS,
  async fn() {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    // Each query of the dashboard as a rule: promtool has to parse it.
    const file = join(folder, "queries.yml");
    Deno.writeTextFileSync(
      file,
      JSON.stringify({
        groups: [{
          name: "dashboard",
          rules: queries().map(({ expr }, i) => ({ record: `q:${i}`, expr })),
        }],
      }),
    );
    const config = join(PACKAGING, "prometheus/prometheus.yml");
    for (
      const args of [
        ["check", "config", config],
        ["check", "rules", RULES],
        ["check", "rules", file],
        ["test", "rules", RULE_TESTS],
      ]
    ) {
      const said = await output("promtool", ...args);
      assert(said.includes("SUCCESS") && !said.includes("FAILED"), said);
    }
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "rules and dashboard come to something in Prometheus" + LEFT_OUT,
  ignore: !HAS_PROMETHEUS,
  async fn() {
    const { servers, ports } = await startInstances();
    const [a, b] = servers;
    const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
    const [port] = freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    Deno.copyFileSync(RULES, join(folder, "webserv.rules.yml"));
    Deno.writeTextFileSync(
      join(folder, "prometheus.yml"),
      packaged("prometheus/prometheus.yml", {
        "15s": "1s",
        "10.0.0.11:9180": `127.0.0.1:${ports[0]}`,
        "10.0.0.12:9180": `127.0.0.1:${ports[1]}`,
      }),
    );
    const prometheus = new Deno.Command("prometheus", {
      args: [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      // The authority that nobody is has refused once.
      let text = "";
      await eventually(
        () => a!.read("error.log").includes("127.0.0.1"),
        "a certificate could not be had",
        20_000,
      );
      for (const each of ports) text += (await get(each, "/metrics")).text;
      const real = new Set(text.match(/^[a-z]\w*/gm));
      const recorded = rules().flatMap(({ record }) => record ?? []);
      // It is there from the first certificate that was issued on.
      const later = ["webserv_acme_last_success_timestamp_seconds"];
      const named = new Set(
        [...rules(), ...queries()].flatMap(({ expr }) => namesIn(expr)),
      );
      for (const name of named) {
        const isKnown = real.has(name) || recorded.includes(name) ||
          later.includes(name) || name === "up";
        assert(isKnown, `nothing is called ${name}`);
      }
      assert(named.size > 20);

      // A rate needs two looks, and traffic between them.
      const ask = async (expr: string): Promise<unknown[]> => {
        const answer = await fetch(
          `${url}/api/v1/query?query=${encodeURIComponent(expr)}`,
        );
        const { data, error } = await answer.json();
        assertEquals(error, undefined, expr);
        return data.result;
      };
      const wanted = [
        ...recorded.map((expr) => ({ title: expr, expr })),
        // Of a reload the annotation tells, and there was none yet.
        ...queries().filter(({ title }) => title !== "annotation"),
      ];
      const until = performance.now() + 30_000;
      let missing = wanted;
      while (missing.length > 0 && performance.now() < until) {
        for (const each of ports) {
          for (const path of ["/", "/fault"]) await get(each, path);
        }
        await new Promise((resolve) => setTimeout(resolve, 250));
        const left: typeof wanted = [];
        for (const query of missing) {
          const result = await ask(query.expr).catch((error) => {
            if (error instanceof TypeError) return []; // not up yet
            throw error;
          });
          if (result.length === 0) left.push(query);
        }
        missing = left;
      }
      assertEquals(missing, []);
      const up = await ask('sum(up{job="webserv"})') as { value: string[] }[];
      assertEquals(up[0]!.value[1], "2");

      // After a reload the annotation is there.
      a!.signal("SIGHUP");
      const note = queries().find(({ title }) => title === "annotation")!;
      while ((await ask(note.expr)).length === 0) {
        assert(performance.now() < until + 10_000, note.expr);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    } finally {
      prometheus.kill("SIGTERM");
      await prometheus.status;
      await a![Symbol.asyncDispose]();
      await b![Symbol.asyncDispose]();
      Deno.removeSync(folder, { recursive: true });
    }
  },
});
