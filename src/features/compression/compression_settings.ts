/**
 * The directives of compression on the fly: those of nginx's gzip module, of
 * Google's ngx_brotli and of zstd-nginx-module. With several codings the
 * client's weights decide, then the order br, zstd, gzip.
 */

import {
  type AnyDirective,
  defineDirective,
  type Directive,
} from "../../config/directive.ts";
import type { SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import {
  integer,
  integerDirective,
  onOffDirective,
  size,
  sizeDirective,
} from "../../config/values.ts";
import { DEFAULT_CODEC_MEMORY_BYTES } from "../../files/coding/codec_memory.ts";
import { type Coding, CODINGS, LEVELS } from "../../files/coding/codings.ts";
import {
  type MediaTypes,
  mediaTypesDirective,
} from "../../core/settings/types.ts";

const ANYWHERE = ["http", "server", "location"] as const;

/** How the directives of a coding begin. */
const PREFIXES: Readonly<Record<Coding, string>> = {
  br: "brotli",
  zstd: "zstd",
  gzip: "gzip",
};

/**
 * Levels where nothing is said: gzip's is nginx's; Brotli's and zstd's take
 * about as long and give smaller answers.
 */
const DEFAULT_LEVELS: Readonly<Record<Coding, number>> = {
  br: 5,
  zstd: 3,
  gzip: 1,
};

/** The shortest body that is worth it, in bytes: nginx's default. */
const DEFAULT_MIN_LENGTH = 20;

const OF_ANOTHER_MODULE = "nginx has it by a module of a third party.";

interface CodingDirectives {
  readonly enabled: Directive<boolean>;
  readonly types: Directive<MediaTypes>;
  readonly level: Directive<number>;
  readonly minLength: Directive<number>;
}

function directivesOf(coding: Coding): CodingDirectives {
  const prefix = PREFIXES[coding];
  const differs = coding === "gzip" ? "" : OF_ANOTHER_MODULE;
  return {
    enabled: onOffDirective({
      name: prefix,
      contexts: [...ANYWHERE, "if in location"],
      default: false,
      summary: `Whether answers are compressed as "${coding}" when sent.`,
      differs,
    }),
    types: mediaTypesDirective({
      name: `${prefix}_types`,
      summary: `The media types that "${coding}" is for, beside text/html.`,
      differs,
    }),
    level: integerDirective({
      name: `${prefix}_comp_level`,
      contexts: ANYWHERE,
      ...LEVELS[coding],
      default: DEFAULT_LEVELS[coding],
      summary: `How hard "${coding}" tries, ${LEVELS[coding].min} to ` +
        `${LEVELS[coding].max}.`,
      differs,
    }),
    minLength: sizeDirective({
      name: `${prefix}_min_length`,
      contexts: ANYWHERE,
      default: DEFAULT_MIN_LENGTH,
      summary: `The shortest body that "${coding}" is for.`,
      differs,
    }),
  };
}

const DIRECTIVES: Readonly<Record<Coding, CodingDirectives>> = {
  br: directivesOf("br"),
  zstd: directivesOf("zstd"),
  gzip: directivesOf("gzip"),
};

/** `gzip_buffers number size`: checked and of no effect. */
const gzipBuffers: Directive<undefined> = defineDirective({
  name: "gzip_buffers",
  contexts: ANYWHERE,
  args: [2, 2],
  default: undefined,
  summary: "Accepted; buffers are as large as they need to be.",
  syntax: "number size",
  differs: "It has no effect.",
  parse(statement) {
    integer(statement, { min: 1 });
    size(statement, 1);
    return undefined;
  },
});

/** `compression_memory size`, in bytes; one for all servers. */
export const compressionMemory: Directive<number> = sizeDirective({
  name: "compression_memory",
  contexts: ["http"],
  default: DEFAULT_CODEC_MEMORY_BYTES,
  summary: "What compressors take at most; then bodies are sent as they are.",
  differs: "nginx has no such directive.",
});

/** Every directive of compression on the fly. */
export const COMPRESSION_DIRECTIVES: readonly AnyDirective[] = [
  ...CODINGS.flatMap((coding): AnyDirective[] => {
    const { enabled, types, level, minLength } = DIRECTIVES[coding];
    return [enabled, types, level, minLength];
  }),
  gzipBuffers,
  compressionMemory,
];

/** One coding as it is used in a location. */
export interface CodingSettings {
  readonly coding: Coding;
  /** The media types it is for. */
  readonly types: MediaTypes;
  /** How hard it tries. */
  readonly level: number;
  /** The shortest body it is for, in bytes. */
  readonly minLength: number;
  /** Where it is switched on. */
  readonly place: SourcePlace | undefined;
}

/** The codings that are on in `scope`, the favourite first. */
export function codingSettings(scope: Scope): readonly CodingSettings[] {
  return CODINGS
    .filter((coding) => scope.get(DIRECTIVES[coding].enabled))
    .map((coding) => ({
      coding,
      types: scope.get(DIRECTIVES[coding].types),
      level: scope.get(DIRECTIVES[coding].level),
      minLength: scope.get(DIRECTIVES[coding].minLength),
      place: scope.placeOf(DIRECTIVES[coding].enabled),
    }));
}
