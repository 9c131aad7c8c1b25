/**
 * nginx and webserv side by side: the same configuration, the same tree, the
 * same requests. Left out, with a word, where there is no nginx.
 */

import { assertEquals } from "@std/assert";
import { InProcessServer } from "../support/in_process_server.ts";
import { eventually } from "../support/server_process.ts";
import {
  type Answer,
  answerOf,
  differences,
} from "./nginx_differential/compare.ts";
import { INTENDED } from "./nginx_differential/intended.ts";
import {
  type DifferentialRequest,
  REQUESTS,
} from "./nginx_differential/requests.ts";
import {
  nginxConfig,
  webservConfig,
  writeSite,
} from "./nginx_differential/site.ts";

/** How many requests are under way at a time. */
const AT_A_TIME = 8;

/** Whether an nginx that can do what is compared is installed. */
function hasNginx(): boolean {
  try {
    const { stderr } = new Deno.Command("nginx", { args: ["-V"] }).outputSync();
    const text = new TextDecoder().decode(stderr);
    return text.includes("http_gzip_static_module") &&
      text.includes("http_gunzip_module");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** nginx in the foreground, as one process, in `folder`. */
async function startNginx(
  folder: string,
  port: number,
): Promise<AsyncDisposable> {
  const file = `${folder}/nginx.conf`;
  Deno.writeTextFileSync(file, nginxConfig(port, folder));
  const child = new Deno.Command("nginx", {
    args: ["-p", folder, "-c", file],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isThere = false;
  const knock = setInterval(async () => {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      isThere = true;
    } catch {
      // Not yet.
    }
  }, 20);
  try {
    await eventually(() => isThere, "nginx listens");
  } finally {
    clearInterval(knock);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** The answers of a server, in the order of the requests. */
async function answers(port: number): Promise<Answer[]> {
  const all: Answer[] = [];
  for (let at = 0; at < REQUESTS.length; at += AT_A_TIME) {
    const some = REQUESTS.slice(at, at + AT_A_TIME);
    all.push(
      ...await Promise.all(
        some.map((request) => answerOf(port, request)),
      ),
    );
  }
  return all;
}

/** The differences that count; those of status stand for the whole answer. */
function report(
  { name }: DifferentialRequest,
  found: readonly string[],
): string[] {
  const status = found.filter((line) => line.startsWith("status: "));
  return (status.length > 0 ? status : found.toSorted())
    .map((line) => `${name} ⇒ ${line}`);
}

const NGINX = hasNginx();
if (!NGINX) {
  console.log("nginx is not installed: the comparison with it is left out");
}

Deno.test({
  name: `nginx and webserv answer ${REQUESTS.length} requests alike` +
    (NGINX ? "" : " (left out: no nginx)"),
  ignore: !NGINX,
  async fn() {
    const folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_nginx_" }),
    );
    try {
      writeSite(folder);
      const [nginxPort, webservPort] = [freePort(), freePort()];
      await using _nginx = await startNginx(folder, nginxPort);
      await using _webserv = new InProcessServer({
        config: webservConfig(webservPort, folder),
      });
      const theirs = await answers(nginxPort);
      const ours = await answers(webservPort);
      const everywhere = new Set(
        INTENDED.filter(({ requests }) => requests === "any")
          .flatMap(({ changes }) => changes),
      );
      const met = new Set<string>();
      const found = REQUESTS.flatMap((request, i) => {
        const all = differences(theirs[i]!, ours[i]!);
        const own = all.filter((change) => !everywhere.has(change));
        if (own.length < all.length) all.forEach((change) => met.add(change));
        return report(request, own);
      });
      const intended = INTENDED.flatMap(({ changes, requests }) =>
        requests === "any"
          ? []
          : requests.flatMap((name) =>
            changes.toSorted().map((change) => `${name} ⇒ ${change}`)
          )
      );
      assertEquals([...everywhere].filter((change) => !met.has(change)), []);
      assertEquals(found.toSorted(), intended.toSorted());
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test("every request of the comparison has a name of its own", () => {
  const names = REQUESTS.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});
