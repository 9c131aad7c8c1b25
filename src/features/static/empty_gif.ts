/** `empty_gif`: one transparent pixel. */

import { defineDirective } from "../../config/directive.ts";
import type { Scope } from "../../config/scope.ts";
import { Representation } from "../../http/representation.ts";
import { HeaderList, HttpResponse } from "../../http/response.ts";
import type { Exchange } from "../../core/exchange.ts";
import { checkReadMethod, optionsResponse } from "../../core/methods.ts";
import type { LocationHooks, Module } from "../../core/module.ts";

const emptyGifDirective = defineDirective({
  name: "empty_gif",
  contexts: ["location"],
  args: [0, 0],
  repeatable: true,
  inherit: "if",
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

function image(): HttpResponse {
  return new HttpResponse(200, {
    headers: new HeaderList([
      ["Content-Type", "image/gif"],
      ["Last-Modified", LAST_MODIFIED],
    ]),
    body: GIF,
  });
}

function create(scope: Scope): LocationHooks | undefined {
  if (!scope.get(emptyGifDirective)) return undefined;
  let representation: Representation | undefined;
  function represented({ location }: Exchange): Representation {
    const made = image();
    location.represent(made);
    return new Representation(made);
  }
  return {
    content(exchange) {
      if (checkReadMethod(exchange) === "options") return optionsResponse();
      if (exchange.standsIn) return image();
      return representation ??= represented(exchange);
    },
  };
}

/** The empty image. */
export const emptyGifModule: Module = {
  name: "empty_gif",
  directives: [emptyGifDirective],
  create,
};
