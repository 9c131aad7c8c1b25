import { assert, assertEquals, assertThrows } from "@std/assert";
import { LogFile, type LogFileOptions } from "../../src/logging/log_file.ts";
import type { LogSink } from "../../src/logging/log_sink.ts";
import type { LogTrouble } from "../../src/logging/log_trouble.ts";

const decoder = new TextDecoder();

/** A file in memory whose disk can be slow, full or broken. */
class FakeDisk implements LogSink {
  text = "";
  /** The most bytes that one write takes. */
  chunk = Infinity;
  /** How many bytes still fit. */
  room = Infinity;
  closed = 0;
  writes = 0;
  /** A write waits for it. */
  gate: Promise<void> = Promise.resolve();

  async write(bytes: Uint8Array): Promise<number> {
    await this.gate;
    return this.writeSync(bytes);
  }

  writeSync(bytes: Uint8Array): number {
    this.writes++;
    if (this.room === 0) throw new Error("No space left on device");
    const count = Math.min(bytes.length, this.chunk, this.room);
    this.room -= count;
    this.text += decoder.decode(bytes.subarray(0, count));
    return count;
  }

  close(): void {
    this.closed++;
  }
}

interface Rig {
  readonly file: LogFile;
  readonly disks: FakeDisk[];
  readonly disk: FakeDisk;
  readonly troubles: LogTrouble[];
}

/** A log on fake disks, a new one each time it is opened. */
function makeRig(options: LogFileOptions = {}): Rig {
  const disks: FakeDisk[] = [];
  const troubles: LogTrouble[] = [];
  const file = new LogFile("/logs/access.log", {
    open: () => {
      const disk = new FakeDisk();
      disks.push(disk);
      return disk;
    },
    onTrouble: (trouble) => troubles.push(trouble),
    ...options,
  });
  return { file, disks, disk: disks[0]!, troubles };
}

function addLine(file: LogFile, line: string): void {
  file.buffer.appendLatin1(`${line}\n`);
  file.lineDone();
}

function addUrgentLine(file: LogFile, line: string): void {
  file.appendLines(new TextEncoder().encode(`${line}\n`));
}

function numberedLines(from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) text += `line ${i}\n`;
  return text;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Lets everything run that waits for nothing but its turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("LogFile writes nothing until the flush size is reached", async () => {
  const { file, disk } = makeRig({ flushBytes: 20 });
  addLine(file, "0123456789");
  await turn();
  assertEquals(disk.writes, 0);
  addLine(file, "0123456789");
  await turn();
  assertEquals(disk.text, "0123456789\n0123456789\n");
  assertEquals(file.pendingBytes, 0);
});

Deno.test("lineDone does not wait and gathers lines while a write is slow", async () => {
  const { file, disk } = makeRig({ flushBytes: 1 });
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  for (let i = 0; i < 100; i++) {
    addLine(file, `line ${i}`);
    await Promise.resolve();
  }
  assertEquals(disk.writes, 0);
  gate.resolve();
  await turn();
  assertEquals(disk.text, numberedLines(0, 100));
  assertEquals(disk.writes, 2);
});

Deno.test("tick writes what there is and does nothing when there is nothing", async () => {
  const { file, disk } = makeRig();
  file.tick();
  await turn();
  assertEquals(disk.writes, 0);
  addLine(file, "one");
  file.tick();
  await turn();
  assertEquals(disk.text, "one\n");
  file.tick();
  await turn();
  assertEquals(disk.writes, 1);
});

Deno.test("LogFile.appendLines writes the line at once", async () => {
  const { file, disk } = makeRig();
  addUrgentLine(file, "one");
  await turn();
  assertEquals(disk.text, "one\n");
});

Deno.test("LogFile.appendLine writes the line at once, and nothing once it is closed", async () => {
  const { file, disk } = makeRig();
  file.appendLine("one €\n");
  await turn();
  assertEquals(disk.text, "one €\n");
  await file.close();
  file.appendLine("two\n");
  assertEquals(disk.text, "one €\n");
});

Deno.test("LogFile.appendLine drops and counts the line that does not fit", async () => {
  const { file, disk, troubles } = makeRig({ memoryBytes: 40 });
  disk.gate = new Promise(() => {});
  file.appendLine("0123456\n"); // is being written
  await turn();
  for (let i = 0; i < 3; i++) file.appendLine("0123456\n"); // two fit
  assertEquals(file.pendingBytes, 24);
  file.tick();
  const dropped = troubles.reduce((sum, each) => sum + each.droppedLines, 0);
  assertEquals(dropped, 1);
});

Deno.test("LogFile.appendLines writes the line soon after the write under way", async () => {
  const { file, disk } = makeRig();
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  addUrgentLine(file, "one");
  await turn();
  addUrgentLine(file, "two");
  addLine(file, "three");
  gate.resolve();
  await pause(15);
  assertEquals(disk.text, "one\ntwo\nthree\n");
});

Deno.test("LogFile.appendLines makes few writes of many lines", async () => {
  const { file, disk } = makeRig();
  for (let i = 0; i < 100; i++) {
    addUrgentLine(file, `line ${i}`);
    if (i % 10 === 9) await turn();
  }
  await pause(15);
  assertEquals(disk.text, numberedLines(0, 100));
  // However slow the turns are.
  assert(disk.writes <= 20, `${disk.writes} writes`);
});

Deno.test("a prompt LogFile has a line in the file at once, and many in few writes", async () => {
  const { file, disk } = makeRig({ isPrompt: true });
  addLine(file, "line 0");
  await turn();
  assertEquals(disk.text, "line 0\n");
  // Of which the others come after the interval, without a tick.
  for (let i = 1; i < 100; i++) addLine(file, `line ${i}`);
  await pause(15);
  assertEquals(disk.text, numberedLines(0, 100));
  assert(disk.writes <= 3, `${disk.writes} writes`);
  // It stays prompt.
  await pause(15);
  addLine(file, "line 100");
  await turn();
  assertEquals(disk.text, numberedLines(0, 101));
  await file.close();
});

Deno.test("a prompt LogFile has what came while a write was slow", async () => {
  const { file, disk } = makeRig({ isPrompt: true });
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  addLine(file, "line 0");
  await turn();
  addLine(file, "line 1");
  gate.resolve();
  await pause(15);
  assertEquals(disk.text, numberedLines(0, 2));
  await file.close();
});

Deno.test("a prompt LogFile leaves a full disk to the tick", async () => {
  const { file, disk } = makeRig({ isPrompt: true });
  disk.room = 0;
  addLine(file, "line 0");
  await turn();
  addLine(file, "line 1");
  await pause(15);
  assertEquals(disk.writes, 1);
  disk.room = Infinity;
  file.tick();
  await turn();
  assertEquals(disk.text, numberedLines(0, 2));
  await file.close();
});

Deno.test("LogFile writes lines that have gathered for flushMs, without a tick", async () => {
  const { file, disk } = makeRig({ flushMs: 20 });
  addLine(file, "line 0");
  addLine(file, "line 1");
  await turn();
  assertEquals(disk.writes, 0);
  await pause(30);
  assertEquals(disk.text, numberedLines(0, 2));
  addLine(file, "line 2");
  await file.close();
  assertEquals([disk.text, disk.writes], [numberedLines(0, 3), 2]);
});

Deno.test("a line that is to be written at once takes those with it that gather", async () => {
  const { file, disk } = makeRig({ flushMs: 900 });
  addLine(file, "line 0");
  addUrgentLine(file, "line 1");
  await turn();
  assertEquals(disk.text, numberedLines(0, 2));
  // The next ones gather again.
  addLine(file, "line 2");
  await pause(15);
  assertEquals(disk.writes, 1);
  await file.close();
});

for (const chunk of [1, 3, 7, 64]) {
  Deno.test(`flush goes on after short writes of ${chunk} bytes`, async () => {
    const { file, disk } = makeRig();
    disk.chunk = chunk;
    for (let i = 0; i < 30; i++) addLine(file, `line ${i}`);
    assertEquals(await file.flush(), true);
    assertEquals(disk.text, numberedLines(0, 30));
  });
}

Deno.test("flush writes lines that were added while another flush ran", async () => {
  const { file, disk } = makeRig();
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  addLine(file, "line 0");
  const first = file.flush();
  await turn();
  addLine(file, "line 1");
  const second = file.flush();
  gate.resolve();
  assertEquals(await Promise.all([first, second]), [true, true]);
  assertEquals(disk.text, numberedLines(0, 2));
});

Deno.test("flush leaves out a line that was never completed", async () => {
  const { file, disk } = makeRig();
  addLine(file, "line 0");
  file.buffer.appendLatin1("half a li");
  await file.flush();
  addLine(file, "line 1");
  await file.flush();
  assertEquals(disk.text, numberedLines(0, 2));
});

Deno.test("flush resolves to false on a full disk and loses nothing", async () => {
  const { file, disk, troubles } = makeRig();
  disk.room = 10;
  for (let i = 0; i < 5; i++) addLine(file, `line ${i}`);
  assertEquals(await file.flush(), false);
  assertEquals(disk.text, "line 0\nlin");
  assertEquals(troubles.length, 1);
  assertEquals(troubles[0]!.droppedLines, 0);
  assertEquals(String(troubles[0]!.error), "Error: No space left on device");
  addLine(file, "line 5");
  disk.room = Infinity;
  assertEquals(await file.flush(), true);
  assertEquals(disk.text, numberedLines(0, 6));
});

Deno.test("LogFile tries a full disk again at a tick, not at each line", async () => {
  const { file, disk } = makeRig({ flushBytes: 1 });
  disk.room = 0;
  addLine(file, "line 0");
  await turn();
  assertEquals(disk.writes, 1);
  for (let i = 1; i < 50; i++) {
    addLine(file, `line ${i}`);
    addUrgentLine(file, `line ${i + 0.5}`);
  }
  await turn();
  assertEquals(disk.writes, 1);
  disk.room = Infinity;
  file.tick();
  await turn();
  assert(disk.text.startsWith("line 0\nline 1\nline 1.5\n"));
  assert(disk.text.endsWith("line 49\nline 49.5\n"));
});

Deno.test("LogFile bounds its memory and drops whole lines", async () => {
  const memoryBytes = 40_000;
  const { file, disk, troubles } = makeRig({ memoryBytes, flushBytes: 100 });
  disk.room = 0;
  for (let i = 0; i < 10_000; i++) {
    addLine(file, `line ${i}`);
    if (i % 100 === 0) await Promise.resolve();
    assert(file.pendingBytes <= memoryBytes);
  }
  disk.room = Infinity;
  assertEquals(await file.flush(), true);
  await file.close();
  const written = disk.text.split("\n").slice(0, -1);
  assertEquals(disk.text, numberedLines(0, written.length));
  assert(written.length < 10_000);
  const dropped = troubles.reduce((sum, each) => sum + each.droppedLines, 0);
  assertEquals(dropped, 10_000 - written.length);
});

Deno.test("LogFile takes lines again once a slow disk has caught up", async () => {
  const { file, disk } = makeRig({ memoryBytes: 100, flushBytes: 10 });
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  for (let i = 0; i < 100; i++) addLine(file, `old ${i}`);
  gate.resolve();
  await file.flush();
  addLine(file, "new");
  await file.flush();
  assert(disk.text.startsWith("old 0\nold 1\n"));
  assert(disk.text.endsWith("\nnew\n"));
  for (const line of disk.text.split("\n").slice(0, -2)) {
    assert(/^old \d+$/.test(line), line);
  }
});

Deno.test("LogFile survives a listener that throws", async () => {
  const { file, disk } = makeRig({
    onTrouble: () => {
      throw new Error("listener");
    },
  });
  disk.room = 0;
  addLine(file, "line 0");
  assertEquals(await file.flush(), false);
});

Deno.test("LogFile takes a write of no bytes for a failure", async () => {
  const { file, disk, troubles } = makeRig();
  disk.chunk = 0;
  addLine(file, "line 0");
  assertEquals(await file.flush(), false);
  assertEquals(troubles.length, 1);
  disk.chunk = Infinity;
  assertEquals(await file.flush(), true);
  assertEquals(disk.text, "line 0\n");
});

Deno.test("reopen puts every line in exactly one file", async () => {
  const { file, disks, disk } = makeRig({ flushBytes: 50 });
  disk.chunk = 5;
  for (let i = 0; i < 20; i++) addLine(file, `line ${i}`);
  const reopened = file.reopen();
  for (let i = 20; i < 40; i++) {
    addLine(file, `line ${i}`);
    await Promise.resolve();
  }
  await reopened;
  for (let i = 40; i < 60; i++) addLine(file, `line ${i}`);
  await file.flush();
  assertEquals(disks.length, 2);
  assertEquals(disk.closed, 1);
  assertEquals(disk.text + disks[1]!.text, numberedLines(0, 60));
  assert(disk.text.endsWith("\n"));
});

Deno.test("reopen twice at once leaves one open file", async () => {
  const { file, disks } = makeRig();
  addLine(file, "line 0");
  await Promise.all([file.reopen(), file.reopen()]);
  await file.close();
  assertEquals(disks.map(({ closed }) => closed), disks.map(() => 1));
});

Deno.test("reopen keeps the old file when the path cannot be opened", async () => {
  const disk = new FakeDisk();
  let opens = 0;
  const { file, troubles } = makeRig({
    open: () => {
      if (++opens > 1) throw new Error("Permission denied");
      return disk;
    },
  });
  await file.reopen();
  addLine(file, "line 0");
  assertEquals(await file.flush(), true);
  assertEquals(disk.text, "line 0\n");
  assertEquals(disk.closed, 0);
  assertEquals(String(troubles[0]!.error), "Error: Permission denied");
});

Deno.test("reopen after a full disk writes the cut line whole to the new file", async () => {
  const { file, disks, disk } = makeRig();
  disk.room = 10;
  for (let i = 0; i < 5; i++) addLine(file, `line ${i}`);
  await file.flush();
  disk.room = 0;
  await file.reopen();
  assertEquals(await file.flush(), true);
  assertEquals(disk.text, "line 0\nlin");
  assertEquals(disks[1]!.text, numberedLines(1, 5));
});

Deno.test("close writes what there is and closes once", async () => {
  const { file, disk } = makeRig();
  addLine(file, "line 0");
  await Promise.all([file.close(), file.close()]);
  await file.close();
  assertEquals(disk.text, "line 0\n");
  assertEquals(disk.closed, 1);
});

Deno.test("close counts lines that come later or cannot be written", async () => {
  const { file, disk, troubles } = makeRig();
  disk.room = 0;
  addLine(file, "line 0");
  addLine(file, "line 1");
  const closed = file.close();
  addLine(file, "line 2");
  await closed;
  const dropped = troubles.reduce((sum, each) => sum + each.droppedLines, 0);
  assertEquals(dropped, 3);
  assertEquals(disk.closed, 1);
});

Deno.test("LogFile writes in pieces of whole lines", async () => {
  const pieces: string[] = [];
  const { file } = makeRig({
    open: () => ({
      write: (bytes) => {
        pieces.push(decoder.decode(bytes));
        return Promise.resolve(bytes.length);
      },
      writeSync: (bytes) => bytes.length,
      close: () => {},
    }),
    flushBytes: 1e9,
  });
  const lines = Array.from({ length: 400 }, (_, i) => `${i} `.repeat(200));
  lines.push("long".repeat(50_000), "short");
  for (const line of lines) addLine(file, line);
  await file.flush();
  assertEquals(pieces.join(""), lines.map((line) => `${line}\n`).join(""));
  assert(pieces.length > 4);
  for (const piece of pieces) assert(piece.endsWith("\n"));
});

Deno.test("flushSync goes on behind the piece that is being written", async () => {
  const { file, disk } = makeRig({ flushBytes: 1e9 });
  const line = "x".repeat(999);
  for (let i = 0; i < 200; i++) addLine(file, line);
  const done = Promise.withResolvers<void>();
  disk.gate = done.promise;
  file.tick();
  await Promise.resolve();
  addLine(file, "last");
  file.flushSync();
  // All but the piece under way, which the disk has not taken yet.
  assertEquals(disk.text.length, 200_000 - 65_000 + 5);
  done.resolve();
  await file.close();
});

Deno.test("close gives up on a file that takes no more", async () => {
  const { file, disk, troubles } = makeRig();
  const stuck = Promise.withResolvers<void>();
  disk.gate = stuck.promise;
  addLine(file, "one");
  file.tick();
  addLine(file, "two");
  const before = performance.now();
  await file.close();
  assert(performance.now() - before < 5000);
  assertEquals(disk.closed, 1);
  assertEquals(troubles.map(({ droppedLines }) => droppedLines), [2]);
  stuck.resolve();
});

Deno.test("close waits for a file that is slow", async () => {
  const { file, disk, troubles } = makeRig();
  disk.chunk = 4;
  disk.gate = new Promise((resolve) => setTimeout(resolve, 700));
  addLine(file, "one");
  file.tick();
  setTimeout(() => {
    disk.gate = new Promise((resolve) => setTimeout(resolve, 700));
  }, 100);
  addLine(file, "two");
  await file.close();
  assertEquals(disk.text, "one\ntwo\n");
  assertEquals(troubles, []);
});

Deno.test("a closed LogFile ignores tick, reopen and flushSync", async () => {
  const { file, disk, disks } = makeRig();
  await file.close();
  file.tick();
  await file.reopen();
  file.flushSync();
  assertEquals(await file.flush(), true);
  assertEquals([disk.writes, disks.length], [0, 1]);
});

Deno.test("flushSync writes every line before it returns", () => {
  const { file, disk } = makeRig();
  disk.chunk = 4;
  for (let i = 0; i < 10; i++) addLine(file, `line ${i}`);
  file.flushSync();
  assertEquals(disk.text, numberedLines(0, 10));
  assertEquals(file.pendingBytes, 0);
});

Deno.test("flushSync first writes what a failed write left behind", async () => {
  const { file, disk } = makeRig();
  disk.room = 10;
  for (let i = 0; i < 5; i++) addLine(file, `line ${i}`);
  await file.flush();
  addLine(file, "line 5");
  disk.room = Infinity;
  file.flushSync();
  assertEquals(disk.text, numberedLines(0, 6));
});

Deno.test("flushSync does not write again what is being written", async () => {
  const { file, disk } = makeRig({ flushBytes: 1 });
  const gate = Promise.withResolvers<void>();
  disk.gate = gate.promise;
  addLine(file, "first");
  await turn();
  addLine(file, "second");
  file.flushSync();
  assertEquals(disk.text, "second\n");
  gate.resolve();
  await file.flush();
  assertEquals(disk.text, "second\nfirst\n");
});

Deno.test("flushSync does not throw on a full disk", () => {
  const { file, disk, troubles } = makeRig();
  disk.room = 3;
  addLine(file, "line 0");
  file.flushSync();
  assertEquals(disk.text, "lin");
  assertEquals(troubles.length, 1);
  disk.room = Infinity;
  file.flushSync();
  assertEquals(disk.text, "line 0\n");
});

Deno.test("LogFile appends to a real file and makes its folder", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a/b/access.log`;
  const first = new LogFile(path);
  addLine(first, "line 0");
  await first.close();
  const second = new LogFile(path);
  addLine(second, "line 1");
  await second.close();
  assertEquals(await Deno.readTextFile(path), numberedLines(0, 2));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("LogFile throws when the path cannot be a file", async () => {
  const folder = await Deno.makeTempDir();
  assertThrows(() => new LogFile(folder), Deno.errors.IsADirectory);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("LogFile rotates a real file under load", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/access.log`;
  const file = new LogFile(path, { flushBytes: 1000 });
  for (let i = 0; i < 20_000; i++) {
    addLine(file, `line ${i}`);
    if (i % 50 === 0) await turn();
    if (i % 5000 === 2500) {
      await Deno.rename(path, `${path}.${Math.floor(i / 5000)}`);
      await file.reopen();
    }
  }
  await file.close();
  let text = "";
  for (const suffix of [".0", ".1", ".2", ".3", ""]) {
    const part = await Deno.readTextFile(path + suffix);
    assert(part.endsWith("\n"));
    text += part;
  }
  assertEquals(text, numberedLines(0, 20_000));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("LogFile.appendLines keeps lines of others whole on a full disk", async () => {
  const { file, disk } = makeRig();
  const append = (text: string) =>
    file.appendLines(new TextEncoder().encode(text));
  disk.chunk = 3;
  append("one\ntwo\n");
  await turn();
  disk.room = 5;
  append("three\n");
  append("four\n");
  await file.flush();
  assertEquals(disk.text, "one\ntwo\nthree");
  disk.room = Infinity;
  append("five\n");
  file.tick();
  assertEquals(await file.flush(), true);
  assertEquals(disk.text, "one\ntwo\nthree\nfour\nfive\n");
  await file.close();
  append("six\n");
  assertEquals(disk.text, "one\ntwo\nthree\nfour\nfive\n");
});

Deno.test("LogFile.appendLines drops and counts the lines that do not fit", async () => {
  const { file, disk, troubles } = makeRig({ memoryBytes: 40 });
  disk.gate = new Promise(() => {});
  const line = "0123456\n";
  file.appendLines(new TextEncoder().encode(line)); // is being written
  await turn();
  file.appendLines(new TextEncoder().encode(line.repeat(5))); // two fit
  assertEquals(file.pendingBytes, 3 * line.length);
  file.tick();
  const dropped = troubles.reduce((sum, each) => sum + each.droppedLines, 0);
  assertEquals(dropped, 1, "told at once, the others a second later");
});
