/** `use`: how the program learns what its sockets have. */

import { defineDirective, type Directive } from "../../config/directive.ts";
import { ConfigError } from "../../config/errors.ts";
import { argument } from "../../config/values.ts";
import type { Module } from "../module.ts";

/** The methods there are. */
export type EventMethod = "deno" | "epoll";

/** `use method`. */
export const useDirective: Directive<EventMethod> = defineDirective<
  EventMethod
>({
  name: "use",
  contexts: ["events"],
  args: [1, 1],
  default: "deno",
  summary:
    "Whose sockets are used: the runtime's, or the system's own with epoll.",
  syntax: "deno | epoll",
  defaultText: "deno",
  differs: "nginx chooses the best method by itself. epoll is there on Linux " +
    "with --allow-ffi; where it is not, deno is used, with a warning. " +
    "Another one takes effect with the next start.",
  parse(statement) {
    const method = argument(statement);
    if (method === "deno" || method === "epoll") return method;
    throw new ConfigError(
      `invalid event type "${method}"`,
      statement.place,
      "expected deno, or on Linux epoll",
    );
  },
});

/** The method of events. */
export const eventMethodModule: Module = {
  name: "event_method",
  directives: [useDirective],
};
