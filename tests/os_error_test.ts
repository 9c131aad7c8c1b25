import { assertEquals } from "@std/assert";
import { openSync } from "node:fs";
import {
  failureReason,
  isGuarded,
  osErrorCode,
  osErrorText,
} from "../src/os_error.ts";

/** What `action` throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("it does not fail");
}

const LONG = `/${"x".repeat(300)}`;
const HERE = Deno.makeTempDirSync();
const FILE = `${HERE}/file`;
Deno.writeTextFileSync(FILE, "");

/** What fails, and what nginx would write of it. */
const ROWS: readonly (readonly [name: string, () => unknown, string])[] = [
  [
    "Deno, nothing there",
    () => Deno.openSync(`${HERE}/none`),
    "2: No such file or directory",
  ],
  [
    "Deno, a name that reads like an error",
    () => Deno.statSync(`${HERE}/x: y (os error 7)`),
    "2: No such file or directory",
  ],
  [
    "Deno, a file as a folder",
    () => Deno.statSync(`${FILE}/x`),
    "20: Not a directory",
  ],
  ["Deno, a long name", () => Deno.openSync(LONG), "36: File name too long"],
  [
    "Deno, a folder as a file",
    () => Deno.openSync(HERE, { write: true }),
    "21: Is a directory",
  ],
  ["Deno, there already", () => Deno.mkdirSync(HERE), "17: File exists"],
  [
    "Deno, an address of another machine",
    () => Deno.listen({ hostname: "192.0.2.1", port: 0 }),
    "99: Cannot assign requested address",
  ],
  [
    "node:fs, nothing there",
    () => openSync(`${HERE}/none`, "r"),
    "2: No such file or directory",
  ],
  [
    "node:fs, a file as a folder",
    () => openSync(`${FILE}/x`, "r"),
    "20: Not a directory",
  ],
  ["node:fs, a long name", () => openSync(LONG, "r"), "36: File name too long"],
  [
    "node:fs, a folder as a file",
    () => openSync(HERE, "w"),
    "21: Is a directory",
  ],
];

for (const [name, action, expected] of ROWS) {
  Deno.test(`osErrorText() of ${name}`, {
    ignore: Deno.build.os !== "linux",
  }, () => {
    assertEquals(osErrorText(thrownBy(action)), expected);
  });
}

Deno.test("osErrorText() of codes and of errors made by hand", () => {
  const denied = new Deno.errors.PermissionDenied(
    "Permission denied (os error 13): open '/root/x'",
  );
  assertEquals(osErrorText(denied), "13: Permission denied");
  assertEquals(
    osErrorText(
      new Error("failed to open: Read-only file system (os error 30)"),
    ),
    "30: Read-only file system",
  );
  assertEquals(
    osErrorText(new TypeError("ESRCH: No such process")),
    "3: No such process",
  );
  assertEquals(osErrorText("EACCES"), "13: Permission denied");
  assertEquals(osErrorText("ELOOP"), "40: Too many levels of symbolic links");
});

Deno.test("osErrorText() knows what the system has not said", () => {
  const others: unknown[] = [
    "ENOTHING",
    "constructor",
    undefined,
    null,
    13,
    new Error("oops"),
    new TypeError("x is not a function"),
    new Deno.errors.NotFound("No such file"),
    Object.assign(new Error("x"), { code: "ERR_INVALID_ARG_TYPE" }),
    Object.assign(new Error("x"), { code: "toString" }),
  ];
  for (const other of others) assertEquals(osErrorText(other), undefined);
});

Deno.test("osErrorCode() is the system's code", () => {
  assertEquals(
    osErrorCode(thrownBy(() => Deno.statSync(`${HERE}/none`))),
    "ENOENT",
  );
  assertEquals(osErrorCode(new Error("ENOENT")), undefined);
});

globalThis.addEventListener("unload", () => {
  Deno.removeSync(HERE, { recursive: true });
});

Deno.test("failureReason() says something of every error", () => {
  const notPermitted = new Deno.errors.NotCapable(
    'Requires write access to "/x", run again with the --allow-write flag',
  );
  const rows: [error: unknown, reason: string][] = [
    [thrownBy(() => Deno.readTextFileSync("/")), "21: Is a directory"],
    [new Error("something else"), "something else"],
    ["a text", "a text"],
    [notPermitted, "the program has no permission for it"],
  ];
  for (const [error, reason] of rows) {
    assertEquals([failureReason(error), isGuarded(error)], [reason, false]);
  }
});

Deno.test({
  name: "isGuarded() knows what Deno refuses by itself",
  ignore: Deno.build.os !== "linux",
  permissions: { read: true, write: true },
  fn() {
    for (const path of ["/dev/shm/x", "/proc/self/stat", "/sys/kernel"]) {
      const error = thrownBy(() => Deno.statSync(path));
      assertEquals(isGuarded(error), true, path);
      assertEquals(failureReason(error), "Deno guards /dev, /proc and /sys");
    }
  },
});
