/**
 * What keeps a server from its start, as its administrator reads it: nginx's
 * words, then the place, then what to do. `-t` and a start find the same, and
 * `-t` makes nothing.
 */

import { assertEquals } from "@std/assert";
import { checkConfiguration } from "../../src/cli/check.ts";
import { ConfigError, faultsOf } from "../../src/config/errors.ts";
import { Authority } from "../support/certificates.ts";
import { hasNginx } from "../support/nginx.ts";
import { runProgram, writeFiles } from "../support/server_process.ts";

interface Row {
  /** The configuration; `@` is its folder, `PORT` a port that is in use. */
  readonly config: string;
  /** What is said in front of the place, and in which line. */
  readonly message: string;
  /** The second line. */
  readonly hint?: string;
  /** Whether nginx says it in other words, or not at all. */
  readonly own?: true;
}

const PROCESS = "pid @/run.pid; error_log @/error.log; events { }\n";

function http(text: string): string {
  return `${PROCESS}http { access_log off;\n${text}\n}`;
}

function server(text: string): string {
  return http(`server { listen 127.0.0.1:FREE;\n${text}\n}`);
}

function tls(text: string): string {
  return http(`server { listen 127.0.0.1:FREE ssl;\n${text}\n}`);
}

const ROWS: Readonly<Record<string, Row>> = {
  "a port in use": {
    config: http("server { listen 127.0.0.1:PORT; }"),
    message:
      "bind() to 127.0.0.1:PORT failed (98: Address already in use) in @:3",
    hint: "another program listens there (\"ss -ltnp 'sport = :PORT'\" tells " +
      'which): stop it, or choose another port in "listen"',
    own: true, // nginx looks for it at the start only
  },
  "an address of another machine": {
    config: http("server { listen 192.0.2.77:FREE; }"),
    message: "bind() to 192.0.2.77:FREE failed (99: Cannot assign requested " +
      "address) in @:3",
    hint: "no interface of this machine has the address 192.0.2.77: choose " +
      'one that "ip addr" shows, or leave it out to take all',
  },
  "a log that is a folder": {
    config: http("server { listen 127.0.0.1:FREE; access_log @/www; }"),
    message: 'open() "@/www" failed (21: Is a directory) in @:3',
    hint: '"access_log" names it; expected the name of a file, and this is a ' +
      "folder",
  },
  "a log below a file": {
    config: http("server { listen 127.0.0.1:FREE; access_log @/www/a/b; }"),
    message: 'open() "@/www/a/b" failed (20: Not a directory) in @:3',
    hint: '"access_log" names it; a part of the path is a file and no folder',
  },
  "an error log that is a folder": {
    config: "pid @/run.pid;\nerror_log @/www;\nevents { }\nhttp { access_log " +
      "off; server { listen 127.0.0.1:FREE; } }",
    message: 'open() "@/www" failed (21: Is a directory) in @:2',
    hint: '"error_log" names it; expected the name of a file, and this is a ' +
      "folder",
  },
  "a pid file that is a folder": {
    config: "error_log @/error.log;\npid @/www;\nevents { }\nhttp { " +
      "access_log off; server { listen 127.0.0.1:FREE; } }",
    message: 'open() "@/www" failed (21: Is a directory) in @:2',
    hint: '"pid" names it; expected the name of a file, and this is a folder',
  },
  "a certificate that is missing": {
    config: tls("ssl_certificate @/none; ssl_certificate_key @/ca.key;"),
    message:
      'cannot load certificate "@/none" (2: No such file or directory) in @:4',
    hint: "relative paths begin at the prefix (-p), or else at the folder of " +
      "the configuration",
    own: true, // OpenSSL's words
  },
  "a key that is missing": {
    config: tls("ssl_certificate @/ca.crt;\nssl_certificate_key @/none;"),
    message: 'cannot load certificate key "@/none" (2: No such file or ' +
      "directory) in @:5",
    hint: "relative paths begin at the prefix (-p), or else at the folder of " +
      "the configuration",
    own: true,
  },
  "a key of another certificate": {
    config: tls("ssl_certificate @/ca.crt;\nssl_certificate_key @/other.key;"),
    message: 'cannot use certificate "@/ca.crt": the key does not fit the ' +
      "certificate in @:4",
    hint: "expected the server's own certificate first, and its private key",
    own: true,
  },
  "a certificate that is none": {
    config: tls("ssl_certificate @/www/a;\nssl_certificate_key @/ca.key;"),
    message: 'cannot load certificate "@/www/a" in @:4',
    hint: "expected a PEM file with BEGIN CERTIFICATE",
    own: true,
  },
  "no certificate": {
    config: tls(""),
    message: 'no "ssl_certificate" is defined for the "listen ... ssl" ' +
      "directive in @:3",
    hint: "every server of an address that speaks TLS needs one, or " +
      '"ssl_reject_handshake on"',
  },
  "no key": {
    config: tls("ssl_certificate @/ca.crt;"),
    message:
      'no "ssl_certificate_key" is defined for certificate "@/ca.crt" in @:4',
    hint: "expected the file of its private key",
  },
  "an included file that is missing": {
    config: server("include @/none.conf;"),
    message:
      'open() "@/none.conf" failed (2: No such file or directory) in @:4',
    hint: 'a pattern may name no file: "*.conf" for files that may be missing',
  },
  "an included file that is missing, relative": {
    config: server("include none.conf;"),
    message:
      'open() "@/none.conf" failed (2: No such file or directory) in @:4',
    hint: 'relative names begin at the folder "@"',
  },
  "an included folder": {
    config: server("include @/www;"),
    message: 'open() "@/www" failed (21: Is a directory) in @:4',
    hint: 'expected a file, or a pattern of names: "@/www/*.conf"',
    own: true, // pread()
  },
  "a file in another encoding": {
    config: server("add_header X caf\xe9;"),
    message: "invalid UTF-8 in a parameter in @:4",
    hint: "save the file as UTF-8",
    own: true, // nginx passes the bytes on
  },
  "a brace too few": {
    config: server("root @/www;").slice(0, -1),
    message: 'unexpected end of file, expecting "}" in @:6',
    hint: 'the block of "http" in line 2 is not closed',
  },
  "a brace too many": {
    config: server("root @/www;") + "\n}",
    message: 'unexpected "}" in @:7',
  },
  "a semicolon that is missing": {
    config: server("root @/www\nindex a;"),
    message: 'directive "root" is not terminated by ";" in @:4',
    hint: '"index" in line 5 is read as a parameter of it',
    own: true, // invalid number of arguments
  },
  "a quote that is not closed": {
    config: server('root "@/www;'),
    message: 'unexpected end of file, expecting ";" or "}" in @:6',
    hint: 'the " in line 4 has no closing "',
  },
  "a directive that nobody knows": {
    config: server("rot @/www;"),
    message: 'unknown directive "rot" in @:4',
    hint: 'did you mean "root"?',
  },
  "a directive in the wrong block": {
    config: server("location / { listen 80; }"),
    message: '"listen" directive is not allowed here in @:4',
    hint: "it may stand in: server",
  },
  "a directive with too many arguments": {
    config: server("root a b;"),
    message: 'invalid number of arguments in "root" directive in @:4',
    hint: "it takes 1, not 2",
  },
  "a size that is none": {
    config: server("client_max_body_size 10mb;"),
    message: '"client_max_body_size" directive invalid value in @:4',
    hint: '"10mb" is no size: expected bytes, or a number with k, m or g, as ' +
      "in 10m",
  },
  "a word that is none of two": {
    config: server("autoindex yes;"),
    message: 'invalid value "yes" in "autoindex" directive, it must be "on" ' +
      'or "off" in @:4',
  },
  "a directive for the second time": {
    config: server("root @/www;\nroot @/www;"),
    message: '"root" directive is duplicate in @:5',
    hint: "the first one is in @:4",
  },
  "a directive that would pass requests on": {
    config: server("location / { proxy_pass http://127.0.0.1:1; }"),
    message: 'directive "proxy_pass" is not supported by webserv in @:4',
    hint: "webserv serves files and asks no other server",
    own: true,
  },
};

/** A folder with the files of the rows, and ports. */
class Site implements Disposable {
  readonly folder: string = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  readonly file = `${this.folder}/x.conf`;
  readonly #taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #free: number;

  constructor(ca: Authority, other: Authority) {
    writeFiles(this.folder, {
      "www/a": "a",
      "ca.crt": Deno.readTextFileSync(ca.path("ca.crt")),
      "ca.key": Deno.readTextFileSync(ca.path("ca.key")),
      "other.key": Deno.readTextFileSync(other.path("ca.key")),
    });
    using free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#free = free.addr.port;
  }

  /** Writes a configuration, byte by byte. */
  write(config: string): void {
    const bytes = Uint8Array.from(
      this.filled(config),
      (letter) => letter.charCodeAt(0),
    );
    Deno.writeFileSync(this.file, bytes);
  }

  /** A text with the folder, the file and the ports in it. */
  filled(text: string): string {
    return text.replace(/@(?=:\d+$)/, this.file)
      .replaceAll("@", this.folder)
      .replaceAll("PORT", String(this.#taken.addr.port))
      .replaceAll("FREE", String(this.#free));
  }

  /** All files, with their folders. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  [Symbol.dispose](): void {
    this.#taken.close();
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** The first fault of the configuration, and how many there are. */
async function check(file: string): Promise<readonly unknown[]> {
  const source = { file, prefix: file.slice(0, file.lastIndexOf("/")) };
  try {
    const { faults } = await checkConfiguration(source, undefined, () => {});
    faults.throwIfFound();
  } catch (error) {
    return faultsOf(error);
  }
  return [];
}

async function nginxMessage(file: string): Promise<string | undefined> {
  const { stderr } = await new Deno.Command("nginx", {
    args: ["-t", "-c", file, "-e", "stderr"],
  }).output();
  return /\[\w+\] (?:\d+#\d+: )?(.*)/.exec(new TextDecoder().decode(stderr))
    ?.[1]?.replace(/ in \S+:\d+$/, "");
}

Deno.test("each failure has nginx's words, a place and what to do", async (t) => {
  using ca = await Authority.create();
  using other = await Authority.create();
  using site = new Site(ca, other);
  const withNginx = hasNginx();
  for (const [name, { config, message, hint, own }] of Object.entries(ROWS)) {
    await t.step(name, async () => {
      site.write(config);
      const before = site.names();
      const faults = await check(site.file);
      assertEquals(
        faults.map((fault) =>
          fault instanceof ConfigError && [fault.message, fault.hint]
        ),
        [[site.filled(message), hint && site.filled(hint)]],
      );
      assertEquals(site.names(), before);
      if (own || !withNginx) return;
      const words = site.filled(message).replace(/ in \S+:\d+$/, "");
      assertEquals(await nginxMessage(site.file), words);
      for (const file of ["run.pid", "error.log"]) {
        await Deno.remove(`${site.folder}/${file}`).catch(() => {});
      }
    });
  }
});

Deno.test("a start says what -t says", async () => {
  using ca = await Authority.create();
  using site = new Site(ca, ca);
  for (
    const name of [
      "a port in use",
      "a pid file that is a folder",
      "an error log that is a folder",
      "a log that is a folder",
      "a certificate that is missing",
      "a directive that nobody knows",
    ]
  ) {
    const { config, message, hint = "" } = ROWS[name]!;
    site.write(config);
    const { code, stderr } = await runProgram(["-c", site.file]);
    assertEquals([code, stderr], [
      1,
      `webserv: [emerg] ${site.filled(message)}\n         ` +
      `${site.filled(hint)}\n`,
    ], name);
  }
});

Deno.test("a byte order mark and CRLF are no mistakes", async () => {
  using ca = await Authority.create();
  using site = new Site(ca, ca);
  const config = server("root @/www;\nindex a b;").replaceAll("\n", "\r\n");
  site.write(`\xef\xbb\xbf${config}`);
  assertEquals(await check(site.file), []);
});
