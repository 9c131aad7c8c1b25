import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { KnownTarget, knownTarget } from "../../src/http/known_target.ts";
import { bytesOf } from "../support/latin1.ts";

function known(text: string): KnownTarget {
  return knownTarget(bytesOf(`GET ${text} `), 4, 4 + text.length);
}

Deno.test("knownTarget() is the same for the same bytes", () => {
  const first = known("/known/a.html?x=1");
  assertStrictEquals(known("/known/a.html?x=1"), first);
  assertEquals(first.text, "/known/a.html?x=1");
  assertEquals(first.parsed, {
    form: "origin",
    path: "/known/a.html",
    query: "x=1",
  });
  assertEquals(known("/known/a.htmL?x=1").text, "/known/a.htmL?x=1");
  const long = `/${"x".repeat(5000)}\xe9`;
  assertEquals(known(long).text, long);
});

Deno.test("KnownTarget.parsed throws every time for a bad target", () => {
  const target = known("no-slash");
  for (let i = 0; i < 3; i++) {
    assertThrows(() => target.parsed, HttpError, "invalid request target");
  }
});

Deno.test("KnownTarget.normalized() follows merge_slashes", () => {
  const target = new KnownTarget("/a//b/../%63");
  for (const mergeSlashes of [true, false, false, true, true]) {
    assertEquals(
      target.normalized("/a//b/../%63", { mergeSlashes }),
      mergeSlashes ? "/a/c" : "/a//c",
    );
  }
});

Deno.test("KnownTarget.normalized() throws every time for a bad path", () => {
  const target = new KnownTarget("/%zz");
  for (let i = 0; i < 3; i++) {
    assertThrows(
      () => target.normalized("/%zz", { mergeSlashes: true }),
      HttpError,
      "bad percent escape",
    );
  }
});
