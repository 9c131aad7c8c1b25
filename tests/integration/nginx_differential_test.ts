/**
 * nginx and webserv side by side: the same configuration, the same tree, the
 * same requests. Left out, with a word, where there is no nginx.
 */

import { assertEquals } from "@std/assert";
import { InProcessServer } from "../support/in_process_server.ts";
import { freePort } from "../support/free_ports.ts";
import { hasNginx, startNginx } from "../support/nginx.ts";
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

const NGINX = hasNginx("http_gzip_static_module", "http_gunzip_module");
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
      const file = `${folder}/nginx.conf`;
      Deno.writeTextFileSync(file, nginxConfig(nginxPort, folder));
      await using _nginx = await startNginx({ folder, file, port: nginxPort });
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
