/** A configuration from its file to the plan that is served. */

import { buildConfigSteps } from "../../config/build.ts";
import { diskReader } from "../../config/syntax/disk.ts";
import { COMMAND_LINE, FaultList } from "../../config/fault_list.ts";
import {
  expandIncludes,
  loadConfigSteps,
} from "../../config/syntax/include.ts";
import { parseConfig, type Statement } from "../../config/syntax/parser.ts";
import {
  type Recording,
  RecordingReader,
  replay,
} from "../../config/recording.ts";
import type { Scope } from "../../config/scope.ts";
import { finish, type Steps } from "../../config/steps.ts";
import { Variables } from "../../config/variables.ts";
import { ChunkPool } from "../../files/body/chunk_pool.ts";
import { CompressedCache } from "../../files/coding/compressed_cache.ts";
import { FileCaches } from "../../files/cache/file_caches.ts";
import { PartCache } from "../../files/body/part_cache.ts";
import { reportLogTrouble } from "../../logging/diagnostics.ts";
import { LogFiles } from "../../logging/log_files.ts";
import { type LogSink, openLogSink } from "../../logging/log_sink.ts";
import { compressionMemory } from "../../features/compression/compression_settings.ts";
import { compressedCache } from "../../core/settings/file_settings.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment } from "../../core/module.ts";
import { NO_STATISTICS, type Statistics } from "../../core/statistics.ts";
import { dirname, resolve } from "@std/path";
import { compilePlanSteps, type Plan } from "./plan.ts";
import { DIRECTIVES, MODULES, VARIABLES } from "./registry.ts";

/** Where a configuration comes from. */
export interface ConfigurationSource {
  /** The configuration file, absolute; also names `statements` in errors. */
  readonly file: string;
  /** Statements that take the place of the file's. */
  readonly statements?: readonly Statement[];
  /** The folder that relative paths are relative to, absolute. */
  readonly prefix: string;
  /**
   * The folder that relative names of included files are relative to; that of
   * the file if left out.
   */
  readonly directory?: string;
  /** What was read before and takes the place of the disk. */
  readonly recording?: Recording;
  /** Directives from the command line (`-g`). */
  readonly globals?: string | undefined;
}

/** A checked configuration. */
export interface Configuration {
  /** Where it came from. */
  readonly source: ConfigurationSource;
  /** All its statements, includes expanded, those of `-g` first. */
  readonly statements: readonly Statement[];
  /** Its outermost scope. */
  readonly main: Scope;
  /** Its variables. */
  readonly variables: Variables<Exchange>;
  /** What was read for it, for others to read the same. */
  readonly recording: Recording;
  /** The files it was read from, as `-T` shows them. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/**
 * Reads and checks a configuration. `faults` takes what is wrong with it, and
 * what is returned is only good for being checked; without `faults`, all that
 * is wrong is thrown.
 *
 * @throws {ConfigError} when it is wrong
 * @throws {ConfigFileError} when the file cannot be read
 */
export function readConfiguration(
  source: ConfigurationSource,
  warn: (message: string) => void,
  faults?: FaultList,
): Configuration {
  return finish(readConfigurationSteps(source, warn, faults));
}

/** As {@linkcode readConfiguration}, in steps. */
export function* readConfigurationSteps(
  source: ConfigurationSource,
  warn: (message: string) => void,
  faults?: FaultList,
): Steps<Configuration> {
  const found = faults ?? new FaultList();
  const configuration = yield* readStatements(source, warn, found);
  if (faults === undefined) found.throwIfFound();
  return configuration;
}

function* readStatements(
  source: ConfigurationSource,
  warn: (message: string) => void,
  faults: FaultList,
): Steps<Configuration> {
  const files: { path: string; text: string }[] = [];
  const recording = new RecordingReader(
    source.recording === undefined ? diskReader : replay(source.recording),
  );
  const include = {
    reader: recording,
    directory: source.directory ?? dirname(source.file),
    faults,
    warn,
    onFile: (path: string, text: string) => void files.push({ path, text }),
  };
  const globals = source.globals === undefined ? [] : expandIncludes(
    parseConfig(source.globals, COMMAND_LINE, { commandLine: true, faults }),
    include,
  );
  const own = source.statements ??
    (yield* loadConfigSteps(source.file, include));
  const statements = [...globals, ...own];
  const variables = new Variables(VARIABLES);
  const main = yield* buildConfigSteps(statements, {
    file: source.file,
    directives: DIRECTIVES,
    faults,
    variables,
    resolvePath: (path) => resolve(source.prefix, path),
    warn,
  });
  return { source, statements, main, variables, recording, files };
}

/** A configuration that is or was served, and what belongs to it. */
export interface Generation {
  /** What is looked up at request time. */
  readonly plan: Plan;
  /** What its modules share. */
  readonly environment: Environment;
  /** How much compressors may take while it is served, in bytes. */
  readonly compressionMemory: number;
}

/**
 * Compiles a configuration and opens its logs. `statistics` are those of the
 * program that will serve it; without them it is only checked. `openLog` opens
 * a log by its path. `faults` takes what is wrong, as in
 * {@linkcode readConfiguration}.
 *
 * @throws {ConfigError} when parts of it do not go together, or a log cannot
 * be opened
 */
export function prepareGeneration(
  configuration: Configuration,
  warn: (message: string) => void,
  statistics?: Statistics,
  openLog?: (path: string) => LogSink,
  faults?: FaultList,
): Generation {
  return finish(
    prepareGenerationSteps(configuration, warn, statistics, openLog, faults),
  );
}

/** As {@linkcode prepareGeneration}, in steps. */
export function* prepareGenerationSteps(
  { main, source, variables }: Configuration,
  warn: (message: string) => void,
  statistics: Statistics = NO_STATISTICS,
  openLog: (path: string) => LogSink = openLogSink,
  faults?: FaultList,
): Steps<Generation> {
  const logs = new LogFiles({ onTrouble: reportLogTrouble, open: openLog });
  const http = main.childrenOf("http")[0] ?? main;
  const environment: Environment = {
    files: new FileCaches(),
    compressed: new CompressedCache(http.get(compressedCache)),
    chunks: new ChunkPool(),
    parts: new PartCache(),
    logs,
    statistics,
    variables,
    resolvePath: (path) => resolve(source.prefix, path),
  };
  try {
    const options = { modules: MODULES, environment, warn, faults };
    const plan = yield* compilePlanSteps(main, options);
    const memory = http.get(compressionMemory);
    return { plan, environment, compressionMemory: memory };
  } catch (error) {
    logs.close();
    throw error;
  }
}
