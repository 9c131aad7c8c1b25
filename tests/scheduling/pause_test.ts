import { assertEquals } from "@std/assert";
import { pauseBy, pauseForLook } from "../../src/scheduling/pause.ts";

/** A watch that looks when the test says so, as long as it can. */
function manualWatch() {
  const actions: (() => void)[] = [];
  const watch = {
    works: true,
    afterLook(action: () => void) {
      if (watch.works) actions.push(action);
      return watch.works;
    },
    look: () => actions.splice(0).forEach((action) => action()),
  };
  return watch;
}

Deno.test("pauseForLook is over with the next look", () => {
  const watch = manualWatch();
  const end = pauseBy(watch);
  const done: number[] = [];
  pauseForLook(() => done.push(1));
  assertEquals(done, []);
  watch.look();
  assertEquals(done, [1]);
  end();
});

Deno.test("pauseForLook asks whoever can tell, and else a timer", async () => {
  const [broken, other] = [manualWatch(), manualWatch()];
  broken.works = false;
  const ends = [pauseBy(broken), pauseBy(other)];
  const done: number[] = [];
  pauseForLook(() => done.push(1));
  other.look();
  assertEquals(done, [1]);
  for (const end of ends) end();
  const { promise, resolve } = Promise.withResolvers<void>();
  pauseForLook(resolve);
  await promise;
});
