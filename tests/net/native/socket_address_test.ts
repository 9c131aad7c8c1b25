import { assertEquals, assertThrows } from "@std/assert";
import {
  decodeAddress,
  encodeAddress,
  encodePath,
  FAMILY,
  familyOf,
} from "../../../src/net/native/socket_address.ts";

Deno.test("addresses are what the system has", () => {
  assertEquals(
    [...encodeAddress("192.0.2.1", 0x1234)],
    [2, 0, 0x12, 0x34, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0],
  );
  assertEquals(
    [...encodeAddress("::1", 80)],
    [10, 0, 0, 80, ...new Array(4).fill(0), ...new Array(15).fill(0), 1]
      .concat([0, 0, 0, 0]),
  );
});

Deno.test("addresses are read as they were written", () => {
  for (
    const [hostname, port] of [
      ["127.0.0.1", 65535],
      ["0.0.0.0", 0],
      ["::", 443],
      ["2001:db8::1", 8080],
      ["::ffff:192.0.2.1", 1],
    ] as const
  ) {
    const encoded = encodeAddress(hostname, port);
    assertEquals(decodeAddress(encoded), { transport: "tcp", hostname, port });
    // The system's memory may begin anywhere.
    const moved = new Uint8Array([9, 9, 9, ...encoded]).subarray(3);
    assertEquals(decodeAddress(moved), { transport: "tcp", hostname, port });
  }
});

Deno.test("what is no address is refused", () => {
  for (const text of ["", "localhost", "1.2.3", "1.2.3.4.5", "::g"]) {
    assertThrows(() => encodeAddress(text, 1), RangeError, text);
  }
});

Deno.test("a path has to fit, and ends with a zero", () => {
  assertEquals([...encodePath("/a")], [1, 0, 47, 97, 0]);
  assertEquals(encodePath("x".repeat(107)).length, 110);
  for (const path of ["x".repeat(108), "é".repeat(54), "a\0b"]) {
    assertThrows(() => encodePath(path), RangeError);
  }
});

Deno.test("a client of a Unix socket has no address", () => {
  const none = { transport: "unix" as const, path: "" };
  assertEquals(decodeAddress(new Uint8Array([1, 0])), none);
  assertEquals(decodeAddress(new Uint8Array(0)), none);
  assertEquals(familyOf("::1"), FAMILY.ipv6);
  assertEquals(familyOf("1.2.3.4"), FAMILY.ipv4);
});
