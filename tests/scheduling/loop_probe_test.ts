import { assertEquals } from "@std/assert";
import { openLoopProbe } from "../../src/scheduling/loop_probe.ts";

Deno.test("openLoopProbe makes a probe that answers each question once", async () => {
  let answers = 0;
  let next = Promise.withResolvers<void>();
  const probe = await openLoopProbe({
    answered() {
      answers++;
      next.resolve();
    },
    lost() {
      throw new Error("not lost");
    },
  });
  for (let asked = 1; asked <= 3; asked++) {
    next = Promise.withResolvers<void>();
    probe.ask();
    assertEquals(answers, asked - 1, "not at once");
    await next.promise;
    assertEquals(answers, asked);
  }
  probe.close();
  probe.close();
});

Deno.test("openLoopProbe makes a probe that says nothing once it is closed", async () => {
  const probe = await openLoopProbe({
    answered() {
      throw new Error("closed");
    },
    lost() {
      throw new Error("not lost");
    },
  });
  probe.ask();
  probe.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
});
