/** A configuration from its file to the plan that is served. */

import { buildConfig } from "../../config/build.ts";
import { diskReader } from "../../config/syntax/disk.ts";
import { COMMAND_LINE, FaultList } from "../../config/fault_list.ts";
import { expandIncludes, loadConfig } from "../../config/syntax/include.ts";
import { parseConfig, type Statement } from "../../config/syntax/parser.ts";
import {
  type Recording,
  RecordingReader,
  replay,
} from "../../config/recording.ts";
import { httpScope, type Scope } from "../../config/scope.ts";
import { finish, type Steps } from "../../config/steps.ts";
import { Variables } from "../../config/configured_variables.ts";
import { ChunkPool } from "../../files/body/chunk_pool.ts";
import { CompressedCache } from "../../files/coding/compressed_cache.ts";
import { FileCaches } from "../../files/cache/file_caches.ts";
import { PartCache } from "../../files/body/part_cache.ts";
import { reportLogTrouble } from "../../logging/diagnostics.ts";
import { LogFiles } from "../../logging/log_files.ts";
import type { LogSink } from "../../logging/log_sink.ts";
import { openLogSink } from "../../logging/open_log_sink.ts";
import { compressedCache } from "../../core/settings/file_settings.ts";
import type { EventMethod } from "../../core/settings/event_method.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, Module } from "../../core/module.ts";
import { NO_STATISTICS, type Statistics } from "../../core/statistics.ts";
import { Zones } from "../../core/zones.ts";
import { dirname } from "@std/path/dirname";
import { resolve } from "@std/path/resolve";
import { dispatchSubrequest } from "../dispatch.ts";
import { compilePlan, type Plan } from "./plan.ts";
import { MODULES, variablesOf } from "./registry.ts";

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

/** How a configuration is read. */
export interface ReadOptions {
  /**
   * Takes what is wrong, and what is returned is only good for being checked;
   * without it, all that is wrong is thrown.
   */
  readonly faults?: FaultList | undefined;
  /** The features; those of the registry if left out. */
  readonly modules?: readonly Module[];
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
  /** The features it is for. */
  readonly modules: readonly Module[];
  /** What was read for it, for others to read the same. */
  readonly recording: Recording;
  /** The files it was read from, as `-T` shows them. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

/**
 * Reads and checks a configuration.
 *
 * @throws {ConfigError} when it is wrong
 * @throws {ConfigFileError} when the file cannot be read
 */
export function readConfiguration(
  source: ConfigurationSource,
  warn: (message: string) => void,
  options?: ReadOptions,
): Configuration {
  return finish(readConfigurationSteps(source, warn, options));
}

/** As {@linkcode readConfiguration}, in steps. */
export function* readConfigurationSteps(
  source: ConfigurationSource,
  warn: (message: string) => void,
  { faults, modules = MODULES }: ReadOptions = {},
): Steps<Configuration> {
  const found = faults ?? new FaultList();
  const configuration = yield* readStatements(source, warn, found, modules);
  if (faults === undefined) found.throwIfFound();
  return configuration;
}

function* readStatements(
  source: ConfigurationSource,
  warn: (message: string) => void,
  faults: FaultList,
  modules: readonly Module[],
): Steps<Configuration> {
  const files: { path: string; text: string }[] = [];
  const recording = new RecordingReader(
    source.recording === undefined ? diskReader : replay(source.recording),
  );
  const directory = source.directory ?? dirname(source.file);
  const include = {
    reader: recording,
    directory,
    faults,
    warn,
    onFile: (path: string, text: string) => void files.push({ path, text }),
  };
  const globals = source.globals === undefined ? [] : expandIncludes(
    parseConfig(source.globals, COMMAND_LINE, { commandLine: true, faults }),
    include,
  );
  const own = source.statements ??
    (yield* loadConfig(source.file, include));
  const statements = [...globals, ...own];
  const variables = new Variables(variablesOf(modules));
  const main = yield* buildConfig(statements, {
    file: source.file,
    directives: modules.flatMap(({ directives }) => directives),
    faults,
    variables,
    resolvePath: (path) => resolve(source.prefix, path),
    resolveConfigPath: (path) => resolve(directory, path),
    warn,
  });
  return { source, statements, main, modules, variables, recording, files };
}

/** A configuration that is or was served, and what belongs to it. */
export interface Generation {
  /** What is looked up at request time. */
  readonly plan: Plan;
  /** What its modules share. */
  readonly environment: Environment;
  /** Its outermost scope. */
  readonly main: Scope;
  /** The features it is for. */
  readonly modules: readonly Module[];
}

/** How a configuration is compiled. */
export interface PrepareOptions {
  /** Those of the program that will serve it; without, it is only checked. */
  readonly statistics?: Statistics;
  /** Opens a log by its path. */
  readonly openLog?: (path: string) => LogSink;
  /** The event method that the program uses already. */
  readonly events?: EventMethod | undefined;
  /** Takes what is wrong, as in {@linkcode ReadOptions}. */
  readonly faults?: FaultList;
  /** Gets its zones, and has what is kept of those before. */
  readonly zones?: Zones;
}

/**
 * Compiles a configuration and opens its logs.
 *
 * @throws {ConfigError} when parts of it do not go together, or a log cannot
 * be opened
 */
export function prepareGeneration(
  configuration: Configuration,
  warn: (message: string) => void,
  options?: PrepareOptions,
): Generation {
  return finish(prepareGenerationSteps(configuration, warn, options));
}

/** As {@linkcode prepareGeneration}, in steps. */
export function* prepareGenerationSteps(
  { main, modules, source, variables }: Configuration,
  warn: (message: string) => void,
  {
    statistics = NO_STATISTICS,
    openLog = openLogSink,
    events,
    faults,
    zones = new Zones(),
  }: PrepareOptions = {},
): Steps<Generation> {
  const logs = new LogFiles({ onTrouble: reportLogTrouble, open: openLog });
  const environment: Environment = {
    files: new FileCaches(),
    compressed: new CompressedCache(httpScope(main).get(compressedCache)),
    chunks: new ChunkPool(),
    parts: new PartCache(),
    logs,
    statistics,
    gauges: [],
    variables,
    zones,
    answer: dispatchSubrequest,
    resolvePath: (path) => resolve(source.prefix, path),
  };
  try {
    const options = { modules, environment, events, warn, faults };
    const plan = yield* compilePlan(main, options);
    return { plan, environment, main, modules };
  } catch (error) {
    logs.close();
    throw error;
  }
}
