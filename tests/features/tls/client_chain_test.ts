import { assertEquals } from "@std/assert";
import { chainFault } from "../../../src/features/tls/client_chain.ts";
import { derOf, revocationsIn } from "../../../src/features/tls/pem.ts";
import { readRevocations } from "../../../src/features/tls/revocations.ts";
import { readCertificate } from "../../../src/features/tls/x509.ts";
import {
  legacyNameText,
  nameText,
} from "../../../src/features/tls/x509_name.ts";
import { Pki } from "../../support/pki.ts";

const NOW = Date.UTC(2026, 6, 1);
const DAY_MS = 24 * 3600 * 1000;

const CLIENT = "basicConstraints=CA:FALSE";

Deno.test("chainFault() says what is wrong with a client's certificates", async (t) => {
  using pki = await Pki.create();
  await pki.root("root");
  await pki.root("other");
  await pki.issue("root", "int", "basicConstraints=critical,CA:TRUE");
  await pki.issue("int", "low", "basicConstraints=critical,CA:TRUE");
  await pki.issue("root", "good", CLIENT);
  await pki.issue("other", "foreign", CLIENT);
  await pki.issue("int", "below", CLIENT);
  await pki.issue("low", "deep", CLIENT);
  await pki.issue("good", "forged", CLIENT);
  await pki.issue("root", "server", `${CLIENT}\nextendedKeyUsage=serverAuth`);
  await pki.issue("root", "client", `${CLIENT}\nextendedKeyUsage=clientAuth`);
  await pki.issue("root", "signs", `${CLIENT}\nkeyUsage=critical,keyCertSign`);
  await pki.issue("root", "strange", `${CLIENT}\n1.2.3.4=critical,DER:0500`);
  await pki.issue(
    "root",
    "only",
    "basicConstraints=critical,CA:TRUE,pathlen:0",
  );
  await pki.issue("only", "sub", "basicConstraints=critical,CA:TRUE");
  await pki.issue("sub", "far", CLIENT);
  await pki.issue(
    "root",
    "named",
    "basicConstraints=critical,CA:TRUE\n" +
      "nameConstraints=critical,permitted;DNS:x.test",
  );
  await pki.issue("named", "within", CLIENT);
  await pki.issue(
    "root",
    "nosign",
    "basicConstraints=CA:TRUE\nkeyUsage=cRLSign",
  );
  await pki.issue("nosign", "unsigned", CLIENT);
  await pki.issue("root", "revoked", CLIENT);
  await pki.revoke("root", ["revoked"]);
  await pki.revoke("other", []);
  await pki.issue("root", "sha1", CLIENT, { digest: "sha1" });
  await pki.issue("root", "small", CLIENT, { key: "rsa:1024" });
  await pki.issue("root", "rsa", CLIENT, { key: "rsa:2048" });
  await pki.issue("root", "ed25519", CLIENT, { key: "ed25519" });
  const der = (name: string) => derOf(pki.text(`${name}.crt`));
  const list = (name: string) =>
    revocationsIn(pki.text(`${name}.crl`)).map(readRevocations);
  const root = readCertificate(der("root"));
  // What was signed is changed.
  const tampered = der("good").slice();
  tampered[tampered.length - 3]! ^= 1;
  interface Row {
    shown: Uint8Array[];
    fault: string | undefined;
    depth?: number;
    lists?: ReturnType<typeof list>;
    now?: number;
  }
  const rows: Record<string, Row> = {
    "a good one": { shown: [der("good")], fault: undefined },
    "one for clients": { shown: [der("client")], fault: undefined },
    "the root beside it": {
      shown: [der("good"), der("root")],
      fault: undefined,
    },
    "one of somebody else": {
      shown: [der("foreign")],
      fault: "unable to verify the first certificate",
    },
    "somebody else's root beside it": {
      shown: [der("foreign"), der("other")],
      fault: "self-signed certificate in certificate chain",
    },
    "somebody's root": {
      shown: [der("other")],
      fault: "self-signed certificate",
    },
    "one in between": { shown: [der("below"), der("int")], fault: undefined },
    "one in between that is not shown": {
      shown: [der("below")],
      fault: "unable to verify the first certificate",
    },
    "others around it": {
      shown: [der("below"), der("foreign"), der("int"), der("other")],
      fault: undefined,
    },
    "too many in between": {
      shown: [der("deep"), der("low"), der("int")],
      fault: "certificate chain too long",
    },
    "as many as may be": {
      shown: [der("deep"), der("low"), der("int")],
      depth: 2,
      fault: undefined,
    },
    "none may be in between": {
      shown: [der("below"), der("int")],
      depth: 0,
      fault: "certificate chain too long",
    },
    "one that a client has issued": {
      shown: [der("forged"), der("good")],
      fault: "invalid CA certificate",
    },
    "one by who may not sign": {
      shown: [der("unsigned"), der("nosign")],
      fault: "invalid CA certificate",
    },
    "one for servers": {
      shown: [der("server")],
      fault: "unsuitable certificate purpose",
    },
    "one that is for signing others": {
      shown: [der("signs")],
      fault: "unsuitable certificate purpose",
    },
    "what has to be understood and is not": {
      shown: [der("strange")],
      fault: "unhandled critical extension",
    },
    "a path that is too long for an authority": {
      shown: [der("far"), der("sub"), der("only")],
      depth: 5,
      fault: "path length constraint exceeded",
    },
    "constraints of names": {
      shown: [der("within"), der("named")],
      fault: "unhandled critical extension",
    },
    "a signature that is changed": {
      shown: [tampered],
      fault: "certificate signature failure",
    },
    "a signature by SHA-1": {
      shown: [der("sha1")],
      fault: "CA signature digest algorithm too weak",
    },
    "a key that is too short": {
      shown: [der("small")],
      fault: "EE certificate key too weak",
    },
    "a key of RSA": { shown: [der("rsa")], fault: undefined },
    "a key of Ed25519": { shown: [der("ed25519")], fault: undefined },
    "too many certificates": {
      shown: new Array<Uint8Array>(33).fill(der("good")),
      fault: "certificate chain too long",
    },
    "what is no certificate": {
      shown: [Uint8Array.of(0x30, 1, 2)],
      fault: "unspecified certificate verification error",
    },
    "one that is too old": {
      shown: [der("good")],
      now: NOW + 4000 * DAY_MS,
      fault: "certificate has expired",
    },
    "one that is too young": {
      shown: [der("good")],
      now: Date.UTC(2000, 0),
      fault: "certificate is not yet valid",
    },
    "somebody else's that is too old": {
      shown: [der("foreign")],
      now: NOW + 4000 * DAY_MS,
      fault: "certificate has expired",
    },
    "one that is not revoked": {
      shown: [der("good")],
      lists: list("root"),
      fault: undefined,
    },
    "one that is revoked": {
      shown: [der("revoked")],
      lists: list("root"),
      fault: "certificate revoked",
    },
    "one without a list": {
      shown: [der("good")],
      lists: list("other"),
      fault: "unable to get certificate CRL",
    },
    "one in between without a list": {
      shown: [der("below"), der("int")],
      lists: list("root"),
      fault: "unable to get certificate CRL",
    },
    "a list that is changed": {
      shown: [der("revoked")],
      lists: list("root").map((each) => ({
        ...each,
        serials: new Set<string>(),
        signed: { ...each.signed, bytes: each.signed.bytes.slice(1) },
      })),
      fault: "CRL signature failure",
    },
    "a list that is too old": {
      shown: [der("good")],
      lists: list("root").map((each) => ({ ...each, nextUpdate: NOW - 1 })),
      fault: "CRL has expired",
    },
    "a list that is strange": {
      shown: [der("good")],
      lists: list("root").map((each) => ({ ...each, strange: true })),
      fault: "unhandled critical CRL extension",
    },
  };
  for (const [name, row] of Object.entries(rows)) {
    await t.step(name, () => {
      const { shown, fault, depth = 1, lists, now = Date.now() } = row;
      const rules = { trusted: [root], depth, revocations: lists };
      assertEquals(chainFault(shown, rules, now)?.[1], fault);
    });
  }
  await t.step("nobody is trusted", () => {
    const rules = { trusted: [], depth: 1, revocations: undefined };
    assertEquals(
      chainFault([der("good")], rules, Date.now())?.[0],
      21,
    );
    assertEquals(chainFault([], rules, Date.now())?.[0], 1);
  });
});

Deno.test("names are written as OpenSSL writes them", async () => {
  using pki = await Pki.create();
  await pki.root(
    "root",
    '/C=DE/O=A, "B" <c>+é/OU= x #/emailAddress=x@y.z/CN=#r\\\\;',
  );
  const { subject } = readCertificate(derOf(pki.text("root.crt")));
  assertEquals(
    nameText(subject),
    await pki.openssl(
      "x509",
      "-in",
      "root.crt",
      "-noout",
      "-subject",
      "-nameopt",
      "RFC2253",
    )
      .then((text) => text.replace(/^subject=/, "").trimEnd()),
  );
  assertEquals(
    legacyNameText(subject),
    await pki.openssl(
      "x509",
      "-in",
      "root.crt",
      "-noout",
      "-subject",
      "-nameopt",
      "compat",
    )
      .then((text) => text.replace(/^subject=/, "").trimEnd()),
  );
});
