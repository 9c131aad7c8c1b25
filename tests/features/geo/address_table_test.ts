import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  AddressTable,
  OverlapError,
} from "../../../src/features/geo/address_table.ts";
import { finish } from "../../../src/config/steps.ts";
import { parseAddress } from "../../../src/http/addresses/network_range.ts";

function intervalsOf(text: string) {
  return text.split(" ").filter(Boolean).map((range) => {
    const [first, last = first] = range.split("-");
    return {
      first: parseAddress(first!)!,
      last: parseAddress(last!)!,
      value: range,
    };
  });
}

Deno.test("AddressTable.find() finds the innermost interval", () => {
  const rows: [
    intervals: string,
    address: string,
    found: string | undefined,
  ][] = [
    ["", "0.0.0.0", undefined],
    ["10.0.0.1", "10.0.0.1", "10.0.0.1"],
    ["10.0.0.1", "10.0.0.0", undefined],
    ["10.0.0.1", "10.0.0.2", undefined],
    ["0.0.0.0-255.255.255.255", "255.255.255.255", "0.0.0.0-255.255.255.255"],
    ["0.0.0.0-255.255.255.255 0.0.0.0", "0.0.0.0", "0.0.0.0"],
    ["0.0.0.0-0.0.0.9 0.0.0.9", "0.0.0.9", "0.0.0.9"],
    ["0.0.0.0-0.0.0.9 0.0.0.9", "0.0.0.10", undefined],
    ["0.0.0.0-0.0.0.9 0.0.0.2-0.0.0.3", "0.0.0.4", "0.0.0.0-0.0.0.9"],
    ["0.0.0.0-0.0.0.9 0.0.0.10-0.0.0.11", "0.0.0.10", "0.0.0.10-0.0.0.11"],
    ["128.0.0.0-255.0.0.0", "200.0.0.0", "128.0.0.0-255.0.0.0"],
    ["::1-::ffff", "::ffff", "::1-::ffff"],
    ["::1-::ffff", "::1:0", undefined],
    ["ffff::-ffff::1 ::1", "ffff::1", "ffff::-ffff::1"],
  ];
  for (const [intervals, address, found] of rows) {
    const bytes = parseAddress(address)!;
    const table = finish(
      AddressTable.of(intervalsOf(intervals), bytes.length),
    );
    assertEquals(table.find(bytes), found, `${address} in ${intervals}`);
  }
});

Deno.test("AddressTable refuses intervals that overlap", () => {
  const rows: [intervals: string, ordered: boolean, refused: boolean][] = [
    ["0.0.0.0-0.0.0.5 0.0.0.5-0.0.0.9", false, true],
    ["0.0.0.5-0.0.0.9 0.0.0.0-0.0.0.5", false, true],
    ["0.0.0.0-0.0.0.4 0.0.0.5-0.0.0.9", true, false],
    ["0.0.0.0-0.0.0.9 0.0.0.5-0.0.0.9", true, false],
    ["0.0.0.5-0.0.0.9 0.0.0.0-0.0.0.9", true, true],
    ["0.0.0.5-0.0.0.9 0.0.0.0-0.0.0.9", false, false],
  ];
  for (const [intervals, ordered, refused] of rows) {
    const make = () =>
      finish(AddressTable.of(intervalsOf(intervals), 4, { ordered }));
    if (refused) assertThrows(make, OverlapError, undefined, intervals);
    else make();
  }
});

Deno.test("AddressTable.find() agrees with looking at every network", () => {
  const network = fc.record({ byte: fc.nat(255), bits: fc.nat(8) });
  fc.assert(fc.property(
    fc.uniqueArray(network, {
      selector: ({ byte, bits }) => `${byte & -(1 << (8 - bits))}/${bits}`,
      maxLength: 40,
    }),
    (networks) => {
      const intervals = networks.map(({ byte, bits }) => {
        const first = byte & -(1 << (8 - bits));
        const last = first + (1 << (8 - bits)) - 1;
        return {
          first: [0, 0, 0, first],
          last: [0, 0, 0, last],
          value: { first, last },
        };
      });
      const table = finish(AddressTable.of(intervals, 4));
      for (let byte = 0; byte < 256; byte++) {
        const [innermost] = intervals.map(({ value }) => value)
          .filter(({ first, last }) => first <= byte && byte <= last)
          .sort((a, b) => (a.last - a.first) - (b.last - b.first));
        assertEquals(table.find([0, 0, 0, byte]), innermost);
      }
    },
  ));
});
