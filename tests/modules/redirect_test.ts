import { assertAnswers, serve } from "./serving.ts";

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
