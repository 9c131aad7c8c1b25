import { assertEquals } from "@std/assert";
import { AuthorityFront } from "./authority_front.ts";
import { hasPebble, Pebble } from "./pebble.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

Deno.test({
  name: "AuthorityFront passes on what the authority says, or something else",
  ignore: IS_MISSING,
  async fn() {
    await using pebble = await Pebble.start();
    await using front = await AuthorityFront.before(pebble);
    using client = Deno.createHttpClient({
      caCerts: [Deno.readTextFileSync(front.rootFile)],
    });
    const read = async () => {
      const response = await fetch(front.directory, { client });
      return await response.json();
    };
    const directory = await read();
    assertEquals(directory.newOrder, `${front.origin}/order-plz`);
    const head = await fetch(directory.newNonce, { method: "HEAD", client });
    assertEquals(head.status, 200);
    assertEquals(head.headers.has("Replay-Nonce"), true);
    front.answer(async (request, forward) =>
      request.url.endsWith("/dir")
        ? Response.json({ ...await (await forward()).json(), more: 1 })
        : undefined
    );
    assertEquals(await read(), { ...directory, more: 1 });
    front.answer(() => new Response("x", { status: 503 }));
    const refused = await fetch(directory.newNonce, { client });
    assertEquals([refused.status, await refused.text()], [503, "x"]);
    assertEquals(front.requests, [
      "GET /dir",
      "HEAD /nonce-plz",
      "GET /dir",
      "GET /nonce-plz",
    ]);
  },
});
