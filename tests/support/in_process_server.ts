/** The `Server` class in the test's own process: faster than the program. */

import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { Server } from "../../src/server/server.ts";
import { withEventMethod } from "./event_method.ts";
import { writeFiles } from "./server_process.ts";

/** What an {@linkcode InProcessServer} is started with. */
export interface InProcessOptions {
  /** The configuration; its prefix is the temporary folder. */
  readonly config: string;
  /** Files to write into the temporary folder before the start. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** A server of a temporary folder. */
export class InProcessServer implements AsyncDisposable {
  /** The server. */
  readonly server = new Server();
  /** The temporary folder, which is the prefix of the configuration. */
  readonly folder: string;
  /** What the configuration was warned of. */
  readonly warnings: string[] = [];

  /** Starts to serve. */
  constructor(options: InProcessOptions) {
    this.folder = Deno.realPathSync(
      Deno.makeTempDirSync({ prefix: "webserv_test_" }),
    );
    writeFiles(this.folder, options.files ?? {});
    this.serve(options.config);
  }

  /** Serves another configuration from now on. */
  serve(config: string): void {
    const warn = (message: string) => void this.warnings.push(message);
    const file = `${this.folder}/webserv.conf`;
    const configuration = readConfiguration({
      file,
      statements: parseConfig(withEventMethod(config), file),
      prefix: this.folder,
    }, warn);
    this.server.serve(
      prepareGeneration(configuration, warn, {
        statistics: this.server.statistics,
      }),
    );
  }

  /** The first port it listens on. */
  get port(): number {
    return this.server.addresses[0]!.port;
  }

  /** Stops it and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
    Deno.removeSync(this.folder, { recursive: true });
  }
}
