/** What is told of requests: every kind of step, with its line. */

import { assertEquals, assertRejects } from "@std/assert";
import { trace } from "../../src/core/trace.ts";
import { explain, type Explanation } from "../../src/explain/explain.ts";
import { NO_SINK } from "../../src/server/setup/preflight.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";

const TEXT = `map $http_x $kind {
  default other;
  ~^a     first;
}
limit_req_zone $binary_remote_addr zone=z:1m rate=1r/s;
access_log off;
add_header X-Outer 1;
server {
  listen 80;
  server_name e.example *.e.example;
  root www;
  error_page 404 /404.html;
  if ($kind = first) {
    set $a "$kind";
  }
  rewrite ^/old/(.*)$ /new/$1 last;
  location / {
    try_files $uri $uri/ @app;
    limit_req zone=z;
  }
  location /new/ {
    allow 192.0.2.0/24;
    deny all;
    rewrite ^/new/(.*)$ /page.html break;
    expires 1h;
  }
  location ~ \\.php$ {
    return 301 /x;
  }
  location ~ ^/page {
    add_header X-Inner 1;
  }
  location @app {
    return 410;
  }
  location /v/ {
    gzip_static on;
    gzip on;
    gzip_types *;
  }
}
server {
  listen 80;
  server_name ~^www\\.e\\.;
  return 444;
}
server {
  listen 127.0.0.2:80;
  return 204;
}
server {
  listen 82;
  listen [::]:82;
  root www;
  location /said { return 200 here; }
}
server {
  listen 82 default_server;
  return 421;
}
server {
  listen 8443 ssl;
  ssl_reject_handshake on;
}
server {
  listen 83;
  root www;
  location /v/ { autoindex on; }
  location /page.html {
    expires 1h;
    add_header Cache-Control public;
    add_header Cache-Control "x=$status";
  }
}
geo $where {
  default far;
  203.0.113.0/24 "näher";
}
split_clients $remote_addr $half {
  * all;
}
types {
  text/html html;
}
server {
  listen 84;
  root www;
  server_tokens off;
  default_type text/x-usual;
  location /fields/ {
    alias www/;
    add_header X-Where $where;
    add_header X-Half $half;
    add_header X-Lines "one
      two";
    more_set_headers "X-More: three
      four";
  }
  location /text {
    set $a "é $where";
    return 200 text;
  }
  location /away/ {
    error_page 404 https://away.example/$uri;
  }
  location /round {
    rewrite ^/round(.*)$ /round/x$1 last;
  }
  location = /whole/ {
    allow all;
    index /page.html;
  }
  location /rules/ {
    limit_rate 10k;
    valid_referers none a.example;
    secure_link $arg_m;
    secure_link_md5 x;
    location /rules/none/ {
      limit_rate 0;
    }
  }
  location = /random/ {
    alias www/v/;
    random_index on;
    index none;
  }
  location /moved/ {
    rewrite ^/moved(.*)$ $1 break;
  }
}
`;

async function explained(
  target: string,
  { host = "e.example", port = 80, secure = false, ...rest }: {
    readonly host?: string;
    readonly port?: number;
    readonly secure?: boolean;
    readonly method?: string;
    readonly from?: string;
    readonly fields?: readonly { name: string; value: string }[];
  } = {},
): Promise<Explanation> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.mkdirSync(`${folder}/www`);
    Deno.mkdirSync(`${folder}/www/v`);
    for (const name of ["page.html", "404.html", "v/a", "v/a.gz", "v/b"]) {
      Deno.writeTextFileSync(`${folder}/www/${name}`, name.repeat(9));
    }
    const file = `${folder}/x.conf`;
    Deno.writeTextFileSync(file, TEXT);
    const configuration = readConfiguration(
      { file, prefix: folder },
      () => {},
    );
    const generation = prepareGeneration(configuration, () => {}, {
      openLog: () => NO_SINK,
    });
    const found = await explain(configuration, generation, {
      target,
      host,
      port,
      secure,
      ...rest,
    });
    generation.environment.files.clear();
    generation.environment.files.stop();
    return JSON.parse(JSON.stringify(found).replaceAll(`${folder}/`, ""));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The steps in short. */
function inShort({ steps }: Explanation): string[] {
  return steps.map(({ kind, text, place }) =>
    `${kind} ${place?.split(":")[1] ?? "-"} ${text}`
  );
}

Deno.test("explain() tells rewrites, access and the file, with their lines", async () => {
  const found = await explained("/old/a", {
    from: "192.0.2.7",
    fields: [{ name: "x", value: "abc" }],
  });
  assertEquals(inShort(found), [
    "listener 9 0.0.0.0:80: it is for the other addresses of the port",
    "near 48 not 127.0.0.2:80: it is only for connections to that address",
    'server 10 e.example: "e.example" is the host',
    'map 3 $kind is "first" for "abc"',
    "if 13 ($kind = first) holds",
    'set 14 $a is "first"',
    'rewrite 16 "^/old/(.*)$" matches "/old/a"',
    'rewrite 16 the URI is now "/new/a"',
    'location 21 location /new/ for "/new/a": the longest prefix, and no ' +
    "expression matches",
    "near 17 not location /: a shorter prefix of it",
    'rewrite 24 "^/new/(.*)$" matches "/new/a"',
    'rewrite 24 the URI is now "/page.html"',
    "access 22 192.0.2.7 is allowed",
    "file 11 www/page.html: file",
  ]);
  assertEquals(found.status, 200);
  assertEquals(found.file, "www/page.html");
  const places = Object.fromEntries(
    found.fields.map(({ name, place }) => [name, place]),
  );
  assertEquals(places["Cache-Control"], "x.conf:25");
  assertEquals(places["X-Outer"], "x.conf:7");
  assertEquals(places["ETag"], null);
});

Deno.test("explain() tells who is refused, and what nearly was the server", async () => {
  const found = await explained("/old/a", { host: "www.e.example" });
  assertEquals(inShort(found).slice(2, 4), [
    'server 10 e.example: "*.e.example" is the longest wildcard for the host',
    'near 44 not ~^www\\.e\\.: "~^www\\.e\\." is for it too, but comes later',
  ]);
  assertEquals(inShort(found).slice(-2), [
    "access 23 203.0.113.77 is denied",
    "error - 403: access forbidden by rule",
  ]);
  assertEquals(found.status, 403);
});

Deno.test("explain() tells what is tried, rules, and the way to an error page", async () => {
  const found = await explained("/a");
  assertEquals(inShort(found).slice(6), [
    'location 17 location / for "/a": the longest prefix, and no expression ' +
    "matches",
    "rule 19 limit_req zone=z;",
    "file 11 www/a: missing",
    'try_files 18 file "/a" is not there',
    "file 11 www/a: missing",
    'try_files 18 directory "/a" is not there',
    'try_files 18 nothing is there: on to "@app"',
    "redirect 18 within the server, to @app",
    'location 33 location @app for "@app": it was called by name',
    "return 34 410",
    "error - 410: return says so",
  ]);
  const page = await explained("/page.x");
  assertEquals(inShort(page).slice(6, 13), [
    'location 30 location ~ ^/page for "/page.x": the first expression that ' +
    "matches",
    "near 17 not location /: a prefix of it, but an expression comes first",
    "file 11 www/page.x: missing",
    'error - 404: open() "www/page.x" failed (2: No such file or directory)',
    "error_page 12 /404.html",
    "redirect 12 within the server, to /404.html",
    "if 13 ($kind = first) does not hold",
  ]);
  assertEquals([page.status, page.file], [404, "www/404.html"]);
});

Deno.test("explain() tells redirects, and connections that are closed", async () => {
  const moved = await explained("/a.php");
  assertEquals(moved.status, 301);
  assertEquals(
    moved.fields.find(({ name }) => name === "Location"),
    { name: "Location", value: "http://e.example/x", place: "x.conf:28" },
  );
  const closed = await explained("/", { host: "www.e.com" });
  assertEquals([closed.status, closed.fields], [444, []]);
  const other = await explained("/a.php", { host: "nobody.example" });
  assertEquals(
    inShort(other)[2],
    'server 8 e.example: no name at this address is for "nobody.example", ' +
      "so it is the default",
  );
});

Deno.test("explain() tells of handshakes that are refused, and of listings", async () => {
  const refused = await explained("/", { secure: true, port: 8443 });
  assertEquals(inShort(refused).slice(2), [
    "handshake 63 refused: ssl_reject_handshake on;",
  ]);
  assertEquals([refused.status, refused.fields], [444, []]);
  const listed = await explained("/v/", { port: 83 });
  assertEquals(inShort(listed).at(-1), "file 68 www/v/: listed");
  assertEquals(listed.status, 200);
});

Deno.test("explain() tells the line of each of several fields of a name", async () => {
  const { fields } = await explained("/page.html", { port: 83 });
  assertEquals(
    fields.filter(({ name }) => name === "Cache-Control")
      .map(({ value, place }) => [value, place]),
    [
      ["max-age=3600", "x.conf:70"],
      ["public", "x.conf:71"],
      ["x=200", "x.conf:72"],
    ],
  );
});

Deno.test("explain() takes the address that the URL names", async () => {
  const found = await explained("/", { host: "127.0.0.2" });
  assertEquals(inShort(found).slice(0, 2), [
    "listener 48 127.0.0.2:80: the URL names it",
    "near 9 not 0.0.0.0:80: it is for the other addresses of the port",
  ]);
  assertEquals(found.status, 204);
});

Deno.test("explain() takes the address of the client's family", async () => {
  const rows: [from: string | undefined, host: string, status: number][] = [
    [undefined, "nobody.example", 421],
    ["192.0.2.1", "nobody.example", 421],
    ["2001:db8::1", "nobody.example", 200],
    [undefined, "[2001:db8::2]", 200],
  ];
  for (const [from, host, status] of rows) {
    const found = await explained("/page.html", {
      host,
      port: 82,
      ...(from === undefined ? {} : { from }),
    });
    const isIpv6 = status === 200;
    assertEquals(inShort(found).slice(0, 2), [
      (isIpv6 ? "listener 53 [::]:82" : "listener 52 0.0.0.0:82") +
      `: it is for the other addresses of the port, by ${
        isIpv6 ? "IPv6" : "IPv4"
      }`,
      "near " +
      (isIpv6 ? "52 not 0.0.0.0:82" : "53 not [::]:82") +
      `: it is for the other addresses of the port, by ${
        isIpv6 ? "IPv4" : "IPv6"
      }`,
    ]);
    assertEquals(found.status, status);
  }
});

Deno.test("explain() names the file that is sent, and none where none is", async () => {
  const at = { host: "nobody.example", port: 82, from: "2001:db8::1" };
  assertEquals((await explained("/page.html", at)).file, "www/page.html");
  assertEquals((await explained("/said/page.html", at)).file, null);
  const part = await explained("/page.html", {
    ...at,
    fields: [{ name: "range", value: "bytes=0-1" }],
  });
  assertEquals([part.status, part.file], [206, "www/page.html"]);
});

Deno.test("explain() says where nothing listens, and leaves no trace on", async () => {
  await assertRejects(
    () => explained("/", { port: 81 }),
    RangeError,
    "nothing listens for http at port 81; there is http at 0.0.0.0:80, " +
      "http at 127.0.0.2:80",
  );
  await assertRejects(
    () => explained("/", { secure: true, port: 443 }),
    RangeError,
    "nothing listens for https at port 443",
  );
  for (
    const [target, host] of [["/", "a b"], ["/../..", "a"], ["/%zz", "a"]]
  ) {
    const { status, steps } = await explained(target!, { host: host! });
    assertEquals([status, steps.at(-1)?.kind], [400, "error"], target);
  }
  assertEquals(trace.steps, undefined);
});

Deno.test("explain() tells which variant is sent, and why", async () => {
  const rows: [target: string, accepted: string, step: string, file: string][] =
    [
      [
        "/v/a",
        "gzip",
        'variant 37 the "gzip" sibling, which the client accepts',
        "www/v/a.gz",
      ],
      [
        "/v/a",
        "identity",
        "variant 37 the file as it is: the client accepts no compressed sibling",
        "www/v/a",
      ],
      [
        "/v/b",
        "gzip",
        'variant 38 compressed now as "gzip", which the client accepts',
        "www/v/b",
      ],
      [
        "/v/b",
        "br",
        "variant 38 not compressed: the client accepts none of gzip",
        "www/v/b",
      ],
    ];
  for (const [target, accepted, step, file] of rows) {
    const found = await explained(target, {
      fields: [{ name: "accept-encoding", value: accepted }],
    });
    const variants = inShort(found).filter((one) => one.startsWith("variant"));
    assertEquals(variants[0], step, `${target} ${accepted}`);
    assertEquals(found.file, file);
  }
});

/** Requests, and the lines of fields of their answers. */
const FIELD_PLACES: readonly (readonly [
  target: string,
  places: Readonly<Record<string, number | null>>,
])[] = [
  [
    "/fields/page.html",
    {
      "Server": 88,
      "Content-Type": 83,
      "X-Where": 92,
      "X-Half": 93,
      // They are sent on one line.
      "X-Lines": 94,
      "X-More": 96,
    },
  ],
  ["/v/a", { "Content-Type": 89 }],
  ["/text", { "Content-Type": 89 }],
  ["/fields/none", { "Content-Type": null }],
  ["/away/none", { "Location": 104 }],
  // It is for the folder that is there, whatever the path was before.
  ["/moved/v", { "Location": null }],
];

Deno.test("explain() tells the lines that fields come from", async () => {
  for (const [target, places] of FIELD_PLACES) {
    const { fields } = await explained(target, { port: 84 });
    for (const [name, line] of Object.entries(places)) {
      const field = fields.find((each) => each.name === name);
      const place = line === null ? null : `x.conf:${line}`;
      assertEquals(field?.place, place, `${target} ${name}`);
    }
  }
});

Deno.test("explain() tells the values of geo and split_clients, as text", async () => {
  const { steps } = await explained("/fields/page.html", { port: 84 });
  assertEquals(inShort({ steps } as Explanation).slice(-2), [
    'geo 77 $where is "näher" for "203.0.113.77"',
    'split_clients 80 $half is "all" for "203.0.113.77"',
  ]);
  const text = await explained("/text", { port: 84 });
  assertEquals(
    inShort(text).filter((step) => step.startsWith("set")),
    ['set 100 $a is "é näher"'],
  );
});

Deno.test("explain() tells the rules that are in force", async () => {
  const said = ["114 limit_rate 10k;", "115 valid_referers none a.example;"];
  const rows = [["/rules/a", said[0]!], ["/rules/none/a", undefined]] as const;
  for (const [target, rate] of rows) {
    const found = inShort(await explained(target, { port: 84 }))
      .filter((step) => step.startsWith("rule "));
    assertEquals(
      found,
      [rate, said[1], "116 secure_link $arg_m;"]
        .flatMap((line) => line === undefined ? [] : `rule ${line}`),
    );
  }
});

Deno.test("explain() tells the line that stands for a folder", async () => {
  for (const [target, line] of [["/whole/", 111], ["/random/", 124]] as const) {
    const { steps } = await explained(target, { port: 84 });
    const redirect = steps.find(({ kind }) => kind === "redirect");
    assertEquals(redirect?.place, `x.conf:${line}`, target);
  }
});

Deno.test("explain() tells the round of a rewrite once", async () => {
  const found = await explained("/round", { port: 84 });
  assertEquals(found.status, 500);
  const kinds = found.steps.map(({ kind }) => kind);
  assertEquals(kinds.slice(kinds.indexOf("location")), [
    "location",
    "rewrite",
    "rewrite",
    "redirect",
    "again",
    "error",
  ]);
});
