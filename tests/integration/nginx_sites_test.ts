/**
 * Sites as people publish them, on nginx and on webserv: both take the
 * configuration, and both answer alike. Left out, with a word, where there is
 * no nginx.
 */

import { assertEquals } from "@std/assert";
import { checkConfiguration } from "../../src/cli/check.ts";
import { Server } from "../../src/server/server.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { Authority } from "../support/certificates.ts";
import { freePort } from "../support/free_ports.ts";
import {
  hasNginx,
  nginxModule,
  nginxTempPaths,
  startNginx,
} from "../support/nginx.ts";
import {
  answerLines,
  differences,
  readRequests,
} from "./nginx_configurations/ask.ts";
import {
  LISTENED,
  mainFile,
  type Ports,
  prefixOf,
  writeCertificates,
  writeMachine,
} from "./nginx_configurations/relocate.ts";
import { SITES } from "./nginx_configurations/sites/all.ts";
import type { Site } from "./nginx_configurations/sites/site.ts";

function newFolder(): string {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_site_" }),
  );
  // nginx gives up its rights.
  Deno.chmodSync(folder, 0o755);
  return folder;
}

function newPorts(): Ports {
  return new Map(LISTENED.map((port) => [port, freePort()]));
}

/** A main file for an nginx of this machine. */
function forNginx(main: string, folder: string): string {
  return main
    .replace(/^user\s.*$/m, "user root;")
    .replace(/^\s*\w+_temp_path\s.*$/gm, "")
    .replace(/^http \{$/m, () => `http {\n${nginxTempPaths(folder)}`);
}

/** The path of a module that is loaded, instead of one below the prefix. */
function withModules(folder: string): void {
  const enabled = `${folder}/etc/nginx/modules-enabled`;
  for (const { name } of Deno.readDirSync(enabled)) {
    const file = `${enabled}/${name}`;
    const text = Deno.readTextFileSync(file);
    Deno.writeTextFileSync(
      file,
      text.replace(
        /modules\/(\w+)\.so/g,
        (_, module) => nginxModule(module) ?? module,
      ),
    );
  }
}

/** What webserv says against a site. */
async function faultsOf(folder: string): Promise<string> {
  const { faults } = await checkConfiguration(
    { file: mainFile(folder), prefix: prefixOf(folder) },
    undefined,
    () => {},
  );
  try {
    faults.throwIfFound();
    return "";
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, "/");
  }
}

function startOurs(folder: string): AsyncDisposable {
  const server = new Server();
  const warn = () => {};
  const configuration = readConfiguration(
    { file: mainFile(folder), prefix: prefixOf(folder) },
    warn,
  );
  server.serve(prepareGeneration(configuration, warn, {
    statistics: server.statistics,
  }));
  return {
    async [Symbol.asyncDispose]() {
      await server.stop();
    },
  };
}

/** What nginx says against a site. */
async function nginxFaults(site: Site, ca: Authority): Promise<string> {
  const folder = newFolder();
  try {
    writeMachine(site, folder, newPorts(), (main) => forNginx(main, folder));
    writeCertificates(site, folder, {
      certificate: ca.path("ca.crt"),
      key: ca.path("ca.key"),
    });
    withModules(folder);
    const { code, stderr } = await new Deno.Command("nginx", {
      args: ["-t", "-p", prefixOf(folder), "-c", mainFile(folder)],
    }).output();
    return code === 0 ? "" : new TextDecoder().decode(stderr);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Where the two servers differ, by request. */
async function compare(site: Site, ca: Authority): Promise<string[]> {
  const requests = readRequests(site.requests);
  const hosts = requests.filter(({ secure }) => secure)
    .map(({ host }) => host);
  const names = [...new Set(hosts)];
  if (names.length > 0) await ca.issue("site", names.join(",DNS:"), 7);
  const certificate = ca.path(names.length > 0 ? "site.crt" : "ca.crt");
  const key = ca.path(names.length > 0 ? "site.key" : "ca.key");
  const authority = Deno.readTextFileSync(ca.path("ca.crt"));
  const answers: string[][][] = [];
  for (const isOurs of [false, true]) {
    const folder = newFolder();
    try {
      const ports = newPorts();
      writeMachine(
        site,
        folder,
        ports,
        isOurs ? undefined : (main) => forNginx(main, folder),
      );
      writeCertificates(site, folder, { certificate, key });
      if (!isOurs) withModules(folder);
      const port = ports.get(requests[0]!.port)!;
      await using _server = isOurs ? startOurs(folder) : await startNginx({
        folder: prefixOf(folder),
        file: mainFile(folder),
        port,
        args: ["-g", "daemon off; master_process off;"],
      });
      const all: string[][] = [];
      for (const request of requests) {
        const lines = await answerLines(request, ports, authority);
        all.push(lines.map((line) => line.replaceAll(folder, "")));
      }
      answers.push(all);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  }
  const [theirs = [], ours = []] = answers;
  return requests.flatMap(({ line }, n) =>
    differences(theirs[n]!, ours[n]!).map((found) => `${line} ⇒ ${found}`)
  );
}

const NGINX = hasNginx();
if (!NGINX) {
  console.log("nginx is not installed: the comparison with it is left out");
}

Deno.test("every site has a name of its own", () => {
  const names = SITES.map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

Deno.test("webserv takes the sites of nginx", async (t) => {
  using ca = await Authority.create();
  for (const site of SITES) {
    await t.step(site.name, async () => {
      const folder = newFolder();
      try {
        writeMachine(site, folder, newPorts());
        writeCertificates(site, folder, {
          certificate: ca.path("ca.crt"),
          key: ca.path("ca.key"),
        });
        const faults = await faultsOf(folder);
        if (site.refused === undefined) assertEquals(faults, "");
        else {
          // Then it is to be compared.
          const message = `${site.refused} is there: strike "refused" out`;
          assertEquals(faults === "", false, message);
        }
      } finally {
        Deno.removeSync(folder, { recursive: true });
      }
    });
  }
});

Deno.test({
  name: "nginx and webserv answer alike for the sites",
  ignore: !NGINX,
  async fn(t) {
    using ca = await Authority.create();
    for (const site of SITES) {
      const isThere = (site.modules ?? []).every(nginxModule);
      await t.step({
        name: site.name,
        ignore: !isThere,
        async fn() {
          assertEquals(await nginxFaults(site, ca), "");
          if (site.refused !== undefined) return;
          const intended = (site.differs ?? []).flatMap(({ requests }) =>
            requests
          );
          assertEquals(
            (await compare(site, ca)).toSorted(),
            intended.toSorted(),
          );
        },
      });
    }
  },
});
