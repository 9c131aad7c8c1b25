/**
 * `add_before_body` and `add_after_body`: other answers of the same server
 * before and behind a page.
 */

import { defineDirective, type Directive } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { transformedFields } from "../../core/changed_content.ts";
import type { Exchange } from "../../core/exchange.ts";
import type { LocationHooks, Module } from "../../core/module.ts";
import { isOfType, mediaTypesDirective } from "../../core/settings/types.ts";
import { answerTo, subrequest } from "../../core/subrequest.ts";
import { MadeBody, type Pieces } from "../../files/body/made_body.ts";
import type { ResponseBody } from "../../http/response.ts";

function uriDirective(name: string, where: string): Directive<string> {
  return defineDirective<string>({
    name,
    contexts: ["http", "server", "location"],
    args: [1, 1],
    default: "",
    summary: `What is sent ${where} a page: another answer of the server.`,
    syntax: "uri",
    parse: ({ args: [uri = ""] }) => uri,
  });
}

const addBeforeBody = uriDirective("add_before_body", "before");
const addAfterBody = uriDirective("add_after_body", "behind");

const additionTypes = mediaTypesDirective({
  name: "addition_types",
  summary: "The media types that are added to, beside text/html.",
});

function create(scope: Scope): LocationHooks | undefined {
  const before = scope.get(addBeforeBody);
  const after = scope.get(addAfterBody);
  if (before === "" && after === "") return undefined;
  const types = scope.get(additionTypes);

  async function* added(exchange: Exchange, made: MadeBody, uri: string) {
    if (uri === "") return;
    const target = { uri, args: "" };
    const { body } = await answerTo(subrequest(exchange, target));
    yield* made.read(body);
  }

  async function* whole(
    exchange: Exchange,
    made: MadeBody,
    body: ResponseBody,
  ): Pieces {
    yield* added(exchange, made, before);
    yield* made.read(body);
    yield* added(exchange, made, after);
  }

  return {
    stages: {
      coding(exchange, response) {
        const { body, headers, status } = response;
        if (
          exchange.main !== undefined || status !== 200 ||
          !isOfType(types, response) || headers.has("Content-Encoding")
        ) return response;
        return response.with({
          headers: transformedFields(headers),
          body: new MadeBody(body, (made) => whole(exchange, made, body)),
        });
      },
    },
  };
}

/** Answers before and behind others. */
export const additionModule: Module = {
  name: "addition",
  directives: [addBeforeBody, addAfterBody, additionTypes],
  dependsOn: [],
  create,
};
