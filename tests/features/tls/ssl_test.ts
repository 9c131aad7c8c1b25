import { assertEquals } from "@std/assert";
import {
  configured,
  errorOf,
  serverError,
} from "../../support/config_support.ts";

const BY_TICKETS = "sessions are resumed all the same, by tickets whose keys " +
  "the runtime makes, changes and keeps in memory";

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
      "ssl_verify_client maybe;",
      'invalid value "maybe" in "ssl_verify_client" directive, it must be ' +
      '"off", "on", "optional" or "optional_no_ca" in x.conf:1',
    ],
    [
      "ssl_ocsp leaf;",
      '"ssl_ocsp leaf" is not supported by webserv in x.conf:1',
    ],
    [
      "ssl_conf_command VerifyMode Require;",
      '"ssl_conf_command VerifyMode" is not supported by webserv in x.conf:1',
    ],
    [
      "ssl_conf_command MinProtocol TLSv1.3;",
      '"ssl_conf_command MinProtocol TLSv1.3" is not supported by webserv in ' +
      "x.conf:1",
    ],
    [
      "ssl_conf_command Verify x;",
      'unknown command "Verify" in "ssl_conf_command" in x.conf:1',
    ],
    [
      "ssl_session_cache shared;",
      'invalid session cache "shared" in x.conf:1',
    ],
    [
      "ssl_verify_depth x;",
      '"ssl_verify_depth" directive invalid number in x.conf:1',
    ],
    [
      "ssl_ecdh_curve X25519:x;",
      'unknown curve "x" in "ssl_ecdh_curve" in x.conf:1',
    ],
    [
      "ssl_ciphers !aNULL:!MD5;",
      'no cipher match in "ssl_ciphers !aNULL:!MD5" in x.conf:1',
    ],
    [
      "ssl_dhparam no.pem;",
      'cannot load "/x/no.pem" (2: No such file or directory) in x.conf:1',
    ],
    [
      "ssl_session_ticket_key no.key;",
      'cannot load "/x/no.key" (2: No such file or directory) in x.conf:1',
    ],
    [
      "ssl_session_timeout x;",
      '"ssl_session_timeout" directive invalid value in x.conf:1',
    ],
    [
      "ssl_session_tickets x;",
      'invalid value "x" in "ssl_session_tickets" directive, it must be "on" or "off" in x.conf:1',
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
      ssl_ecdh_curve X25519; ssl_buffer_size 4k;
      ssl_trusted_certificate chain.pem; ssl_stapling_verify on; ssl_ocsp off;
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
    ["ssl_session_cache off;", `"ssl_session_cache": ${BY_TICKETS}`],
    ["ssl_session_tickets off;", `"ssl_session_tickets": ${BY_TICKETS}`],
    [
      "ssl_session_timeout 5m;",
      '"ssl_session_timeout": sessions can be resumed for 12 hours',
    ],
    [
      "ssl_ecdh_curve secp521r1:P-256;",
      '"ssl_ecdh_curve": the curves are the runtime\'s own: X25519, ' +
      "prime256v1, secp384r1",
    ],
    [
      "ssl_conf_command Options -SessionTicket;",
      '"ssl_conf_command": the runtime\'s library is not OpenSSL, and takes ' +
      "no commands",
    ],
    ["ssl_stapling_file a;", '"ssl_stapling_file": no OCSP response is sent'],
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
