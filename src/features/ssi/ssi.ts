/** `ssi`: commands in pages, as server side includes have them. */

import { defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { onOffDirective, size, sizeDirective } from "../../config/values.ts";
import { bytes, type Variable, variableTable } from "../../config/variables.ts";
import { madeFields } from "../../core/changed_content.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { Environment, LocationHooks, Module } from "../../core/module.ts";
import { isOfType, mediaTypesDirective } from "../../core/settings/types.ts";
import { MadeBody } from "../../files/body/made_body.ts";
import { ssiPage } from "./page.ts";
import { PageSettings, pageSettings } from "./page_state.ts";
import { formatTime } from "./time_format.ts";

const ANYWHERE = ["http", "server", "location"] as const;

const ssiDirective = onOffDirective({
  name: "ssi",
  contexts: [...ANYWHERE, "if in location"],
  default: false,
  summary: "Whether commands in pages, <!--#include ... -->, are done.",
  differs:
    'What is included is asked for when it is its turn, as with wait="yes".',
});

const typesDirective = mediaTypesDirective({
  name: "ssi_types",
  summary: "The media types of pages with commands, beside text/html.",
});

const silentErrors = onOffDirective({
  name: "ssi_silent_errors",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether a page says nothing of commands that cannot be done.",
});

const lastModified = onOffDirective({
  name: "ssi_last_modified",
  contexts: ANYWHERE,
  default: false,
  summary: "Whether the time and the tag of the file are sent all the same.",
});

const valueLength = sizeDirective({
  name: "ssi_value_length",
  contexts: ANYWHERE,
  default: 256,
  summary: "The longest value of a parameter in a command.",
});

/** What nginx takes for a page of memory. */
const PAGE_BYTES = 4096;

const outputBufferSize = sizeDirective({
  name: "subrequest_output_buffer_size",
  contexts: ANYWHERE,
  default: PAGE_BYTES,
  summary: 'How much an "include" with "set" puts into a variable.',
});

/** Read, and of no effect: files are not cut for SSI. */
const minFileChunk = defineDirective<undefined>({
  name: "ssi_min_file_chunk",
  contexts: ANYWHERE,
  args: [1, 1],
  default: undefined,
  summary: "Accepted; pages are sent in pieces of any length.",
  syntax: "size",
  differs: "It has no effect.",
  parse: (statement) => void size(statement),
});

const ignoreRecycledBuffers = onOffDirective({
  name: "ssi_ignore_recycled_buffers",
  contexts: ANYWHERE,
  default: false,
  summary: "Accepted; there are no such buffers.",
  differs: "It has no effect.",
});

function create(
  scope: Scope,
  { variables }: Environment,
): LocationHooks | undefined {
  if (!scope.get(ssiDirective)) return undefined;
  const types = scope.get(typesDirective);
  const keepsValidators = scope.get(lastModified);
  const settings = {
    silentErrors: scope.get(silentErrors),
    maxValueBytes: scope.get(valueLength),
    maxSetBytes: scope.get(outputBufferSize),
    variable: (name: string, exchange: Exchange) =>
      variables.read(name, exchange),
  };
  return {
    stages: {
      coding(exchange, response) {
        const { body, headers, length } = response;
        if (
          body === undefined || length === 0 || !isOfType(types, response) ||
          headers.has("Content-Encoding")
        ) return response;
        return response.with({
          headers: madeFields(headers, keepsValidators),
          body: new MadeBody(
            body,
            (made) => ssiPage(made.read(body), exchange, made, settings),
          ),
        });
      },
    },
  };
}

/** The time as `config timefmt` has it in the page. */
function timeVariable(zone: "GMT" | "local"): Variable<Exchange> {
  return bytes((exchange) => {
    const { timeFormat } = pageSettings.get(exchange) ?? new PageSettings();
    return formatTime(timeFormat, Date.now(), zone);
  });
}

/** Commands in pages. */
export const ssiModule: Module = {
  name: "ssi",
  directives: [
    ssiDirective,
    typesDirective,
    silentErrors,
    lastModified,
    valueLength,
    outputBufferSize,
    minFileChunk,
    ignoreRecycledBuffers,
  ],
  dependsOn: [],
  variables: variableTable({
    date_gmt: timeVariable("GMT"),
    date_local: timeVariable("local"),
  }),
  create,
};
