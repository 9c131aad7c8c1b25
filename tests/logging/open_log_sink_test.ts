import { assertEquals } from "@std/assert";
import { openLogSink } from "../../src/logging/open_log_sink.ts";

Deno.test("openLogSink makes a file that only its owner may change", async () => {
  const folder = await Deno.makeTempDir();
  const sink = openLogSink(`${folder}/new/access.log`);
  sink.close();
  const { mode } = await Deno.stat(`${folder}/new/access.log`);
  assertEquals(mode! & 0o133, 0);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLogSink writes behind what others have written", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/access.log`;
  const [one, two] = [openLogSink(path), openLogSink(path)];
  const encoder = new TextEncoder();
  one.writeSync(encoder.encode("1"));
  await two.write(encoder.encode("2"));
  one.writeSync(encoder.encode("3"));
  one.close();
  two.close();
  assertEquals(await Deno.readTextFile(path), "123");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openLogSink writes to the standard streams, which stay open", async () => {
  const module =
    new URL("../../src/logging/open_log_sink.ts", import.meta.url).href;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const script = `import { openLogSink } from "${module}";
    const bytes = (text) => new TextEncoder().encode(text);
    for (const name of ["stderr", "/dev/stdout"]) {
      const sink = openLogSink(name);
      await sink.write(bytes(name));
      sink.close();
      openLogSink(name).writeSync(bytes("!"));
    }`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, script],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(stdout), "/dev/stdout!");
  assertEquals(decoder.decode(stderr), "stderr!");
});
