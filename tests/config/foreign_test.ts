import { assertEquals } from "@std/assert";
import { defineDirective } from "../../src/config/directive.ts";
import { type ForeignFate, foreignFate } from "../../src/config/foreign.ts";
import { build, failure } from "./config_support.ts";

Deno.test("foreignFate() knows what nginx's directives mean here", () => {
  const rows: [fate: ForeignFate | undefined, names: string][] = [
    [
      "silent",
      `accept_mutex aio client_body_buffer_size client_body_temp_path
       connection_pool_size daemon directio master_process msie_padding
       multi_accept output_buffers pcre_jit postpone_output read_ahead
       request_pool_size reset_timedout_connection sendfile
       sendfile_max_chunk server_names_hash_bucket_size
       server_names_hash_max_size tcp_nodelay tcp_nopush thread_pool
       timer_resolution types_hash_bucket_size types_hash_max_size use
       variables_hash_bucket_size variables_hash_max_size
       worker_cpu_affinity worker_priority worker_rlimit_nofile`,
    ],
    ["warned", "gzip_disable user worker_connections worker_processes"],
    [
      "refused",
      `allow auth_basic auth_request deny fastcgi_pass fastcgi_param geo
       grpc_pass if js_content limit_conn limit_except limit_rate limit_req
       load_module mail map memcached_pass perl proxy_cache proxy_pass
       proxy_set_header rewrite satisfy scgi_pass secure_link set
       split_clients ssi ssl_certificate ssl_verify_client stream sub_filter
       upstream uwsgi_pass valid_referers xslt_stylesheet`,
    ],
    [
      undefined,
      `nonsense proxy fast_cgi Sendfile __proto__ constructor include http
       events`,
    ],
  ];
  for (const [fate, names] of rows) {
    for (const name of names.split(/\s+/)) {
      assertEquals(foreignFate(name), fate, name);
    }
  }
  assertEquals(foreignFate(""), undefined);
});

Deno.test("buildConfig() accepts what means nothing here, anywhere", () => {
  const { warnings } = build(
    `daemon off; daemon on; master_process off;
     events { use epoll; multi_accept on; }
     http { sendfile on; aio threads=default; types_hash_max_size 2048; }`,
  );
  assertEquals(warnings, []);
});

Deno.test("buildConfig() warns of what has no effect", () => {
  const { warnings } = build("user www-data;\nworker_processes auto;");
  assertEquals(warnings, [
    'the "user" directive has no effect, ignored in x.conf:1',
    'the "worker_processes" directive has no effect, ignored in x.conf:2',
  ]);
});

Deno.test("buildConfig() says what is wrong with a foreign directive", () => {
  const rows: [text: string, message: string][] = [
    [
      "http { proxy_pass http://a; }",
      'directive "proxy_pass" is not supported by webserv in x.conf:1',
    ],
    ["allow;", 'directive "allow" is not supported by webserv in x.conf:1'],
    ["map {}", 'directive "map" is not supported by webserv in x.conf:1'],
    [
      "sendfile;",
      'invalid number of arguments in "sendfile" directive in x.conf:1',
    ],
    [
      "sendfile on {}",
      'directive "sendfile" is not terminated by ";" in x.conf:1',
    ],
    ["user {}", 'directive "user" is not terminated by ";" in x.conf:1'],
  ];
  for (const [text, message] of rows) {
    assertEquals(failure(() => build(text)).message, message, text);
  }
});

Deno.test("buildConfig() prefers a module's own declaration", () => {
  for (const name of ["sendfile", "user", "proxy_pass", "allow"]) {
    const own = defineDirective<string>({
      name,
      contexts: ["main"],
      args: [1, 1],
      default: "",
      parse: ({ args: [word = ""] }) => word,
    });
    const { scope, warnings } = build(`${name} x;`, [own]);
    assertEquals([scope.get(own), warnings], ["x", []], name);
  }
});
