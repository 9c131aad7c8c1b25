import { assertEquals, assertMatch } from "@std/assert";
import { makeSelfSigned } from "../../../src/certificates/making.ts";
import {
  pairText,
  StandIns,
  storedFor,
} from "../../../src/features/acme/stored_pair.ts";
import { MemoryState } from "../../../src/features/acme/state_folder.ts";
import type { Wanted } from "../../../src/features/acme/wanted.ts";

function make() {
  const names = [{ type: "dns" as const, value: "a.test" }];
  return makeSelfSigned({ commonName: "a", names, days: 1 });
}

const WANTED = {
  fileName: "a",
  identifiers: [{ type: "dns", value: "a.test" }],
} as unknown as Wanted;

Deno.test("a certificate that is stored is used with its own key alone, and what is wrong with it is told", async () => {
  const [own, other] = [await make(), await make()];
  const whole = pairText(own);
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  const rows: [what: string, text: string, told: RegExp | undefined][] = [
    ["whole", whole, undefined],
    ["turned around", own.cert + own.key, undefined],
    ["another key", pairText({ ...own, key: other.key }), /is not the cert/],
    ["no key", own.cert, /has no private key/],
    ["no certificate", own.key, /has no certificate/],
    ["nothing", "", /has no certificate/],
    ["half of it", whole.slice(0, whole.length - 40), /has no certificate/],
    ["half of the key", whole.slice(30), /has no private key|is broken/],
    ["a broken certificate", own.key + broken, /is broken: /],
  ];
  for (const [what, text, told] of rows) {
    const state = new MemoryState();
    state.write("a.pem", text);
    const said: string[] = [];
    const found = storedFor(WANTED, state, (message) => said.push(message));
    const standIn = new StandIns(state, Date.now()).for(WANTED);
    if (told === undefined) {
      assertEquals(found?.pair.cert.trim(), own.cert.trim(), what);
      assertEquals(standIn, found, what);
      assertEquals(said, [], what);
    } else {
      assertEquals([found, standIn], [undefined, undefined], what);
      assertEquals(said.length, 1, what);
      assertMatch(said[0]!, /^"a\.pem \(in memory\)" cannot be used \(/);
      assertMatch(said[0]!, told, what);
      assertEquals(said[0]!.includes("PRIVATE"), false, said[0]);
    }
  }
});
