import { assertEquals, assertRejects } from "@std/assert";
import { isSlow } from "../../../src/features/auth_basic/password_hash.ts";
import { matchesSlowly } from "../../../src/features/auth_basic/slow_hash.ts";
import { byteString } from "../../../src/http/byte_string.ts";

/** What htpasswd, openssl passwd and mkpasswd have made. */
const VECTORS: readonly (readonly [password: string, stored: string])[] = [
  ["secret", "$1$saltsalt$9xy1btjgzLYfb7hivXtC//"],
  ["secret", "$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0"],
  ["secret", "$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA"],
  [
    "secret",
    "$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1",
  ],
  [
    "secret",
    "$6$rounds=1234$abcdefghijklmnop$IHxJU1//aPNjHJ/dTsgfYDQ8x53Qf934gbfExKhFjSUfeLhnxh5Qjre4cx8Z1herK1vKT7cjNCB8ULVND1/Q./",
  ],
  ["pässwörd", "$1$saltsalt$VReRfkQ8Hs1aayf/oxMkG/"],
  ["pässwörd", "$apr1$saltsalt$i5XfNxJNeh2E8ljXycZFm0"],
  ["pässwörd", "$5$saltsalt$JUyX9J5pA1EE4ZvGcIA.vpwPCUQ8GlJbo51r7M84au8"],
  [
    "pässwörd",
    "$6$saltsalt$TQjRhpJdqmLx0U8it3EsUajwkmOMMvw5vhUFc7mohzFFoj/QHrfYUHU1oSkwyCEoTUCDOiAOW135nel3bqtKe.",
  ],
  [
    "pässwörd",
    "$6$rounds=1234$abcdefghijklmnop$Iehs9FpfX8d/Biu0Q3joEjRWLC8XcIsFlWzOHHeUT40zCcB9WwwguGHVUp4Td53qT.0Far5u.YNIqPKCBstFm1",
  ],
  ["a", "$1$saltsalt$MzDjbImyzEz2m0NTiPzNW/"],
  ["a", "$apr1$saltsalt$OEnK0QmmvoDzFw9W2yFYT/"],
  ["a", "$5$saltsalt$Mtm6KOxb.PwaKES1sp80SDYOu1T0RdwsBVakhLiqA64"],
  [
    "a",
    "$6$saltsalt$8gzUrz5S2/0AfMGfui2LllQQ2fwu.jYnAVGef2XY7gAo0jNFrzHsTq9lMr2ze7QvIJxr4BYOKdgDpx4Va9Atb1",
  ],
  [
    "a",
    "$6$rounds=1234$abcdefghijklmnop$IhjXcgnOiuvzy1xiDE21uOBq7qmksh9STYyL2q2W8nWAgtZW/TerzP8X/YAyx3s7QXk64XEkFwFj8Ru0RQkE11",
  ],
  ["x".repeat(32), "$1$saltsalt$fvEQlmM4mEXIw74ny7Yu4/"],
  ["x".repeat(32), "$apr1$saltsalt$VvNl.R6Zc8Gamz0k03mJ70"],
  ["x".repeat(32), "$5$saltsalt$nVO9zoM.Bfq522j476PYcqDc2vxmMSeMl7RsOoxrn37"],
  [
    "x".repeat(32),
    "$6$saltsalt$oLx8f.eKQ6Q8YmFxKcqaAH8LvZiW2WNeUvN1RFwGRieQyqBcAwLqSZEO3hTuDSRQvbtl3k61G9k2T/m51UV6./",
  ],
  [
    "x".repeat(32),
    "$6$rounds=1234$abcdefghijklmnop$zBKKnVEE151RO7SAt7vRwGCDQqEEPwuHJewyG5ybm0f7zHnI3VcW0.LzsOPznW5PeTc1.2mN2sMe.JX7bBeBe/",
  ],
  ["y".repeat(64), "$1$saltsalt$ME6hiDmGXZRIQ428k1JRj."],
  ["y".repeat(64), "$apr1$saltsalt$R4PaITjwWfUnn/xAQJmdZ1"],
  ["y".repeat(64), "$5$saltsalt$qJFCt4CtcZYG4kKaYoGYaRJh.urfr1cvQJVYJp3iV03"],
  [
    "y".repeat(64),
    "$6$saltsalt$1AKOANKcRWhjPuI/uymeO9TJwvR7wMlObpC.dWpnDrNlOA1q4DXaix2G/Fyy.MEJ6FPppEeAdkSO6UhiglfkZ.",
  ],
  [
    "y".repeat(64),
    "$6$rounds=1234$abcdefghijklmnop$M0hXxgMgQbPZP555lsx4/90C8J.QFxZ8vbvh0yaoJBHXlzYj7uiWLbff4HGjv2InkuoqfTVBLFXPCGjXfCLlA/",
  ],
  ["secret", "$2y$04$SJLMu.nauy74eXHcUMoWV.d0n8SwpcEx.XGbXKPGiUlFLZoAaIqMC"],
  ["secret", "$2a$05$ggKumQbybGaR09e1G/AIte/OJAfIOWAnJotPzp7VrH2YILCKaDaBi"],
  ["secret", "$2b$05$j8CEnOt32spgwVBayeMqEODLEIzmbYG7Rgn./fsj8jWoCbVZaPkPO"],
  ["pässwörd", "$2y$04$7jIRGEZL0VXjXJ9domQYWexJGWaz/o5HvvxIHTcj3JpXcSo8y825G"],
  ["pässwörd", "$2a$05$CZM3dU.WLqISn/GUKGq8r.y9VE4KTAH//fyGCtT9Lon8qANB600BW"],
  ["pässwörd", "$2b$05$bUOL.u9HiX1SLgZnZWcVm.oznoxRK5hZytjtg1PBY6Vs4MmqbwmHW"],
  [
    "z".repeat(80),
    "$2y$04$rjCtzfyJWFE4x3dvihZEOuw.gU/Cq..6Yjkdmdr5/2EsvyfT9scAG",
  ],
  [
    "z".repeat(80),
    "$2a$05$cGrqXXghXnHAl92UhyrFmOswQdKPaIiSCnM..NiMej4CE51DgumOu",
  ],
  [
    "z".repeat(80),
    "$2b$05$5dlpDNBAt48.jpAcDa1si.v63w6/ATr12zEy90VmOD9JZQe1bnpYW",
  ],
  ["", "$2b$05$VXTlvUQ69JuvC5JSpE/r2eFSfzZ00kyuvuR/hl8ZUTBssIYdlz7Be"],
  ["", "$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0"],
];

Deno.test("matchesSlowly() knows what other programs have hashed", async () => {
  for (const [password, stored] of VECTORS) {
    const bytes = byteString(password);
    assertEquals(isSlow(stored), true, stored);
    assertEquals(await matchesSlowly(bytes, stored), true, stored);
    assertEquals(await matchesSlowly(`x${bytes}`, stored), false, stored);
  }
});

Deno.test("matchesSlowly() compares bytes, also those that are no UTF-8", async () => {
  // A program of the C library: mkpasswd, of "p\xe4ss".
  const stored = "$2b$05$oO49SLeB3ATBVnrMbSXJdu8yG/PqFidqnfAJdUWGr8ap1MdfjMNuW";
  assertEquals(await matchesSlowly("p\xe4ss", stored), true);
  assertEquals(await matchesSlowly("p\xe5ss", stored), false);
  assertEquals(await matchesSlowly(byteString("päss"), stored), false);
});

Deno.test("matchesSlowly() says no to what is cut short", async () => {
  for (
    const stored of ["$6$", "$5$salt", "$6$salt$", "$1$", "$1$salt$x", "$apr1$"]
  ) {
    assertEquals(await matchesSlowly("secret", stored), false, stored);
    assertEquals(await matchesSlowly("", stored), false, stored);
  }
});

Deno.test("matchesSlowly() fails for a bcrypt that would take for ever", async () => {
  const digest = "a".repeat(53);
  await assertRejects(() => matchesSlowly("secret", `$2y$99$${digest}`));
});
