/** `merge_slashes`: whether `//` in a path is the same as `/`. */

import type { Directive } from "../../config/directive.ts";
import { onOffDirective } from "../../config/values.ts";
import type { Module } from "../module.ts";

/** `merge_slashes on | off`; applied before a location is looked for. */
export const mergeSlashesDirective: Directive<boolean> = onOffDirective({
  name: "merge_slashes",
  contexts: ["http", "server"],
  default: true,
  summary: "Whether adjacent slashes in a path count as one.",
});

/** The form of paths. */
export const mergeSlashesModule: Module = {
  name: "merge_slashes",
  directives: [mergeSlashesDirective],
};
