import { assertEquals, assertThrows } from "@std/assert";
import { parseArguments } from "../../../src/cli/arguments.ts";
import {
  wishedAddress,
  withFreePort,
} from "../../../src/cli/folder/address.ts";
import { UsageError } from "../../../src/cli/usage_error.ts";

/** Arguments beside the folder, and where they say to listen. */
const ROWS: readonly (readonly [words: string, address: string | undefined])[] =
  [
    ["", "8080"],
    ["--tls", "8443"],
    ["--port 81", "81"],
    ["--port 0", "0"],
    ["--host *", "8080"],
    ["--host localhost", "localhost:8080"],
    ["--host ::1 --port 81", "[::1]:81"],
    ["--host [::1]", "[::1]:8080"],
    ["--host 127.0.0.1 --tls", "127.0.0.1:8443"],
    ["-l 127.0.0.1:81", "127.0.0.1:81"],
    ["-d a.example", undefined],
    ["-d a.example --port 444", "444"],
    ["-d a.example --host 192.0.2.1", "192.0.2.1:443"],
  ];

Deno.test("wishedAddress() is what -l, --host and --port say", () => {
  for (const [text, address] of ROWS) {
    const args = parseArguments(["dir", ...text.split(" ").filter(Boolean)]);
    assertEquals(wishedAddress(args), address, text);
  }
  for (const port of ["99999", "80a", "1e3", "123456"]) {
    const args = parseArguments(["dir", "--port", port]);
    assertThrows(() => wishedAddress(args), UsageError, "a number from 1 to");
  }
});

/** Binds a port of one family; nothing where somebody has it already. */
function hold(hostname: string, port: number): Disposable | undefined {
  try {
    const listener = Deno.listen({ hostname, port });
    return { [Symbol.dispose]: () => listener.close() };
  } catch {
    return undefined;
  }
}

Deno.test("withFreePort() leaves a port that is taken, unless it is named", () => {
  for (const hostname of ["127.0.0.1", "0.0.0.0"]) {
    using _held = hold(hostname, 8080);
    for (const words of [[], ["--host", "localhost"]]) {
      const { args, note = "" } = withFreePort(
        parseArguments(["dir", ...words]),
      );
      const port = Number(args.port);
      assertEquals(port > 8080 && port < 8180, true, `${hostname} ${words}`);
      assertEquals(note, `  port 8080 is taken, so it is ${port}`);
    }
    for (
      const words of [["--port", "8080"], ["-l", "8080"], ["-d", "a.example"]]
    ) {
      const named = parseArguments(["dir", ...words]);
      assertEquals(withFreePort(named), { args: named }, words.join(" "));
    }
  }
});
