import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { hasPebble, Pebble } from "./pebble.ts";

const IS_MISSING = !hasPebble();
if (IS_MISSING) {
  console.log("pebble is not installed: the tests with it are left out");
}

Deno.test({
  name: "Pebble answers where it was, with another root, when started again",
  ignore: IS_MISSING,
  async fn() {
    await using pebble = await Pebble.start();
    using client = Deno.createHttpClient({
      caCerts: [Deno.readTextFileSync(pebble.rootFile)],
    });
    const directory = async () => {
      const response = await fetch(pebble.directory, { client });
      return await response.json();
    };
    const first = { directory: await directory(), root: await pebble.root() };
    assert(first.directory.newOrder.startsWith(pebble.origin));
    await pebble.restart();
    assertEquals(await directory(), first.directory);
    assertNotEquals(await pebble.root(), first.root);
    assert(pebble.output.includes("ACME directory available"));
  },
});
