import { assertEquals, assertRejects } from "@std/assert";
import { fromRuntime, RUNTIME_USE } from "../../src/scheduling/runtime_use.ts";

Deno.test("whoever waits for the runtime is counted until it has settled", async () => {
  const before = RUNTIME_USE.waiting;
  const { promise, resolve } = Promise.withResolvers<number>();
  const waiting = fromRuntime(promise);
  assertEquals(RUNTIME_USE.waiting, before + 1);
  resolve(7);
  assertEquals(await waiting, 7);
  assertEquals(RUNTIME_USE.waiting, before);
  await assertRejects(() => fromRuntime(Promise.reject(new Error("x"))));
  assertEquals(RUNTIME_USE.waiting, before);
});
