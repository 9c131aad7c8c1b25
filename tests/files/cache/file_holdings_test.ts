import { assert, assertEquals } from "@std/assert";
import { FileEntry } from "../../../src/files/cache/file_entry.ts";
import {
  type FileHoldings,
  FileStock,
  FileTally,
  holdingsOf,
  nameBytesFor,
} from "../../../src/files/cache/file_holdings.ts";
import { contained } from "../../support/contained.ts";

const NOTHING = { entries: 0, names: 0, bodies: 0, handles: 0 };

function entry(body?: Uint8Array): FileEntry {
  return new FileEntry(contained("/a"), "file", { body });
}

Deno.test("holdingsOf() counts what is really there", () => {
  const memory = new Uint8Array(1024 + 100);
  const held = holdingsOf(entry(memory.subarray(1024)), "/a");
  assertEquals([held.entries, held.bodies, held.handles], [1, 1124, 0]);
  const wide = holdingsOf(entry(), `/${"€".repeat(500)}`);
  const narrow = holdingsOf(entry(), `/${"a".repeat(500)}`);
  assertEquals(wide.names - narrow.names, 501);
  assert(nameBytesFor(10) > 10 * 3000);
});

Deno.test("FileTally adds, takes away and tells what is short", () => {
  const tally = new FileTally();
  const one = { entries: 1, names: 10, bodies: 100, handles: 1 };
  tally.add(one);
  tally.add(one);
  const limits = { entries: 2, names: 20, bodies: 200, handles: 2 };
  assertEquals(tally.lack(limits), undefined);
  for (const resource of ["entries", "names", "bodies", "handles"] as const) {
    assertEquals(tally.lack({ ...limits, [resource]: 1 }), resource);
  }
  tally.remove(one);
  tally.remove(one);
  assertEquals({ ...tally }, NOTHING);
});

Deno.test("FileStock: who holds most gives first, until the limits hold", () => {
  const stock = new FileStock();
  const given: string[] = [];
  function join(name: string, bodies: number): void {
    const held = new FileTally();
    held.add({ ...NOTHING, bodies });
    stock.held.add(held);
    const one: FileHoldings = { ...NOTHING, bodies: 10 };
    stock.join({
      held,
      evict(resource) {
        if (held[resource] < 10) return false;
        given.push(name);
        held.remove(one);
        stock.held.remove(one);
        return true;
      },
    }, { ...NOTHING, bodies: 50 });
  }
  join("a", 60);
  join("b", 30);
  assertEquals(stock.limits.bodies, 50);
  stock.makeRoom(entry());
  assertEquals(given.join(""), "aaaa");
  assertEquals(stock.held.bodies, 50);
});
