import { assertEquals } from "@std/assert";
import {
  mappedIpv4,
  NetworkRange,
  parseAddress,
} from "../../../src/http/addresses/network_range.ts";

Deno.test("parseAddress() reads both families and nothing else", () => {
  const v6 = (...groups: number[]) =>
    groups.flatMap((group) => [group >> 8, group & 255]);
  const rows: [string, number[] | undefined][] = [
    ["192.0.2.1", [192, 0, 2, 1]],
    ["0.0.0.0", [0, 0, 0, 0]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["256.0.0.1", undefined],
    ["1.2.3", undefined],
    ["1.2.3.4.5", undefined],
    ["01.2.3.4", undefined],
    ["1.2.3.", undefined],
    ["", undefined],
    ["::", v6(0, 0, 0, 0, 0, 0, 0, 0)],
    ["::1", v6(0, 0, 0, 0, 0, 0, 0, 1)],
    ["2001:db8::A:b", v6(0x2001, 0xdb8, 0, 0, 0, 0, 0xa, 0xb)],
    ["1:2:3:4:5:6:7:8", v6(1, 2, 3, 4, 5, 6, 7, 8)],
    ["1:2:3:4:5:6:7::", v6(1, 2, 3, 4, 5, 6, 7, 0)],
    ["::ffff:192.0.2.1", v6(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x201)],
    ["1:2:3:4:5:6:7", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["1::2::3", undefined],
    ["1:2:3:4:5:6:7::8", undefined],
    [":1", undefined],
    ["12345::", undefined],
    ["g::", undefined],
    ["1.2.3.4::", undefined],
  ];
  for (const [text, bytes] of rows) {
    assertEquals(parseAddress(text), bytes, text);
  }
});

Deno.test("mappedIpv4() is what an IPv4-mapped address stands for", () => {
  const rows: [string, string | undefined][] = [
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
    ["::FFFF:0:0", "0.0.0.0"],
    ["192.0.2.1", undefined],
    ["::192.0.2.1", undefined],
    ["::fffe:192.0.2.1", undefined],
    ["1::ffff:192.0.2.1", undefined],
    ["64:ff9b::192.0.2.1", undefined],
  ];
  for (const [text, ipv4] of rows) {
    assertEquals(mappedIpv4(parseAddress(text)!)?.join("."), ipv4, text);
  }
});

Deno.test("NetworkRange.contains() compares the first bits", () => {
  const rows: [string, string, boolean][] = [
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.6", false],
    ["10.0.0.0/9", "10.127.0.1", true],
    ["10.0.0.0/9", "10.128.0.1", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "::1", false],
    ["2001:db8::/33", "2001:db8:7fff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["::/0", "::1", true],
  ];
  for (const [range, address, expected] of rows) {
    assertEquals(
      NetworkRange.parse(range)?.contains(parseAddress(address)!),
      expected,
      `${address} in ${range}`,
    );
  }
});

Deno.test("NetworkRange.parse() refuses what is no range", () => {
  const rows = ["", "/8", "1.2.3.4/", "1.2.3.4/33", "::/129", "1.2.3.4/8/8"];
  rows.push("1.2.3.4/08", "1.2.3.4/-1", "host", "1.2.3.4/255.0.0.0");
  for (const text of rows) {
    assertEquals(NetworkRange.parse(text), undefined, text);
  }
  assertEquals(NetworkRange.parse("10.1.0.0/8")?.hasMeaninglessBits, true);
  assertEquals(NetworkRange.parse("10.0.0.0/8")?.hasMeaninglessBits, false);
  assertEquals(NetworkRange.parse("::1/127")?.hasMeaninglessBits, true);
});
