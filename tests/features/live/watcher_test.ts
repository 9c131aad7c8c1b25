import { watch } from "../../../src/features/live/watcher.ts";
import { eventually } from "../../support/server_process.ts";

Deno.test("watch() goes on with a folder that is made anew, moved or late", async () => {
  const parent = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const folder = `${parent}/dist`;
  const write = (text: string, where = folder) => {
    Deno.mkdirSync(where, { recursive: true });
    Deno.writeTextFileSync(`${where}/index.html`, text);
  };
  write("one");
  let count = 0;
  const stop = watch(folder, [], () => count++);
  const seen = async (what: string, change: () => void) => {
    const before = count;
    change();
    await eventually(() => count > before, what);
  };
  await seen("a change", () => write("two"));
  await seen("a build that removes all", () => {
    Deno.removeSync(folder, { recursive: true });
    write("three");
  });
  await seen("a change after it", () => write("four"));
  await seen("another folder in its place", () => {
    write("five", `${parent}/next`);
    Deno.renameSync(folder, `${parent}/old`);
    Deno.renameSync(`${parent}/next`, folder);
  });
  await seen("a change after that", () => write("six"));
  // Long gone, and there again.
  Deno.removeSync(folder, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await seen("its return", () => write("seven"));
  await seen("a change after its return", () => write("eight"));
  stop();
  stop();
  Deno.removeSync(parent, { recursive: true });
});

Deno.test("watch() tells once of what comes in a burst", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  let count = 0;
  const stop = watch(folder, [], () => count++);
  for (let file = 0; file < 500; file++) {
    Deno.writeTextFileSync(`${folder}/${file}`, "");
  }
  await eventually(() => count > 0, "it is told");
  // What one tells, the next may only follow when more has happened since.
  await new Promise((resolve) => setTimeout(resolve, 300));
  stop();
  Deno.removeSync(folder, { recursive: true });
  if (count > 3) throw new Error(`told ${count} times`);
});
