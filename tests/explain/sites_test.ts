/** What is explained is what the server does: for the sites of the corpus. */

import { assert, assertEquals } from "@std/assert";
import { explain } from "../../src/explain/explain.ts";
import { Server } from "../../src/server/server.ts";
import { NO_SINK } from "../../src/server/setup/preflight.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import {
  readRequests,
  type SiteRequest,
} from "../integration/nginx_configurations/ask.ts";
import {
  LISTENED,
  mainFile,
  prefixOf,
  writeCertificates,
  writeMachine,
} from "../integration/nginx_configurations/relocate.ts";
import { SITES } from "../integration/nginx_configurations/sites/all.ts";
import { Authority } from "../support/certificates.ts";
import { freePort } from "../support/free_ports.ts";
import { RawClient } from "../support/raw_client.ts";

/** The status and the Location of the answer of a server. */
async function answered(
  { method, target, host, fields }: SiteRequest,
  port: number,
): Promise<string> {
  using client = await RawClient.connect(port);
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${host}`, ...fields];
  if (method === "POST") lines.push("Content-Length: 0");
  await client.send(`${lines.join("\r\n")}\r\nConnection: close\r\n\r\n`);
  const text = new TextDecoder("latin1").decode(await client.rest());
  if (text === "") return "444 ";
  const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  const location = /^Location: (.*)\r$/mi.exec(
    text.split("\r\n\r\n")[0] + "\r",
  );
  return `${status} ${location?.[1] ?? ""}`;
}

Deno.test("explain() says what the server then answers", async () => {
  using authority = await Authority.create();
  let asked = 0;
  const differences: string[] = [];
  for (const site of SITES) {
    const isCounting = Object.values(site.files)
      .some((text) => /\blimit_(?:req|conn)\b/.test(text));
    if (site.refused !== undefined || isCounting) continue;
    const folder = Deno.realPathSync(Deno.makeTempDirSync());
    const ports = new Map(LISTENED.map((port) => [port, freePort()]));
    writeMachine(site, folder, ports as ReadonlyMap<string, number>);
    writeCertificates(site, folder, {
      certificate: authority.path("ca.crt"),
      key: authority.path("ca.key"),
    });
    const source = { file: mainFile(folder), prefix: prefixOf(folder) };
    const prepare = () => {
      const configuration = readConfiguration(source, () => {});
      return {
        configuration,
        generation: prepareGeneration(configuration, () => {}, {
          openLog: () => NO_SINK,
        }),
      };
    };
    const server = new Server();
    server.serve(prepare().generation);
    try {
      for (const request of readRequests(site.requests)) {
        if (request.secure || request.method === "CONNECT") continue;
        const port = ports.get(request.port as typeof LISTENED[number])!;
        const { configuration, generation } = prepare();
        const { status, fields } = await explain(configuration, generation, {
          host: request.host,
          method: request.method,
          target: request.target,
          from: "127.0.0.1",
          fields: request.fields.map((field) => {
            const colon = field.indexOf(":");
            return {
              name: field.slice(0, colon).toLowerCase(),
              value: field.slice(colon + 1).trim(),
            };
          }),
          secure: false,
          port,
        });
        generation.environment.files.clear();
        generation.environment.files.stop();
        const location = fields.find(({ name }) => name === "Location");
        const explained = `${status} ${location?.value ?? ""}`;
        const real = await answered(request, port);
        if (explained !== real) {
          differences.push(
            `${site.name}: ${request.line}: ${explained}, but ${real}`,
          );
        }
        asked++;
      }
    } finally {
      await server.stop();
      Deno.removeSync(folder, { recursive: true });
    }
  }
  assertEquals(differences, []);
  assert(asked > 300, `${asked} requests`);
});
