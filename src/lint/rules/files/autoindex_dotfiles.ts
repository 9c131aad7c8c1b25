/** `autoindex-dotfiles`: listings of folders with hidden files to be had. */

import { autoindexDirective } from "../../../features/autoindex/autoindex.ts";
import { dotfiles } from "../../../core/settings/file_settings.ts";
import type { Rule } from "../../rule.ts";

/** The rule. */
export const autoindexDotfiles: Rule = {
  name: "autoindex-dotfiles",
  finds: "`autoindex on` where `dotfiles allow` is in force.",
  why:
    "A listing leaves out names that begin with a dot, but whoever guesses " +
    "one gets it.",
  examples: [
    {
      text: "server {\n root www;\n dotfiles allow;\n location /pub/ {\n" +
        "  autoindex on; # here\n }\n}",
    },
    {
      text: "server {\n root www;\n location /pub/ { autoindex on; }\n" +
        " location /dots/ { dotfiles allow; }\n}",
    },
  ],
  *check({ blocks }) {
    for (const { scope } of blocks) {
      if (scope.own(autoindexDirective) !== true) continue;
      if (scope.get(dotfiles) !== "allow") continue;
      yield {
        place: scope.placeOf(autoindexDirective) ?? scope.place,
        what: "folders are listed here, and files whose names begin with a " +
          'dot are served ("dotfiles allow")',
        advice: 'write "dotfiles deny;" here',
      };
    }
  },
};
