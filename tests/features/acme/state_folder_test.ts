import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  FolderTaken,
  StateFolder,
} from "../../../src/features/acme/state_folder.ts";

function withFolder(
  fn: (path: string) => void | Promise<void>,
): () => Promise<void> {
  return async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await fn(`${folder}/a/state`);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

const mode = (path: string) => Deno.statSync(path).mode! & 0o777;

Deno.test(
  "keys are for nobody else, and files are replaced as a whole",
  withFolder((path) => {
    const folder = new StateFolder(path);
    assertEquals(folder.read("x.pem"), undefined);
    assertEquals(folder.certificates(), []);
    folder.write("x.pem", "one");
    // A reader has the old text to its end, whatever comes meanwhile.
    using reader = Deno.openSync(`${path}/x.pem`);
    folder.write("x.pem", "two, which is longer");
    const buffer = new Uint8Array(100);
    const count = reader.readSync(buffer) ?? 0;
    assertEquals(new TextDecoder().decode(buffer.subarray(0, count)), "one");
    assertEquals(folder.read("x.pem"), "two, which is longer");
    assertEquals(mode(path), 0o700);
    assertEquals(mode(`${path}/x.pem`), 0o600);
    assertEquals(folder.certificates(), ["x.pem"]);
  }),
);

Deno.test(
  "what a program that was killed has left unfinished is in nobody's way",
  withFolder((path) => {
    const folder = new StateFolder(path);
    folder.write("x.pem", "one");
    Deno.writeTextFileSync(`${path}/x.pem.tmp`, "half of");
    assertEquals(folder.certificates(), ["x.pem"]);
    folder.write("x.pem", "two");
    assertEquals(folder.read("x.pem"), "two");
    assertEquals([...Deno.readDirSync(path)].length, 1);
  }),
);

Deno.test(
  "a write that fails keeps what was there",
  withFolder((path) => {
    const folder = new StateFolder(path);
    folder.write("x.pem", "one");
    // Nothing can be put in the place of a folder.
    Deno.mkdirSync(`${path}/y.pem`);
    assertThrows(() => folder.write("y.pem", "two"));
    assertEquals(folder.read("x.pem"), "one");
    assertEquals([...Deno.readDirSync(path)].length, 2);
  }),
);

Deno.test(
  "a folder is one program's, until it lets go or dies",
  withFolder(async (path) => {
    const folder = new StateFolder(path);
    const release = await folder.take();
    await assertRejects(
      () => new StateFolder(path).take(),
      FolderTaken,
      `process ${Deno.pid}`,
    );
    release();
    // A lock that was left behind is nobody's.
    (await folder.take())();
  }),
);
