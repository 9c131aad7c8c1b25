import { assert, assertEquals } from "@std/assert";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import {
  BODY_HEADROOM_BYTES,
  isStill,
  isStillAllowed,
  load,
  probe,
} from "../../../src/files/cache/file_loader.ts";
import type { SymlinkPolicy } from "../../../src/files/cache/symlinks.ts";
import { contained } from "../../support/contained.ts";

function optionsOf(symlinks: SymlinkPolicy = "off") {
  return { maxBodyBytes: 10, symlinks };
}

/** A folder with one of everything, which is removed. */
function withFolder(run: (folder: string) => void): void {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  Deno.writeTextFileSync(`${folder}/small`, "0123456789");
  Deno.writeTextFileSync(`${folder}/large`, "0123456789x");
  Deno.writeTextFileSync(`${folder}/empty`, "");
  Deno.mkdirSync(`${folder}/dir`);
  Deno.symlinkSync("small", `${folder}/link`);
  Deno.symlinkSync("dir", `${folder}/dirlink`);
  Deno.symlinkSync("loop", `${folder}/loop`);
  new Deno.Command("mkfifo", { args: [`${folder}/fifo`] }).outputSync();
  try {
    run(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** What `probe` tells without opening anything; `size` of a file. */
const PROBED: [name: string, links: SymlinkPolicy, found: string | number][] = [
  ["small", "off", 10],
  ["large", "off", 11],
  ["empty", "off", 0],
  ["dir", "off", "directory"],
  ["dir", "on", "directory"],
  ["link", "off", 10],
  ["dirlink", "off", "directory"],
  ["dirlink", "on", "forbidden"],
  ["dirlink", "if_not_owner", "directory"],
  ["fifo", "off", "special"],
  ["none", "off", "missing"],
  ["small/x", "off", "missing"],
  ["loop", "off", "forbidden"],
  ["x".repeat(300), "off", "missing"], // ENAMETOOLONG
];

Deno.test("probe() tells what is at a path", () =>
  withFolder((folder) => {
    for (const [name, links, expected] of PROBED) {
      const found = probe(contained(`${folder}/${name}`), 0, optionsOf(links));
      const told = found instanceof FileEntry ? found.kind : found.size;
      assertEquals(told, expected, `${name} ${links}`);
    }
  }));

Deno.test("load() reads small files, and holds large ones open", () =>
  withFolder((folder) => {
    const rows: [name: string, links: SymlinkPolicy, kind: string][] = [
      ["small", "on", "file"],
      ["empty", "off", "file"],
      ["large", "on", "file"],
      ["link", "on", "forbidden"],
      ["none", "off", "missing"],
      ["fifo", "off", "special"],
      ["dir", "off", "special"], // a folder has taken the file's place
    ];
    for (const [name, links, kind] of rows) {
      const entry = load(contained(`${folder}/${name}`), 0, optionsOf(links));
      assertEquals(entry.kind, kind, name);
      assertEquals(entry.open, name === "large", name);
      if (kind === "file" && !entry.open) {
        const { body } = entry;
        assertEquals(body?.length, entry.size, name);
        assertEquals(body?.byteOffset, BODY_HEADROOM_BYTES, name);
      }
      entry.retire();
      assert(!entry.open, name);
    }
  }));

Deno.test("links in the trusted part of a path are followed", () =>
  withFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/dir/file`, "x");
    const path = contained(`${folder}/dirlink/file`);
    const { length } = `${folder}/dirlink`;
    assertEquals(load(path, length, optionsOf("on")).kind, "file");
    assertEquals(load(path, 0, optionsOf("on")).kind, "forbidden");
  }));

Deno.test("isStillAllowed() and isStill() see a link that has come", () =>
  withFolder((folder) => {
    const [file, dir] = [`${folder}/small`, `${folder}/dir`].map(contained);
    const loaded = load(file!, 0, optionsOf("on"));
    const folderEntry = probe(dir!, 0, optionsOf("on")) as FileEntry;
    const judged = () => [
      isStillAllowed(file!, 0, optionsOf("on"), loaded.identity),
      isStillAllowed(file!, 0, optionsOf("off"), loaded.identity),
      isStill(dir!, 0, optionsOf("on"), folderEntry.identity, []),
      isStill(dir!, 0, optionsOf("off"), folderEntry.identity, []),
    ];
    assertEquals(judged(), [true, true, true, true]);
    Deno.renameSync(file!, `${folder}/moved`);
    Deno.symlinkSync("moved", file!);
    Deno.renameSync(dir!, `${folder}/moved-dir`);
    Deno.symlinkSync("moved-dir", dir!);
    assertEquals(judged(), [false, true, false, true]);
  }));

Deno.test("load() gives nothing of a file that is written to all the time", async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const path = `${folder}/busy`;
  // To read it takes longer than a tick of the clock that files are stamped by.
  const size = 64 * 1024 * 1024;
  Deno.writeFileSync(path, new Uint8Array(size));
  const program = `const file = Deno.openSync(${JSON.stringify(path)}, ` +
    `{ write: true }); for (let i = 1;; i++) { file.seekSync(0, 0); ` +
    `file.writeSync(new Uint8Array([1 + i % 255])); }`;
  const writer = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", program],
    stdin: "null",
  }).spawn();
  try {
    using file = Deno.openSync(path);
    const first = new Uint8Array(1);
    while (first[0] === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      file.seekSync(0, Deno.SeekMode.Start);
      file.readSync(first);
    }
    const options = { maxBodyBytes: size, symlinks: "off" } as const;
    let { kind, error } = load(contained(path), 0, options);
    // On a busy machine the writer may have no turn for so long.
    for (let i = 0; kind !== "failed" && i < 20; i++) {
      ({ kind, error } = load(contained(path), 0, options));
    }
    assertEquals(
      [kind, `${error}`],
      ["failed", "Error: it is written to while it is read"],
    );
  } finally {
    writer.kill("SIGKILL");
    await writer.status;
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("files that are written to all the time do not stop the thread all the time", () =>
  withFolder((folder) => {
    const LOADS = 20;
    const path = `${folder}/large`;
    const pause = Atomics.wait;
    let pauses = 0;
    Atomics.wait = () => {
      pauses++;
      return "timed-out";
    };
    try {
      for (let i = 0; i < LOADS; i++) {
        Deno.writeTextFileSync(path, "x", { append: true });
        load(contained(path), 0, optionsOf()).retire();
      }
    } finally {
      Atomics.wait = pause;
    }
    assert(pauses < LOADS / 2, `${pauses} pauses`);
  }));
