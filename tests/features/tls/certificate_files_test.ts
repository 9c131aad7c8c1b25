import { assertEquals } from "@std/assert";
import { ConfigErrors } from "../../../src/config/errors.ts";
import { FaultList } from "../../../src/config/fault_list.ts";
import type { ConfigError } from "../../../src/config/errors.ts";
import { ownTls } from "../../../src/features/tls/server_certificates.ts";
import { configured } from "../../support/config_support.ts";
import { Pki } from "../../support/pki.ts";

/** The files of a table: what stands in each. */
async function filesOf(pki: Pki): Promise<void> {
  await pki.root("root");
  await pki.issue("root", "a", "subjectAltName=DNS:a.test");
  await pki.issue("root", "b", "subjectAltName=DNS:b.test");
  const lock = (name: string, ...how: string[]) =>
    pki.openssl(
      ...["pkcs8", "-topk8", "-in", "a.key", "-out", `${name}.key`],
      ...["-passout", "pass:secret", ...how],
    );
  await lock("locked");
  await lock("oldlock", "-v1", "PBE-SHA1-3DES");
  await pki.openssl(
    "x509",
    "-in",
    "a.crt",
    "-outform",
    "DER",
    "-out",
    "der.crt",
  );
  const [cert, key, root] = ["a.crt", "a.key", "root.crt"].map((name) =>
    pki.text(name)
  );
  const lines = cert!.split("\n");
  const files: Record<string, string> = {
    "bom.crt": `\ufeff${cert}`,
    "crlf.crt": cert!.replaceAll("\n", "\r\n"),
    "text.crt": `subject=a\n${cert}the end`,
    "keyfirst.crt": key! + cert!,
    "empty.crt": "",
    "order.crt": root! + cert!,
    "broken.crt": lines.toSpliced(2, 1).join("\n"),
    "chain.crt": `${cert}${root!.replace(/(-\n)..../, "$1AAAA")}`,
    "bom.key": `\ufeff${key}`,
    "right": "other\r\nsecret\r\n",
    "wrong": "other\n",
  };
  for (const [name, text] of Object.entries(files)) {
    Deno.writeTextFileSync(`${pki.folder}/${name}`, text);
  }
  Deno.mkdirSync(`${pki.folder}/folder`);
}

/** Certificate, key, what else there is, and what is said: nginx has the same verdict. */
const ROWS: readonly (readonly [
  cert: string,
  key: string,
  message: string | undefined,
  hint?: string | undefined,
  more?: string,
])[] = [
  ["a.crt", "a.key", undefined],
  ["bom.crt", "bom.key", undefined],
  ["crlf.crt", "a.key", undefined],
  ["text.crt", "a.key", undefined],
  ["keyfirst.crt", "keyfirst.crt", undefined],
  [
    "empty.crt",
    "a.key",
    'cannot load certificate "@/empty.crt"',
    "the file is empty: expected a PEM file",
  ],
  [
    "der.crt",
    "a.key",
    'cannot load certificate "@/der.crt"',
    "it is in DER: openssl can turn it into PEM (-inform DER)",
  ],
  [
    "folder",
    "a.key",
    'cannot load certificate "@/folder" (21: Is a directory)',
    "expected the file in it",
  ],
  [
    "order.crt",
    "a.key",
    'cannot use certificate "@/order.crt": the key does not fit the certificate',
    "the key is that of certificate 2 in the file: expected the server's own " +
    "certificate first",
  ],
  [
    "a.crt",
    "b.key",
    'cannot use certificate "@/a.crt": the key does not fit the certificate',
    "expected the server's own certificate first, and its private key",
  ],
  [
    "broken.crt",
    "a.key",
    'cannot load certificate "@/broken.crt": certificate 1 in it is broken ' +
    "(it is cut short)",
    "expected what the authority has issued, unchanged",
  ],
  [
    "chain.crt",
    "a.key",
    'cannot load certificate "@/chain.crt": certificate 2 in it is broken ' +
    "(it is not made as it should be)",
    "expected what the authority has issued, unchanged",
  ],
  [
    "a.key",
    "a.key",
    'cannot load certificate "@/a.key"',
    "expected a PEM file with BEGIN CERTIFICATE; there is only a key",
  ],
  [
    "a.crt",
    "a.crt",
    'cannot load certificate key "@/a.crt"',
    "expected a PEM file with BEGIN PRIVATE KEY; there is only a certificate",
  ],
  ["a.crt", "locked.key", undefined, undefined, "ssl_password_file @/right;"],
  [
    "a.crt",
    "locked.key",
    'certificate key "@/locked.key" is encrypted',
    'expected "ssl_password_file" with its password, or a PEM file without one',
  ],
  [
    "a.crt",
    "locked.key",
    'certificate key "@/locked.key" cannot be decrypted: none of the ' +
    'passwords in "@/wrong" is right',
    "expected its password on a line of its own",
    "ssl_password_file @/wrong;",
  ],
  [
    "a.crt",
    "oldlock.key",
    'certificate key "@/oldlock.key" cannot be decrypted ' +
    "(error:1E08010C:DECODER routines::unsupported)",
    "the runtime cannot read keys encrypted in this way: openssl pkcs8 " +
    "-topk8 -v2 aes-256-cbc writes one that it can",
    "ssl_password_file @/right;",
  ],
  [
    "a.crt",
    "locked.key",
    'cannot load password file "@/none" (2: No such file or directory)',
    "relative paths begin at the prefix (-p), or else at the folder of the " +
    "configuration",
    "ssl_password_file @/none;",
  ],
  [
    "a.crt",
    "a.key",
    'no "ssl_client_certificate" for "ssl_verify_client"',
    "expected the file with the authorities of clients",
    "ssl_verify_client on;",
  ],
  [
    "a.crt",
    "a.key",
    'cannot load client certificates "@/a.key"',
    "expected a PEM file with BEGIN CERTIFICATE; there is only a key",
    "ssl_verify_client on; ssl_client_certificate @/a.key;",
  ],
  [
    "a.crt",
    "a.key",
    'cannot load certificate revocation list "@/root.crt"',
    "expected a PEM file with BEGIN X509 CRL",
    "ssl_crl @/root.crt;",
  ],
  ["a.crt", "a.key", undefined, undefined, "ssl_verify_client optional_no_ca;"],
];

Deno.test("files of certificates and keys: what is wrong, where, what to do", async (t) => {
  using pki = await Pki.create();
  await filesOf(pki);
  for (const [cert, key, message, hint, more = ""] of ROWS) {
    await t.step(`${cert}, ${key} ${more}`, () => {
      const main = configured(
        `http { server { ssl_certificate @/${cert};
           ssl_certificate_key @/${key}; ${more} } }`
          .replaceAll("@", pki.folder),
      );
      const [server] = main.descendantsOf("server");
      const faults = new FaultList();
      faults.attempt(() => ownTls(server!));
      const found = faults.found ? firstOf(faults) : undefined;
      const told = (text: string | undefined) =>
        text?.replaceAll(pki.folder, "@");
      assertEquals(told(found?.what), message);
      assertEquals(told(found?.hint), hint);
    });
  }
});

function firstOf(faults: FaultList): ConfigError {
  try {
    faults.throwIfFound();
  } catch (error) {
    if (error instanceof ConfigErrors) return error.errors[0]!;
    return error as ConfigError;
  }
  throw new Error("nothing was found");
}

Deno.test("data: has the text itself, and needs no file", async () => {
  using pki = await Pki.create();
  await pki.root("root");
  const main = configured(
    `http { server { ssl_certificate "data:${pki.text("root.crt")}";
       ssl_certificate_key "data:${pki.text("root.key")}"; } }`,
  );
  const [server] = main.descendantsOf("server");
  const { tls, chains } = ownTls(server!);
  assertEquals(tls?.kind, "certificate");
  assertEquals(chains[0]?.certificates.length, 1);
});
