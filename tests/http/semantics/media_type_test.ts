import { assertEquals } from "@std/assert";
import {
  isTextual,
  mediaTypeByExtension,
} from "../../../src/http/semantics/media_type.ts";

Deno.test("mediaTypeByExtension() knows what a static site has", () => {
  const cases: [string, string][] = [
    ["html", "text/html"],
    ["htm", "text/html"],
    ["xhtml", "application/xhtml+xml"],
    ["css", "text/css"],
    ["js", "text/javascript"],
    ["mjs", "text/javascript"],
    ["cjs", "text/javascript"],
    ["wasm", "application/wasm"],
    ["json", "application/json"],
    ["map", "application/json"],
    ["jsonld", "application/ld+json"],
    ["geojson", "application/geo+json"],
    ["webmanifest", "application/manifest+json"],
    ["xml", "application/xml"],
    ["atom", "application/atom+xml"],
    ["rss", "application/rss+xml"],
    ["txt", "text/plain"],
    ["md", "text/markdown"],
    ["csv", "text/csv"],
    ["ics", "text/calendar"],
    ["vcf", "text/vcard"],
    ["yaml", "application/yaml"],
    ["yml", "application/yaml"],
    ["rs", "text/x-rust"],
    ["pdf", "application/pdf"],
    ["svg", "image/svg+xml"],
    ["png", "image/png"],
    ["jpg", "image/jpeg"],
    ["jpeg", "image/jpeg"],
    ["gif", "image/gif"],
    ["webp", "image/webp"],
    ["avif", "image/avif"],
    ["jxl", "image/jxl"],
    ["ico", "image/vnd.microsoft.icon"],
    ["cur", "image/vnd.microsoft.icon"],
    ["woff", "font/woff"],
    ["woff2", "font/woff2"],
    ["ttf", "font/ttf"],
    ["otf", "font/otf"],
    ["mp3", "audio/mpeg"],
    ["flac", "audio/flac"],
    ["opus", "audio/ogg"],
    ["mp4", "video/mp4"],
    ["webm", "video/webm"],
    ["vtt", "text/vtt"],
    ["m3u8", "application/vnd.apple.mpegurl"],
    ["mpd", "application/dash+xml"],
    ["ts", "video/mp2t"],
    ["zip", "application/zip"],
    ["gz", "application/gzip"],
    ["tgz", "application/gzip"],
    ["zst", "application/zstd"],
    ["pmtiles", "application/vnd.pmtiles"],
    ["parquet", "application/vnd.apache.parquet"],
    ["glb", "model/gltf-binary"],
  ];
  for (const [extension, type] of cases) {
    assertEquals(mediaTypeByExtension(extension), type, extension);
    assertEquals(mediaTypeByExtension(extension.toUpperCase()), type);
  }
});

Deno.test("mediaTypeByExtension() is undefined for what is no known one", () => {
  const cases = [
    "",
    ".",
    ".html",
    "html ",
    "tar.gz",
    "nonesuch",
    "constructor",
    "__proto__",
    "toString",
  ];
  for (const extension of cases) {
    assertEquals(mediaTypeByExtension(extension), undefined, extension);
  }
});

Deno.test("isTextual() decides where a charset belongs", () => {
  const cases: [string, boolean][] = [
    ["text/html", true],
    ["text/plain", true],
    ["text/css", true],
    ["text/markdown", true],
    ["text/javascript", true],
    ["application/javascript", true],
    ["application/x-javascript", true],
    ["TEXT/HTML", true],
    ["text/html; charset=utf-8", true],
    ["text/html ; a=b", true],
    // JSON is UTF-8; XML declares its own encoding.
    ["application/json", false],
    ["application/ld+json", false],
    ["text/x+json", false],
    ["text/xml", false],
    ["Text/XML; charset=utf-8", false],
    ["text/x+xml", false],
    ["application/xml", false],
    ["application/xhtml+xml", false],
    ["image/svg+xml", false],
    ["application/octet-stream", false],
    ["application/wasm", false],
    ["image/png", false],
    ["application/text/html", false],
    ["", false],
  ];
  for (const [type, expected] of cases) {
    assertEquals(isTextual(type), expected, type);
  }
});
