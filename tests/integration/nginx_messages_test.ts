/**
 * Wrong configurations: the first line of what webserv says of each is
 * nginx's own, and another line says what to do, where nginx has none.
 */

import { assert, assertEquals } from "@std/assert";
import { faultsOf } from "../../src/config/errors.ts";
import type { ConfigError } from "../../src/config/errors.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import {
  RIGHT_STATEMENTS,
  STATEMENT_ZONES,
  WRONG_STATEMENTS,
} from "./nginx_configurations/statements.ts";
import {
  WRONG_IN_HTTP,
  WRONG_IN_MAIN,
  WRONG_IN_SERVER,
} from "./nginx_configurations/wrong.ts";
import { hasNginx } from "../support/nginx.ts";

/** A configuration with a statement in a location. */
function inLocation(text: string): string {
  return "events { }\nhttp {\naccess_log off;\n" +
    `${STATEMENT_ZONES}\nserver {\nlocation / {\n${text}\n}\n}\n}`;
}

/** Every wrong configuration, for nginx with its `events`. */
const ROWS: readonly { readonly text: string; readonly config: string }[] = [
  ...WRONG_IN_MAIN.map((text) => ({
    text,
    config: text.includes("events") ? text : `${text}\nevents { }`,
  })),
  ...WRONG_IN_HTTP.map((text) => ({
    text,
    config: `events { }\nhttp {\n${text}\n}`,
  })),
  ...WRONG_IN_SERVER.map((text) => ({
    text,
    config: `events { }\nhttp {\nserver {\n${text}\n}\n}`,
  })),
  ...WRONG_STATEMENTS.map((text) => ({ text, config: inLocation(text) })),
];

/** The first fault in the file of some configuration. */
function faultOf(file: string): ConfigError {
  try {
    const configuration = readConfiguration({ file, prefix: "/x" }, () => {});
    prepareGeneration(configuration, () => {}).environment.logs.close();
  } catch (error) {
    return faultsOf(error)[0] as ConfigError;
  }
  throw new Error(`nothing is wrong with ${Deno.readTextFileSync(file)}`);
}

Deno.test("what nginx takes about who may, how much, logs and bodies is taken", () => {
  const file = Deno.makeTempFileSync({ suffix: ".conf" });
  for (const text of RIGHT_STATEMENTS) {
    Deno.writeTextFileSync(file, inLocation(text));
    try {
      const configuration = readConfiguration({ file, prefix: "/x" }, () => {});
      prepareGeneration(configuration, () => {}).environment.logs.close();
    } catch (error) {
      throw new Error(`${text} is refused`, { cause: error });
    }
  }
  Deno.removeSync(file);
});

/** What says by itself what is expected, or needs no more. */
const SELF_CONTAINED = [
  /, it must be /,
  /^unknown "nope" variable/,
  /^unexpected "[;}]"/,
];

Deno.test("every error of a configuration says what to do", () => {
  const file = Deno.makeTempFileSync({ suffix: ".conf" });
  for (const { text, config } of ROWS) {
    Deno.writeTextFileSync(file, config);
    const { message, hint } = faultOf(file);
    assert(message.includes(` in ${file}:`), message);
    const isEnough = hint !== undefined ||
      SELF_CONTAINED.some((pattern) => pattern.test(message));
    assert(isEnough, `${text}: ${message}`);
  }
  Deno.removeSync(file);
});

/** What nginx says of the file, without the time and the process. */
async function nginxMessage(file: string): Promise<string> {
  const { stderr } = await new Deno.Command("nginx", {
    args: ["-t", "-c", file, "-e", "stderr"],
  }).output();
  const text = new TextDecoder().decode(stderr);
  return /\[emerg\] \d+#\d+: (.*)/.exec(text)?.[1] ?? text;
}

/** Without the place: nginx has none for some, and another line for others. */
function withoutPlace(message: string): string {
  return message.replace(/ in \S+:\d+$/, "");
}

Deno.test({
  name: "errors of a configuration begin with nginx's words",
  ignore: !hasNginx(),
  async fn() {
    const folder = Deno.makeTempDirSync();
    const different: string[] = [];
    await Promise.all([0, 1].map(async (half) => {
      const file = `${folder}/${half}.conf`;
      for (let i = half; i < ROWS.length; i += 2) {
        const { text, config } = ROWS[i]!;
        // nginx opens the file, and has a default that only root may write.
        const pid = text.startsWith("pid") ? "" : `pid ${folder}/pid; `;
        Deno.writeTextFileSync(file, pid + config);
        const ours = withoutPlace(faultOf(file).message);
        const theirs = withoutPlace(await nginxMessage(file));
        if (ours !== theirs) different.push(`${text}: ${ours} | ${theirs}`);
      }
    }));
    assertEquals(different, []);
    Deno.removeSync(folder, { recursive: true });
  },
});

Deno.test({
  name: "nginx takes what is said to be right",
  ignore: !hasNginx(),
  async fn() {
    const folder = Deno.makeTempDirSync();
    const file = `${folder}/nginx.conf`;
    for (const text of RIGHT_STATEMENTS) {
      Deno.writeTextFileSync(file, `pid ${folder}/pid; ${inLocation(text)}`);
      const message = await nginxMessage(file);
      assert(message.includes("test is successful"), `${text}: ${message}`);
    }
    Deno.removeSync(folder, { recursive: true });
  },
});
