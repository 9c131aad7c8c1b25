import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseClientHello } from "../../../src/net/tls/client_hello.ts";
import { ProofHandshake } from "../../../src/net/tls/proof_handshake.ts";
import type { KeyPair } from "../../../src/net/tls/tls_choice.ts";
import { TlsTransport } from "../../../src/net/tls/tls_transport.ts";
import { makeSelfSigned } from "../../../src/certificates/making.ts";

const PROTOCOL = "acme-tls/1";

/** The certificate is not looked at here, only shown. */
const PAIR: KeyPair = {
  ...await makeSelfSigned({
    commonName: "proof",
    names: [{ type: "dns", value: "a.test" }],
    days: 1,
  }),
  proof: PROTOCOL,
};

/** Whether openssl is here, whose client these tests ask. */
function hasOpenssl(): boolean {
  try {
    return new Deno.Command("openssl", { args: ["version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}

const IS_MISSING = !hasOpenssl();
if (IS_MISSING) {
  console.log("openssl is not installed: handshakes with it are left out");
}

/** What openssl says of a handshake with `args`, and what the server says. */
async function shakeHands(
  ...args: readonly string[]
): Promise<{ client: string; server: unknown }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const client = new Deno.Command("openssl", {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "a.test"],
      ...["-alpn", PROTOCOL, "-showcerts", ...args],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const server = new TlsTransport(await listener.accept(), {
    choose: (name) => name === "a.test" ? PAIR : undefined,
  });
  let result: unknown;
  try {
    result = await server.read(new Uint8Array(100));
  } catch (error) {
    result = error;
  } finally {
    server.close();
  }
  const { stdout, stderr } = await client;
  const text = new TextDecoder();
  return { client: text.decode(stdout) + text.decode(stderr), server: result };
}

const withoutSpace = (text: string) => text.replaceAll(/\s+/g, "");

for (const group of ["X25519", "P-256", "X25519:P-256", "P-256:X25519"]) {
  Deno.test({
    name: `ProofHandshake shows its certificate by ${group}`,
    ignore: IS_MISSING,
    async fn() {
      const { client, server } = await shakeHands("-groups", group);
      assertEquals(server, null);
      for (
        const part of [
          "TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256",
          `ALPN protocol: ${PROTOCOL}`,
          PAIR.cert,
        ]
      ) assert(withoutSpace(client).includes(withoutSpace(part)), client);
      // The farewell was understood.
      assert(!/SSL routines/.test(client), client);
    },
  });
}

Deno.test({
  name: "ProofHandshake tells who cannot be shown it",
  ignore: IS_MISSING,
  async fn() {
    const rows: [args: string[], alert: string][] = [
      [["-tls1_2"], "alert handshake failure"],
      [["-groups", "P-521"], "alert handshake failure"],
      [["-ciphersuites", "TLS_AES_256_GCM_SHA384"], "alert handshake failure"],
      [["-sigalgs", "RSA-PSS+SHA256"], "alert handshake failure"],
      [["-alpn", "h2"], "alert no application protocol"],
      [["-servername", "b.test"], "unrecognized name"],
    ];
    for (const [args, alert] of rows) {
      const { client, server } = await shakeHands(...args);
      assert(client.includes(alert), `${args}: ${client}`);
      assert(server instanceof Deno.errors.InvalidData, `${server}`);
    }
  },
});

/** A hello of openssl, and one end of a handshake that answers it. */
async function hello(): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = new Deno.Command("openssl", {
    args: [
      ...["s_client", "-connect", `127.0.0.1:${listener.addr.port}`],
      ...["-alpn", PROTOCOL],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  using conn = await listener.accept();
  const bytes = new Uint8Array(4096);
  const count = await conn.read(bytes);
  client.kill("SIGKILL");
  await client.status;
  return bytes.subarray(0, count!);
}

Deno.test({
  name: "ProofHandshake refuses what does not belong to it",
  ignore: IS_MISSING,
  async fn() {
    const bytes = await hello();
    const answer = () =>
      ProofHandshake.answer(bytes, parseClientHello(bytes)!, PAIR)!;
    const rows: [input: number[], fault: RegExp | undefined][] = [
      [[20, 3, 3, 0, 1, 1], undefined],
      [[21, 3, 3, 0, 2, 2, 42], /alert 42/],
      [[22, 3, 3, 0, 1, 0], /does not belong/],
      [[23, 3, 3, 0, 0], /cannot be decrypted/],
      [[23, 3, 3, 0, 40, ...Array(40).fill(7)], /cannot be decrypted/],
      [[23, 3, 3, 255, 255], /too long/],
      [[23, 3, 3, 0, 40, 1], undefined],
      [[71, 69, 84, 32, 47, 32], /does not belong/],
      [[], undefined],
    ];
    for (const [input, fault] of rows) {
      for (const isWhole of [true, false]) {
        const proof = answer();
        assert(proof.take()!.length > 300);
        assertEquals(proof.take(), undefined);
        const pieces = isWhole ? [input] : input.map((byte) => [byte]);
        for (const piece of pieces) proof.receive(Uint8Array.from(piece));
        assert(!proof.isDone);
        if (fault === undefined) assertEquals(proof.fault, undefined);
        else assert(fault.test(proof.fault ?? ""), `${input}: ${proof.fault}`);
      }
    }
  },
});

Deno.test({
  name: "ProofHandshake refuses a key that is no point of the curve",
  ignore: IS_MISSING,
  async fn() {
    const bytes = await hello();
    const at = bytes.findIndex((_, i) =>
      [0, 51, 0, 38, 0, 36, 0, 29, 0, 32].every((byte, j) =>
        bytes[i + j] === byte
      )
    );
    assert(at > 0, "openssl offers X25519");
    // The point of order one: what is shared would be nothing.
    bytes.fill(0, at + 10, at + 42);
    const answer = ProofHandshake.answer(bytes, parseClientHello(bytes)!, PAIR);
    assertEquals(answer, undefined);
  },
});

Deno.test("a proof is over when the client leaves in the middle", async () => {
  if (IS_MISSING) return;
  const bytes = await hello();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const server = new TlsTransport(await listener.accept(), {
    choose: () => PAIR,
  });
  await client.write(bytes);
  await client.closeWrite();
  await assertRejects(
    async () => await server.read(new Uint8Array(100)),
    Deno.errors.UnexpectedEof,
  );
  server.close();
  client.close();
});
