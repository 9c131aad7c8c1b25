import { assertEquals } from "@std/assert";
import { FaultList } from "../../../src/config/fault_list.ts";
import { parseConfig } from "../../../src/config/syntax/parser.ts";
import {
  type ConfigurationSource,
  readConfigurationSteps,
} from "../../../src/server/setup/configuration.ts";

function sourceOf(text: string): ConfigurationSource {
  const file = "/x.conf";
  return { file, statements: parseConfig(text, file), prefix: "/" };
}

Deno.test("configurations that are read at once know nothing of each other", () => {
  // Each uses what only the other one takes, and has enough steps to be left.
  const filler = "\nserver_name a;".repeat(200);
  const texts = [
    "server { location ~ ^/(?<one>.) { return 200 $one; } }",
    "server { location ~ ^/(?<two>.) { return 200 $two$one; } }",
    "server { location / { return 200 $two; } }",
  ].map((text) => text.replace("{", `{${filler}`));
  const faults = texts.map(() => new FaultList());
  const running = texts.map((text, i) =>
    readConfigurationSteps(sourceOf(text), () => {}, { faults: faults[i] })
  );
  const isDone = running.map(() => false);
  while (isDone.includes(false)) {
    running.forEach((steps, i) => {
      if (!isDone[i]) isDone[i] = steps.next().done === true;
    });
  }
  assertEquals(
    faults.map((list) => list.inOrder().map(({ what }) => what)),
    [[], ['unknown "one" variable'], ['unknown "two" variable']],
  );
});
