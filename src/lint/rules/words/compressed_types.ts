/** `compressed-types`: what is compressed already, compressed again. */

import type { Rule } from "../../rule.ts";

/** Media types whose content is compressed, or as good as random. */
const COMPRESSED =
  /^(?:image\/(?!svg|bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp|tiff)|video\/|audio\/(?!wav|x-wav|midi)|font\/woff|application\/(?:font-woff|x-font-woff|(?:x-)?(?:gzip|zip|bzip2?|xz|zstd|rar|7z-compressed|rar-compressed)|vnd\.rar|pdf|java-archive|epub\+zip)(?![\w+]))/i;

/** The rule. */
export const compressedTypes: Rule = {
  name: "compressed-types",
  finds: "Media types in `gzip_types`, `brotli_types` or `zstd_types` whose " +
    "files are compressed already.",
  why: "It costs processor time, and they hardly get smaller.",
  examples: [
    { text: "gzip_types text/css image/png; # here\nserver { }" },
    { text: "brotli_types font/woff2; # here\nserver { }" },
    {
      text: "gzip_types text/css image/svg+xml application/json font/ttf " +
        "image/x-icon application/wasm;\nserver { }",
    },
  ],
  *check(subject) {
    const names = ["gzip_types", "brotli_types", "zstd_types"];
    for (const { statement } of subject.statements(...names)) {
      const vain = statement.args.filter((type) => COMPRESSED.test(type));
      if (vain.length === 0) continue;
      const rest = statement.args.filter((type) => !vain.includes(type));
      const is = vain.length === 1 ? "is" : "are";
      yield {
        place: statement.place,
        what: `${vain.join(", ")} ${is} compressed already`,
        advice: rest.length === 0
          ? `leave out "${statement.name}" here`
          : `write "${statement.name} ${rest.join(" ")};"`,
      };
    }
  },
};
