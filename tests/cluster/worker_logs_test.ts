import { assertEquals } from "@std/assert";
import { LogFiles } from "../../src/logging/log_files.ts";
import { WorkerLogs } from "../../src/cluster/worker_logs.ts";

const UTF8 = new TextEncoder();

Deno.test("WorkerLogs of two workers write whole lines to one file", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/a.log`;
  const files = new LogFiles();
  const trouble: string[] = [];
  const logsOf = () => new WorkerLogs(files, (at) => trouble.push(at));
  const [one, two] = [logsOf(), logsOf()];
  one.append(path, UTF8.encode("not open\n"));
  one.open(path);
  two.open(path);
  two.open(path);
  one.append(path, UTF8.encode("1\n2\n"));
  two.append(path, UTF8.encode("3\n"));
  one.close(path);
  one.close(path);
  one.append(path, UTF8.encode("closed\n"));
  two.close(path);
  two.append(path, UTF8.encode("4\n"));
  two.closeAll();
  two.append(path, UTF8.encode("gone\n"));
  await files.close();
  assertEquals(Deno.readTextFileSync(path), "1\n2\n3\n4\n");
  one.open(`${path}/below-a-file`);
  assertEquals(trouble, [`${path}/below-a-file`]);
  one.closeAll();
  Deno.removeSync(folder, { recursive: true });
});
