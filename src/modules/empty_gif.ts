/** `empty_gif`: one transparent pixel. */

import { defineDirective, type Directive } from "../config/directive.ts";
import type { Scope } from "../config/scope.ts";
import { HeaderList, HttpResponse } from "../http/response.ts";
import { checkReadMethod, optionsResponse } from "./methods.ts";
import type { LocationHooks, Module } from "./module.ts";

/** `empty_gif`. */
export const emptyGifDirective: Directive<boolean> = defineDirective({
  name: "empty_gif",
  contexts: ["location"],
  args: [0, 0],
  repeatable: true,
  inherit: false,
  default: false,
  summary: "Answers with a transparent image of one pixel.",
  parse: () => true,
});

/** The image that nginx sends, 43 bytes. */
const GIF = Uint8Array.from(
  atob("R0lGODlhAQABAIABAAAAAP///yH5BAEAAAEALAAAAAABAAEAAAICTAEAOw=="),
  (character) => character.charCodeAt(0),
);

/** The time nginx says of it, so that it is fetched once. */
const LAST_MODIFIED = "Mon, 28 Sep 1970 06:00:00 GMT";

function create(scope: Scope): LocationHooks | undefined {
  if (!scope.get(emptyGifDirective)) return undefined;
  const response = new HttpResponse(200, {
    headers: new HeaderList([
      ["Content-Type", "image/gif"],
      ["Last-Modified", LAST_MODIFIED],
    ]),
    body: GIF,
    shared: true,
  });
  return {
    content: (exchange) =>
      checkReadMethod(exchange) === "options" ? optionsResponse() : response,
  };
}

/** The empty image. */
export const emptyGifModule: Module = {
  name: "empty_gif",
  directives: [emptyGifDirective],
  create,
};
