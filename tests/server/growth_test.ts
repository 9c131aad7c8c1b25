/**
 * What reading and compiling a configuration costs as it grows: eight times
 * the statements must not take much more than eight times as long, in no
 * direction in which real configurations grow.
 */

import { assert } from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import type { Recording } from "../../src/config/recording.ts";
import { finish, STATEMENTS_PER_STEP } from "../../src/config/steps.ts";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  prepareGenerationSteps,
  readConfigurationSteps,
} from "../../src/server/setup/configuration.ts";

/** How much larger the second configuration is. */
const FACTOR = 8;

/** Quadratic growth would be 64. */
const MOST = 28;

/** Measured so often; the fastest counts. */
const ROUNDS = 3;

/** How often it is measured again when the machine was too busy. */
const ATTEMPTS = 4;

/** Many of something: `i` is its number. */
function many(count: number, each: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => each(i)).join("\n");
}

/** A line of `geo`, the last network first. */
function network(i: number): string {
  return `${200 - (i >> 16)}.${255 - (i >> 8 & 255)}.${
    255 - (i & 255)
  }.0/24 v;`;
}

function server(content: string): string {
  return `http { access_log off; server { listen 8080; ${content} } }`;
}

/** Kinds of configurations, with the number of the smaller one. */
const KINDS: Readonly<
  Record<string, readonly [count: number, text: (count: number) => string]>
> = {
  "servers with wildcards": [250, (count) =>
    `http { access_log off; ${
      many(
        count,
        (i) =>
          `server { listen 8080; server_name *.n${i}.example .d${i}.example ` +
          `w${i}.*; location / { } }`,
      )
    } }`],
  "servers of one name, with warnings": [
    250,
    (count) =>
      `http { access_log off; ${
        many(count, () => "server { listen 8080; server_name a; }")
      } }`,
  ],
  "addresses": [
    250,
    (count) =>
      `http { access_log off; ${
        many(
          count,
          (i) => `server { listen ${1000 + i}; listen [::]:${1000 + i}; }`,
        )
      } }`,
  ],
  "names of one server": [
    2000,
    (count) => server(many(count, (i) => `server_name n${i}.example;`)),
  ],
  "names of one statement": [
    2000,
    (count) => server(`server_name ${many(count, (i) => `n${i}.example`)};`),
  ],
  "exact locations": [
    500,
    (count) => server(many(count, (i) => `location = /${i} { return 200; }`)),
  ],
  "prefix locations": [
    500,
    (count) => server(many(count, (i) => `location /${i}/ { return 200; }`)),
  ],
  "regular expressions": [
    500,
    (count) => server(many(count, (i) => `location ~ ^/${i}/ { return 200; }`)),
  ],
  "nested locations": [500, (count) =>
    server(
      many(count, (i) => `location /${i} { location /${i}/a { return 200; } }`),
    )],
  "locations with the rules of a long list": [250, (count) =>
    server(
      many(count * 4, (i) => `deny 10.${i >> 8}.${i & 255}.0/24;`) +
        many(count, (i) => `location /${i} { }`),
    )],
  "rewrites": [
    1000,
    (count) => server(many(count, (i) => `rewrite ^/${i}$ /x${i};`)),
  ],
  "conditions": [
    1000,
    (count) => server(many(count, (i) => `if ($arg_a = ${i}) { return 200; }`)),
  ],
  "fields": [
    2000,
    (count) => server(many(count, (i) => `add_header X-${i} ${i};`)),
  ],
  "error pages": [
    2000,
    (count) => server(many(count, (i) => `error_page 404 /${i};`)),
  ],
  "formats of logs": [
    1000,
    (count) =>
      `http { access_log off; ${
        many(count, (i) => `log_format f${i} "$status ${i}";`)
      } server { listen 8080; } }`,
  ],
  "entries of types": [
    2000,
    (count) => server(`types { ${many(count, (i) => `a/b${i} e${i};`)} }`),
  ],
  "lines of map": [
    500,
    (count) =>
      `http { map $uri $m { ${many(count, (i) => `/a${i} /b${i};`)} } }`,
  ],
  "networks of geo": [
    500,
    (count) => `http { geo $g { ${many(count, network)} } }`,
  ],
  "mistakes": [
    500,
    (count) => server(many(count, (i) => `charset ${i} ${i};`)),
  ],
};

/** How long reading and compiling take, in ms. */
function measure(text: string | Recording): number {
  const started = performance.now();
  const silent = () => {};
  const recording = typeof text === "string"
    ? { texts: new Map([["/x.conf", text]]), listings: new Map() }
    : text;
  const source = { file: "/x.conf", prefix: "/", recording };
  try {
    const configuration = finish(readConfigurationSteps(source, silent));
    const { environment } = finish(
      prepareGenerationSteps(configuration, silent),
    );
    environment.logs.close();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return performance.now() - started;
}

function fastest(text: string | Recording): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => measure(text)));
}

/** A file for each server, all in one folder. */
function includes(count: number): Recording {
  const names = Array.from({ length: count }, (_, i) => `${i}.conf`);
  return {
    texts: new Map([
      ["/x.conf", "access_log off; include /d/*.conf; include /d/*.conf;"],
      ...names.map((name) =>
        [`/d/${name}`, `server { server_name n${name}; }\n`] as const
      ),
    ]),
    listings: new Map([["/d", names]]),
  };
}

function checkGrowth(
  count: number,
  textOf: (count: number) => string | Recording,
): void {
  const seen: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const small = fastest(textOf(count));
    const large = fastest(textOf(count * FACTOR));
    if (large / small < MOST) return;
    seen.push(`${small.toFixed(1)} and ${large.toFixed(1)} ms`);
  }
  throw new Error(`more than linear: ${seen.join(", ")}`);
}

Deno.test("a configuration grows in linear time: included files", () => {
  checkGrowth(250, includes);
});

for (const [name, [count, textOf]] of Object.entries(KINDS)) {
  Deno.test(`a configuration grows in linear time: ${name}`, () => {
    checkGrowth(count, textOf);
  });
}

Deno.test("each server and each location is a step of its own", () => {
  const text = `http { access_log off; ${
    many(
      200,
      (i) => `server { listen 8080; server_name n${i}; location / { } }`,
    )
  } }`;
  const source = {
    file: "x.conf",
    prefix: "/",
    statements: parseConfig(text, "x.conf"),
  };
  const reading = readConfigurationSteps(source, () => {});
  let steps = 0;
  let read = reading.next();
  for (; read.done !== true; steps++) read = reading.next();
  assert(steps >= 200, `${steps} steps to read`);
  const compiling = prepareGenerationSteps(read.value, () => {});
  steps = 0;
  let compiled = compiling.next();
  for (; compiled.done !== true; steps++) compiled = compiling.next();
  compiled.value.environment.logs.close();
  assert(steps >= 400, `${steps} steps to compile`);
});

Deno.test("long blocks of entries are read in steps", () => {
  const blocks = {
    map: `map $uri $m { ${many(6400, (i) => `/a${i} /b${i};`)} }`,
    geo: `geo $g { ${many(6400, network)} }`,
  };
  for (const [name, block] of Object.entries(blocks)) {
    const reading = readConfigurationSteps({
      file: "x.conf",
      prefix: "/",
      statements: parseConfig(`http { ${block} }`, "x.conf"),
    }, () => {});
    let steps = 0;
    while (reading.next().done !== true) steps++;
    assert(steps >= 6400 / STATEMENTS_PER_STEP, `${name}: ${steps}`);
  }
});
