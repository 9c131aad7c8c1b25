import { assertEquals, assertNotEquals } from "@std/assert";
import {
  foreignScheme,
  isSlow,
  keyedHash,
  keyedNumber,
  matchesQuickly,
  sameSecret,
} from "../../../src/features/auth_basic/password_hash.ts";
import { byteString } from "../../../src/http/byte_string.ts";

Deno.test("matchesQuickly() knows what htpasswd and nginx write", () => {
  const rows: [password: string, stored: string, matches: boolean][] = [
    ["secret", "{PLAIN}secret", true],
    ["", "{PLAIN}", true],
    ["secret", "{PLAIN}secreT", false],
    ["secret", "{PLAIN}secret ", false],
    ["secret", "{plain}secret", false],
    ["secret", "secret", false],
    ["", "", false],
    ["secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", true],
    ["secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ", false],
    ["Secret", "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=", false],
    ["pässwörd", "{SHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=", true],
    ["pässwörd", "{SSHA}p41I4guvt24ZX/ckWwpIed6MEOcB/3NhbHQ=", true],
    ["passwörd", "{SSHA}p41I4guvt24ZX/ckWwpIed6MEOcB/3NhbHQ=", false],
    ["pässwörd", "{SSHA}9Rfd8dMqES/xrVXGbRsSyzjn6Pc=", true], // no salt
    ["secret", "{SSHA}", false],
    ["secret", "{SSHA}!", false],
    ["secret", "{MD5}x", false],
  ];
  for (const [password, stored, matches] of rows) {
    assertEquals(matchesQuickly(byteString(password), stored), matches, stored);
  }
});

Deno.test("isSlow() and foreignScheme() tell schemes apart", () => {
  const digest = "a".repeat(53);
  const rows: [stored: string, slow: boolean, foreign?: string][] = [
    [`$2y$10$${digest}`, true],
    [`$2a$10$${digest}`, true],
    [`$2b$10$${digest}`, true],
    [`$2x$10$${digest}`, false, "the bcrypt of old PHP"],
    ["$2y$10$short", false],
    ["$apr1$salt$hash", true],
    ["$1$salt$hash", true],
    ["$5$salt$hash", true],
    ["$6$salt$hash", true],
    ["{PLAIN}$6$salt$hash", false],
    ["abNANd1rDfiNc", false, "traditional DES crypt"],
    ["_J9..CCCCXBrJUJV154M", false, "extended DES crypt"],
    ["$y$j9T$salt$hash", false, "yescrypt"],
    ["$gy$j9T$salt$hash", false, "yescrypt"],
    ["$7$salt$hash", false, "scrypt"],
    ["$3$$878d", false, "the NT hash"],
    ["$sha1$1$salt$hash", false, "SHA-1 crypt"],
    ["$md5,rounds=5000$salt$$hash", false, "SunMD5"],
    ["secret", false],
    ["", false],
  ];
  for (const [stored, slow, foreign] of rows) {
    assertEquals([isSlow(stored), foreignScheme(stored)], [slow, foreign]);
  }
});

Deno.test("keyedHash() takes its parts apart, and is the same again", () => {
  assertEquals(keyedHash("a", "b"), keyedHash("a", "b"));
  assertNotEquals(keyedHash("a", "b"), keyedHash("ab", ""));
  assertNotEquals(keyedHash("a", "b"), keyedHash("b", "a"));
  assertNotEquals(keyedHash("1:a"), keyedHash("1", "a"));
  assertEquals(keyedNumber("a"), keyedNumber("a"));
});

Deno.test("sameSecret() compares texts of any length", () => {
  const rows: [a: string, b: string, same: boolean][] = [
    ["", "", true],
    ["a", "a", true],
    ["a", "b", false],
    ["a", "aa", false],
    ["\xff", "\xff", true],
  ];
  for (const [a, b, same] of rows) assertEquals(sameSecret(a, b), same);
});
