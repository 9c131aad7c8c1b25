import { assertEquals } from "@std/assert";
import { safeReference } from "../../src/core/redirect.ts";
import { InProcessServer } from "../support/in_process_server.ts";
import { ask, get } from "../support/raw_client.ts";
import { assertAnswers, serve } from "../support/serving.ts";

Deno.test("safeReference() leaves nothing that a browser reads otherwise", () => {
  const rows: [reference: string, safe: string][] = [
    ["/a/b?c=d#e", "/a/b?c=d#e"],
    ["http://a.example/x", "http://a.example/x"],
    ["/\\evil", "/%5Cevil"],
    ["\\\\evil", "%5C%5Cevil"],
    ["/\t/evil", "/%09/evil"],
    ["\t//evil", "%09//evil"],
    [" //evil", "%20//evil"],
    ["/\x01\x0b\x0c\x1f\x7f", "/%01%0B%0C%1F%7F"],
    // Refused by the field.
    ["/a\r\nX: y\0", "/a\r\nX:%20y\0"],
    // In a query a backslash is one.
    ["/a\\b?c\\d", "/a%5Cb?c\\d"],
    ["/?\\", "/?\\"],
    ["/#\\", "/#\\"],
    // Bytes beyond ASCII go as they came.
    ["/\xc3\xbc\xff", "/\xc3\xbc\xff"],
    ["/%5C%09", "/%5C%09"],
    ["", ""],
  ];
  for (const [reference, safe] of rows) {
    assertEquals(safeReference(reference), safe, reference);
  }
});

Deno.test("no redirect leads to a host that nobody named", async () => {
  const locations = `
    location /uri/ { rewrite ^/uri(.*)$ $1; return 301 $uri; }
    location /args { return 302 $arg_to; }
    location ~ ^/capture/(.*)$ { return 303 $1; }
    location /rewrite/ { rewrite ^/rewrite(.*)$ $1 redirect; }
    location /page/ { error_page 404 http://b.example$uri; return 404; }
    location /away/ { return 307 http://b.example$uri; }
    location /raw/ { return 308 $request_uri; }`;
  const files = {
    "www/\\evil/x": "",
    "www/\t/evil/x": "",
    "www/a\r\nb/x": "",
    "www/evil/x": "",
  };
  const rows: [target: string, path: string][] = [
    ["/%5Cevil", "/%5Cevil/"],
    ["/\\evil", "/%5Cevil/"],
    ["/%09/evil", "/%09/evil/"],
    ["/a%0D%0Ab", "/a%0D%0Ab/"],
    ["//evil", "/%2Fevil/"],
    ["/uri/%5Cevil", "/%5Cevil"],
    ["/uri//evil", "/%2Fevil"],
    ["/uri/%09/evil", "/%09/evil"],
    ["/args?to=//evil", "/%2Fevil"],
    ["/args?to=/\\evil", "/%5Cevil"],
    ["/rewrite/%5Cevil", "/%5Cevil"],
    ["/rewrite//evil", "/%2Fevil"],
    ["/rewrite/%09/evil", "/%09/evil"],
    ["/raw/\\evil", "/raw/%5Cevil"],
    // Not rooted, so neither of them is a host.
    ["/args?to=\\/evil", "%5C/evil"],
    ["/capture/%09//evil", "%09//evil"],
    ["/capture/%20//evil", "%20//evil"],
    ["/page/%5C%0bx", "http://b.example/page/%5C%0Bx"],
    ["/away/%5C%7fx", "http://b.example/away/%5C%7Fx"],
  ];
  for (const absolute of ["on", "off"]) {
    await using server = serve(
      `merge_slashes off; absolute_redirect ${absolute}; ${locations}`,
      files,
    );
    const { port } = server;
    const origin = absolute === "on" ? `http://a.example:${port}` : "";
    for (const [target, path] of rows) {
      const { status, field } = await get(port, target);
      assertEquals(status >= 301 && status <= 308, true, target);
      const location = field("location")!;
      // With a host before it, two slashes are a path.
      const expected = origin !== "" && !target.startsWith("//") &&
          path.startsWith("/%2F")
        ? `//${path.slice(4)}`
        : path;
      assertEquals(
        location,
        path.startsWith("/") ? origin + expected : path,
        `${target}, absolute_redirect ${absolute}`,
      );
      const url = new URL(location, "http://a.example/");
      assertEquals(/^(?:a|b)\.example$/.test(url.hostname), true, location);
    }
    for (const path of ["/uri/", "/page/", "/away/"]) {
      for (const split of ["%0d%0aX:y", "%0aX:y", "%0dX:y", "%0a%0a<hr>"]) {
        const { status, fields, text } = await get(port, path + split);
        // Where the page of an error cannot be made, the error has its own.
        assertEquals(status, path === "/page/" ? 404 : 500, path + split);
        assertEquals(fields.some(([name]) => name === "x"), false);
        assertEquals(text.includes("<hr>"), false);
      }
    }
  }
});

Deno.test("redirects always name a host", async () => {
  const names = [
    // `server_name`, the host with server_name_in_redirect, and `$server_name`.
    ["_", "a.example", "_"],
    ['""', "a.example", ""],
    ["*.wild.example", "a.example", "*.wild.example"],
    ["~^x(.*)$", "a.example", "~^x(.*)$"],
    [".dot.example", "dot.example", "dot.example"],
    ["own.example other.example", "own.example", "own.example"],
    ["_ own.example", "own.example", "_"],
    ["~^x$ *.y.example Own.example.", "own.example", "~^x$"],
  ];
  for (const [name, own, variable] of names) {
    await using server = new InProcessServer({
      config: `access_log off; server {
        listen 127.0.0.1:0; server_name ${name};
        location /own { server_name_in_redirect on; return 301 /x; }
        location /host { return 301 http://$host/x; }
        location /name { return 301 http://$server_name/x; }
        location /rewrite { rewrite ^ http://$host/x? permanent; }
        location /page { error_page 404 http://$host/x; return 404; }
        location /text { return 200 "$host $server_name"; }
        location / { return 301 /x; }
      }`,
    });
    const { port } = server;
    const bare = (path: string) => ask(port, `GET ${path} HTTP/1.0\r\n\r\n`);
    const nameless = own === "a.example" ? "127.0.0.1" : own;
    const rows: [path: string, location: string, without: string][] = [
      ["/", `a.example:${port}`, `127.0.0.1:${port}`],
      ["/own", `${own}:${port}`, `${nameless}:${port}`],
      ["/host", "a.example", nameless!],
      ["/name", own!, nameless!],
      ["/rewrite", "a.example", nameless!],
      ["/page", "a.example", nameless!],
    ];
    for (const [path, location, without] of rows) {
      const answers = [await get(port, path), await bare(path)];
      assertEquals(
        answers.map(({ field }) => field("location")),
        [`http://${location}/x`, `http://${without}/x`],
        `server_name ${name}, ${path}`,
      );
    }
    assertEquals((await get(port, "/text")).text, `a.example ${variable}`);
    assertEquals((await bare("/text")).text, `${variable} ${variable}`);
  }
});

Deno.test("redirects write IPv6 addresses in brackets", async () => {
  await using server = new InProcessServer({
    config: "access_log off; server { listen [::1]:0; return 301 /x; }",
  });
  const { port } = server;
  using socket = await Deno.connect({ hostname: "::1", port });
  await socket.write(new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
  const text = await new Response(socket.readable).text();
  assertEquals(
    /\r\nLocation: (.*)\r\n/.exec(text)?.[1],
    `http://[::1]:${port}/x`,
  );
});

Deno.test("redirects: absolute_redirect, port_in_redirect, server_name_in_redirect", async () => {
  await using server = serve(
    `
    server_name first.example second.example;
    location /sub { }
    location /rel { absolute_redirect off; return 301 /to; }
    location /relsub { absolute_redirect off; alias www/sub; }
    location /noport { port_in_redirect off; return 301 /to; }
    location /name { server_name_in_redirect on; return 301 /to; }
    location /both { server_name_in_redirect on; port_in_redirect off; return 301 /to; }
    location /double { absolute_redirect off; return 301 //other.example/; }
    location /url { absolute_redirect off; return 301 http://other.example/x; }
    `,
    { "www/sub/index.html": "sub" },
  );
  await assertAnswers(server, [
    ["/sub", "301", "location: http://a.example:PORT/sub/"],
    ["/sub | Host: B.example:1234", "location: http://b.example:PORT/sub/"],
    ["/sub | Host: [::1]", "location: http://[::1]:PORT/sub/"],
    ["/rel", "location: /to"],
    ["/relsub", "location: /relsub/"],
    ["/relsub?a=b", "location: /relsub/?a=b"],
    ["/noport", "location: http://a.example/to"],
    ["/name", "location: http://first.example:PORT/to"],
    ["/both", "location: http://first.example/to"],
    // It would lead to another host, which nobody asked for.
    ["/double", "location: /%2Fother.example/"],
    ["/url", "location: http://other.example/x"],
  ]);
});

Deno.test("merge_slashes is that of the server the request is for", async () => {
  await using server = serve("merge_slashes off; location /sub/ { }", {
    "www/a.txt": "a",
    "www/sub/x.txt": "x",
  });
  await assertAnswers(server, [
    ["/a.txt", "200", "a"],
    ["//a.txt", "200", "a"],
    ["//sub", "301", "location: http://a.example:PORT/%2Fsub/"],
    ["/sub//x.txt", "200", "x"],
  ]);
  await using merging = serve(
    "location = /sub/x.txt { return 200 merged; }",
    { "www/a.txt": "a" },
  );
  await assertAnswers(merging, [["//sub///x.txt", "200", "merged"]]);
});
