import { assert, assertEquals, assertThrows } from "@std/assert";
import { ErrorLines } from "../../soak/error_lines.ts";
import { extraProblem } from "../../soak/extra_site.ts";
import { Latencies } from "../../soak/latencies.ts";
import { parseOptions } from "../../soak/options.ts";
import { outcomesIn } from "../../soak/reloads.ts";
import { metric } from "../../soak/samples.ts";

Deno.test("ErrorLines: what is expected, and what is not", () => {
  const lines = new ErrorLines({ changes: (path) => path === "/s/in_place" });
  const at = "2026/11/25 15:50:52";
  const said = [
    `${at} [notice] 1#0: configuration reloaded`,
    `${at} [emerg] 1#0: unknown directive "rot" in webserv.conf:3`,
    `${at} [error] 1#0: the configuration was not reloaded, the old one is served`,
    `${at} [error] 1#0: the body of a response could not be continued: "/s/in_place" changed while it was sent`,
    `${at} [error] 1#0: the body of a response could not be continued: "/s/whole" changed while it was sent`,
    `${at} [alert] 1#0: log "x" is too slow, 1 lines dropped`,
    `${at} [warn] 1#0: something`,
    "a line of a stack",
  ];
  for (const text of said) lines.line(text);
  lines.fileEnd("");
  lines.fileEnd("2026/11");
  assertEquals([lines.refusals, lines.reasons, lines.changedFiles], [1, 1, 1]);
  assertEquals(lines.unexpected, [...said.slice(4), "cut: 2026/11"]);
});

Deno.test("extraProblem: whether the second site may be there", () => {
  const right = { kind: "answered", status: 200, text: "extra" } as const;
  const refused = { kind: "refused", error: "" } as const;
  assertEquals(extraProblem(right, [true]), undefined);
  assertEquals(extraProblem(right, [false, true]), undefined);
  assertEquals(extraProblem(refused, [true, false]), undefined);
  assertEquals(extraProblem(refused, [false]), undefined);
  assert(extraProblem(right, [false]) !== undefined);
  assert(extraProblem(refused, [true]) !== undefined);
  assert(extraProblem({ kind: "ended", error: "" }, [true]) !== undefined);
  assert(extraProblem({ ...right, status: 404 }, [true]) !== undefined);
  assert(extraProblem({ ...right, text: "" }, [true]) !== undefined);
});

Deno.test("Latencies are right within a class", () => {
  const latencies = new Latencies();
  for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
  for (const [share, ms] of [[0.5, 500], [0.99, 990], [1, 1000]] as const) {
    const below = latencies.below(share);
    assert(below >= ms && below <= ms * 1.06, `${share}: ${below}`);
  }
  assertEquals(latencies.worst, 1000);
  assertEquals(new Latencies().below(0.5), 0);
});

Deno.test("outcomesIn counts what was reloaded and refused", () => {
  const log = "x [notice] configuration reloaded\n" +
    "x [emerg] y\nx [error] the configuration was not reloaded, z\n" +
    "x [notice] configuration reloaded\n";
  assertEquals(outcomesIn(log), { done: 2, refused: 1 });
});

Deno.test("metric sums what has a name", () => {
  const page = '# HELP a b\na{s="1"} 2\na{s="2"} 3\nab 9\n';
  assertEquals(metric(page, "a{"), 5);
  assertEquals(metric(page, "ab "), 9);
});

Deno.test("parseOptions: defaults, values, and what is wrong", () => {
  assertEquals(parseOptions([], 7), {
    seconds: 60,
    workers: 1,
    use: "deno",
    program: undefined,
    seed: 7,
  });
  assertEquals(
    parseOptions(
      [
        "--seconds",
        "600",
        "--workers=2",
        "--use=epoll",
        "--program",
        Deno.execPath(),
        "--seed=0",
      ],
      7,
    ),
    {
      seconds: 600,
      workers: 2,
      use: "epoll",
      program: Deno.execPath(),
      seed: 0,
    },
  );
  const wrong = [
    ["--seconds", "0"],
    ["--seconds", "ten"],
    ["--seconds=1.5"],
    ["--workers", "0"],
    ["--use", "kqueue"],
    ["--use", ""],
    ["--seed", "-1"],
    ["--program", ""],
    ["--program", "/none/such"],
    ["--second", "3"],
    ["3"],
  ];
  for (const words of wrong) {
    assertThrows(() => parseOptions(words, 7), RangeError, "", words.join(" "));
  }
});
