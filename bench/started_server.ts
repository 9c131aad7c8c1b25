/** A server that runs, from its configuration to its end. */

import { Client } from "./client.ts";
import { CLIENT_CORE } from "./load.ts";
import { cpuSeconds, type Memory, memory, processTree } from "./measure.ts";
import { requestText } from "./requests.ts";
import { TOKEN_FILE } from "./tree.ts";
import { RunningProcess, runPinned } from "./processes.ts";
import type { ServerSpec, Site } from "./server_spec.ts";

/** The core that the server under test has. */
export const SERVER_CORE = 0;

/** The cores that it has: with two workers it shares one with wrk. */
function coresOf({ workers }: Site): number[] {
  return workers > 1 ? [SERVER_CORE, CLIENT_CORE] : [SERVER_CORE];
}

/** How long a server may take to answer after its start, in ms. */
const START_TIMEOUT_MS = 20_000;

/** How often it is asked meanwhile, in ms. */
const START_POLL_MS = 25;

/** A server and where its program is. */
export interface InstalledServer {
  /** What it is. */
  readonly spec: ServerSpec;
  /** The program's path. */
  readonly program: string;
  /** What it says its version is. */
  readonly version: string;
}

/** Of `specs`, those that are installed; the others are told to `missing`. */
export async function findServers(
  specs: readonly ServerSpec[],
  missing: (spec: ServerSpec) => void,
): Promise<InstalledServer[]> {
  const found: InstalledServer[] = [];
  for (const spec of specs) {
    const program = await spec.find();
    if (program === undefined) {
      missing(spec);
      continue;
    }
    const output = await runPinned({
      cores: [SERVER_CORE],
      command: [program, ...spec.versionArgs],
    });
    found.push({ spec, program, version: output.trim().split("\n")[0] ?? "" });
  }
  return found;
}

/** A port nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function writeConfig(spec: ServerSpec, site: Site): Promise<void> {
  await Deno.mkdir(site.folder, { recursive: true });
  if (spec.config === undefined) return;
  const [name, text] = spec.config(site);
  await Deno.writeTextFile(`${site.folder}/${name}`, text);
}

/** Why a server cannot serve `site`, or `undefined` if it can. */
export async function refusal(
  { spec, program }: InstalledServer,
  site: Site,
): Promise<string | undefined> {
  if (spec.check === undefined) return undefined;
  await writeConfig(spec, site);
  try {
    await runPinned({
      cores: [SERVER_CORE],
      command: spec.check(program, site),
    });
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    const reason = /\[emerg\] (.*)/.exec(message)?.[1] ?? message;
    // The place is in a temporary file: it says nothing to a reader.
    return reason.replace(/ in \S+:\d+$/, "");
  }
}

/** A server that was started for a measurement. */
export class StartedServer implements AsyncDisposable {
  /** Where it serves what. */
  readonly site: Site;
  readonly #process: RunningProcess;
  #tree: number[] = [];

  private constructor(process: RunningProcess, site: Site) {
    this.#process = process;
    this.site = site;
  }

  /**
   * Starts a server and waits until it answers with a file of this tree.
   *
   * @throws {Error} when it does not
   */
  static async start(
    { spec, program }: InstalledServer,
    site: Site,
  ): Promise<StartedServer> {
    await writeConfig(spec, site);
    const process = new RunningProcess({
      cores: coresOf(site),
      command: spec.command(program, site),
    });
    process.ignoreOutput();
    const server = new StartedServer(process, site);
    try {
      await server.#answers();
      server.#tree = await processTree(process.pid);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      const said = (await process.errors).trim();
      throw new Error(`${spec.name} does not start: ${said || error}`);
    }
    return server;
  }

  /** CPU seconds it has used. */
  cpuSeconds(): Promise<number> {
    return cpuSeconds(this.#tree);
  }

  /** The memory it takes. */
  memory(): Promise<Memory> {
    return memory(this.#tree);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }

  async #answers(): Promise<void> {
    const { port, root } = this.site;
    const token = await Deno.readTextFile(`${root}/${TOKEN_FILE}`);
    const request = requestText({ head: "short" }, `/${TOKEN_FILE}`, port);
    const until = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      if (this.#process.ended) throw new Error("it ended");
      try {
        using client = await Client.connect(this.site);
        await client.send(request);
        const { body } = await client.answer();
        // Somebody else may listen here: then this would measure them.
        if (new TextDecoder().decode(body) !== token) {
          throw new Error(`port ${port} is somebody else's`);
        }
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await new Promise((resolve) => setTimeout(resolve, START_POLL_MS));
      }
    }
  }
}
