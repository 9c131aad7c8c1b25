import { assertEquals } from "@std/assert";
import { RecordProtection } from "../../../src/net/tls/proof_schedule.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("RecordProtection encrypts each record for its place", () => {
  const secret = new Uint8Array(32).fill(7);
  const sealing = new RecordProtection(secret);
  const records = ["a", "b", "c", "d", "e"].map((text) =>
    sealing.seal(23, bytesOf(text))
  );
  // The third one by Python's cryptography (RFC 8446 §5.2, §5.3).
  assertEquals(
    new Uint8Array(records[2]!).toHex(),
    "1703030012b046c004e83a931482350e08322bcd6aec6a",
  );
  const opening = new RecordProtection(secret);
  assertEquals(
    records.map((record) => {
      const { type, content = new Uint8Array(0) } = opening.open(record) ?? {};
      return [type, new TextDecoder().decode(content)];
    }),
    ["a", "b", "c", "d", "e"].map((text) => [23, text]),
  );
  assertEquals(new RecordProtection(secret).open(records[1]!), undefined);
});
