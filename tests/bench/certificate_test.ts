import { assertEquals, assertRejects } from "@std/assert";
import { makeCertificate } from "../../bench/certificate.ts";
import { Client } from "../../bench/client.ts";

Deno.test("Client.connect() trusts the bench's certificate and no other", async () => {
  const folder = await Deno.makeTempDir();
  const other = await Deno.makeTempDir();
  try {
    const tls = (await makeCertificate(folder))!;
    const stranger = (await makeCertificate(other))!;
    using listener = Deno.listenTls({
      hostname: "127.0.0.1",
      port: 0,
      cert: await Deno.readTextFile(tls.cert),
      key: await Deno.readTextFile(tls.key),
    });
    const { port } = listener.addr;
    const serve = async () => {
      using conn = await listener.accept();
      await conn.read(new Uint8Array(1024));
      await conn.write(
        new TextEncoder().encode(
          "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        ),
      );
    };
    const served = serve();
    {
      using client = await Client.connect({ port, tls });
      await client.send("GET / HTTP/1.1\r\n\r\n");
      const { status, body } = await client.answer();
      assertEquals([status, new TextDecoder().decode(body)], [200, "hi"]);
    }
    await served;
    const refused = assertRejects(serve);
    await assertRejects(
      async () => {
        using client = await Client.connect({ port, tls: stranger });
        await client.send("GET / HTTP/1.1\r\n\r\n");
        await client.answer();
      },
      Error,
      "invalid peer certificate",
    );
    await refused;
  } finally {
    await Deno.remove(folder, { recursive: true });
    await Deno.remove(other, { recursive: true });
  }
});
