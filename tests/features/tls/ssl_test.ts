import { assertEquals } from "@std/assert";
import {
  configured,
  errorOf,
  serverError,
} from "../../support/config_support.ts";

Deno.test("ssl directives: what is not supported is an error", () => {
  const rows: [text: string, message: string][] = [
    [
      "ssl_certificate data:$cert;",
      '"ssl_certificate data:$cert" is not supported by webserv in x.conf:1',
    ],
    [
      "ssl_certificate_key engine:x:y;",
      '"ssl_certificate_key engine:x:y" is not supported by webserv in x.conf:1',
    ],
    ["ssl_protocols TLSv9;", 'invalid value "TLSv9" in x.conf:1'],
    [
      "ssl_verify_client optional;",
      '"ssl_verify_client optional" is not supported by webserv in x.conf:1',
    ],
    [
      "ssl on;",
      'the "ssl" directive is not supported in x.conf:1',
    ],
  ];
  for (const [text, message] of rows) assertEquals(serverError(text), message);
});

Deno.test("ssl directives: what changes nothing is accepted", () => {
  assertEquals(
    serverError(`
      ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client off; ssl off;
      ssl_session_cache shared:SSL:10m; ssl_session_timeout 1d;
      ssl_session_tickets off; ssl_prefer_server_ciphers on;
      ssl_dhparam dh.pem; ssl_ecdh_curve X25519; ssl_buffer_size 4k;
      ssl_trusted_certificate chain.pem; ssl_stapling_verify on;
      ssl_early_data off; ssl_stapling off; http2 off;`),
    "no error",
  );
});

Deno.test("ssl directives: what is asked for in vain is warned of", () => {
  const rows: [text: string, warning: string][] = [
    ["ssl_ciphers HIGH;", '"ssl_ciphers": the suites are the runtime\'s own'],
    ["ssl_early_data on;", '"ssl_early_data": early data is not taken'],
    ["ssl_stapling on;", '"ssl_stapling": no OCSP response is sent'],
    ["http3 on;", '"http3": QUIC is not spoken'],
    [
      "ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;",
      '"ssl_protocols": TLSv1.1 is not spoken',
    ],
    ["ssl_protocols TLSv1.2;", '"ssl_protocols": TLSv1.3 is spoken too'],
    [
      "ssl_client_certificate a.pem;",
      'the "ssl_client_certificate" directive has no effect, ignored: ' +
      "clients are not asked for certificates",
    ],
    [
      "ssl_certificate a.pem; ssl_certificate b.pem;",
      'only the first "ssl_certificate" of a server is used',
    ],
    [
      "listen 443 ssl http2;",
      'the "listen ... http2" directive is deprecated, use the "http2" ' +
      "directive instead",
    ],
    [
      "listen 443 ssl; listen 443 quic reuseport;",
      'the "quic" parameter of "listen": QUIC is not spoken',
    ],
  ];
  for (const [text, warning] of rows) {
    const warnings: string[] = [];
    configured(`http { server { ${text} } }`, warnings);
    assertEquals(warnings, [`${warning} in x.conf:1`]);
  }
});

Deno.test("ssl directives may stand in http and server, not in a location", () => {
  assertEquals(errorOf("http { ssl_certificate a.pem; }"), "no error");
  assertEquals(
    serverError("location / { ssl_certificate a.pem; }"),
    '"ssl_certificate" directive is not allowed here in x.conf:1',
  );
});
