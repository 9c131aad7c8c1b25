import { assertEquals } from "@std/assert";
import { NetworkRange } from "../../../src/http/addresses/network_range.ts";
import { AccessRules } from "../../../src/features/access/access_rules.ts";

/** Rules as they are written: `allow 192.0.2.0/24; deny all`. */
function rulesOf(text: string): AccessRules {
  return new AccessRules(
    text.split("; ").map((rule, order) => {
      const [word, whom = ""] = rule.split(" ");
      const clients = whom === "all"
        ? whom
        : whom === "unix:"
        ? "unix"
        : NetworkRange.parse(whom)!;
      const place = { file: "x.conf", line: order + 1 };
      return { order, allows: word === "allow", clients, place };
    }),
  );
}

/** Whether a client may go on that nothing else is asked of. */
function mayGoOn(rules: AccessRules, client: string): boolean {
  return rules.ruleFor(client)?.allows !== false;
}

Deno.test("AccessRules.ruleFor() says nothing of whom no rule is for", () => {
  const rows: [rules: string, client: string, allowed: boolean | undefined][] =
    [
      ["allow 127.0.0.1", "127.0.0.1", true],
      ["allow 127.0.0.1", "127.0.0.2", undefined],
      ["deny 127.0.0.1", "127.0.0.2", undefined],
      ["deny 127.0.0.1", "unix:", undefined],
      ["allow all", "unix:", true],
      // As nginx, which asks the rules of IPv4 where there are any.
      ["deny 127.0.0.1; allow ::/0", "::ffff:127.0.0.2", undefined],
      ["allow ::/0", "::ffff:127.0.0.2", true],
      ["allow 127.0.0.1", "::ffff:127.0.0.1", true],
      ["deny 127.0.0.1", "::ffff:127.0.0.2", undefined],
    ];
  for (const [text, client, allowed] of rows) {
    const rules = rulesOf(text);
    // The second time it is known.
    for (let i = 0; i < 2; i++) {
      assertEquals(
        rules.ruleFor(client)?.allows,
        allowed,
        `${client}: ${text}`,
      );
    }
  }
});

const MAPPED = "::ffff:127.0.0.1";

Deno.test("AccessRules.ruleFor() asks the first rule that is for a client", () => {
  const rows: [rules: string, client: string, allowed: boolean][] = [
    ["allow 127.0.0.1; deny all", "127.0.0.1", true],
    ["allow 127.0.0.1; deny all", "127.0.0.2", false],
    ["allow 127.0.0.1; deny all", "::1", false],
    ["deny all; allow 127.0.0.1", "127.0.0.1", false],
    ["deny 127.0.0.0/8", "127.255.0.1", false],
    ["deny 127.0.0.0/8", "128.0.0.1", true],
    ["deny ::/0", "::1", false],
    ["deny ::/0", "127.0.0.1", true],
    ["deny 0.0.0.0/0", "::1", true],
    ["allow 2001:db8::/32; deny all", "2001:db8::1", true],
    ["allow 2001:db8::/32; deny all", "2001:db9::1", false],
    ["deny all", "unix:", false],
    ["deny ::/0; deny 0.0.0.0/0", "unix:", true],
    ["deny unix:", "unix:", false],
    ["allow unix:; deny all", "unix:", true],
    ["deny all; allow unix:", "unix:", false],
    ["deny unix:", "127.0.0.1", true],
    ["allow unix:; deny all", "127.0.0.1", false],
    ["allow unix:; deny all", "::ffff:127.0.0.1", false],
    ["allow unix:; deny 0.0.0.0/0", "::1", true],
  ];
  for (const [rules, client, allowed] of rows) {
    assertEquals(
      mayGoOn(rulesOf(rules), client),
      allowed,
      `${client}: ${rules}`,
    );
  }
});

Deno.test("AccessRules.ruleFor() knows both addresses of an IPv4-mapped client", () => {
  // What nginx 1.22 answers to 127.0.0.1 on `listen [::]:80 ipv6only=off`.
  const asNginx: [rules: string, allowed: boolean][] = [
    ["deny ::/0", false],
    ["allow ::/0; deny all", false],
    ["deny ::ffff:127.0.0.1", false],
    ["deny ::ffff:127.0.0.2", true],
    ["deny 127.0.0.1", false],
    ["deny 127.0.0.0/8", false],
    ["allow ::ffff:127.0.0.0/104; deny all", false],
    ["allow ::ffff:0:0/96; deny ::/0", true],
    ["allow 127.0.0.1; deny all", true],
    ["allow 127.0.0.1; deny ::/0", true],
    ["allow ::/0; deny 127.0.0.1", false],
    ["deny 2001:db8::/32", true],
  ];
  for (const [rules, allowed] of asNginx) {
    assertEquals(mayGoOn(rulesOf(rules), MAPPED), allowed, rules);
  }
  // Where nginx asks the rules of IPv4 alone and lets them through.
  const stricter = [
    "allow 10.0.0.0/8; deny ::/0",
    "deny ::/0; allow 127.0.0.1; deny all",
    "deny ::ffff:0:0/96; allow 127.0.0.1",
  ];
  for (const rules of stricter) {
    assertEquals(rulesOf(rules).ruleFor(MAPPED)?.allows, false, rules);
  }
});

Deno.test("AccessRules.ruleFor() says the same again, however many ask", () => {
  const rules = rulesOf("allow 10.0.0.0/17; deny all");
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 5000; i++) {
      const client = `10.0.${i >> 4 & 255}.${i & 15}`;
      assertEquals(rules.ruleFor(client)?.allows, (i >> 4 & 255) < 128, client);
    }
  }
});
