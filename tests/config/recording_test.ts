import { assertEquals, assertThrows } from "@std/assert";
import type { ConfigReader } from "../../src/config/syntax/include.ts";
import { RecordingReader, replay } from "../../src/config/recording.ts";

/** A disk whose files change with every look. */
function disk(): ConfigReader {
  let looks = 0;
  return {
    readText(path) {
      if (path === "/none") throw new Deno.errors.NotFound("no such file");
      return `${path} ${++looks}`;
    },
    listDirectory(path) {
      if (path === "/none") throw new Deno.errors.NotFound("no such folder");
      return [`${++looks}`];
    },
  };
}

Deno.test("RecordingReader reads a file and a folder once", () => {
  const reader = new RecordingReader(disk());
  assertEquals(reader.readText("/a"), "/a 1");
  assertEquals(reader.readText("/a"), "/a 1");
  assertEquals(reader.listDirectory("/"), ["2"]);
  assertEquals(reader.listDirectory("/"), ["2"]);
  assertThrows(() => reader.readText("/none"), Deno.errors.NotFound);
});

Deno.test("replay() reads what was recorded, and nothing else", () => {
  const recording = new RecordingReader(disk());
  recording.readText("/a");
  recording.listDirectory("/");
  assertThrows(() => recording.readText("/none"));
  // As a message to another thread has it.
  const { texts, listings } = structuredClone({
    texts: recording.texts,
    listings: recording.listings,
  });
  const reader = replay({ texts, listings });
  assertEquals(reader.readText("/a"), "/a 1");
  assertEquals(reader.listDirectory("/"), ["2"]);
  for (const path of ["/none", "/b"]) {
    assertThrows(() => reader.readText(path), Deno.errors.NotFound);
    assertThrows(() => reader.listDirectory(path), Deno.errors.NotFound);
  }
});
