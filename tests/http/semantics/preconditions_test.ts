import { assertEquals } from "@std/assert";
import { formatHttpDate } from "../../../src/http/semantics/date.ts";
import {
  type ConditionOutcome,
  type Conditions,
  evaluateIfMatch,
  evaluateIfModifiedSince,
  evaluateIfNoneMatch,
  evaluateIfRange,
  evaluateIfUnmodifiedSince,
  evaluatePreconditions,
  type IfModifiedSinceMode,
  type PreconditionOutcome,
  type Validators,
} from "../../../src/http/semantics/preconditions.ts";

const NOW = Date.UTC(2026, 5, 15, 12, 0, 0);
const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5);
const AT = formatHttpDate(MODIFIED);
const BEFORE = formatHttpDate(MODIFIED - 1000);
const AFTER = formatHttpDate(MODIFIED + 1000);

/** A file's validators; its time has a part of a second, as files' have. */
const FILE: Validators = { etag: '"1"', lastModified: MODIFIED + 678 };
const WEAK: Validators = { etag: 'W/"1"', lastModified: MODIFIED };
const BARE: Validators = { etag: undefined, lastModified: undefined };

Deno.test("evaluateIfMatch() compares strongly", () => {
  const cases: [string, Validators | undefined, ConditionOutcome][] = [
    ['"1"', FILE, "true"],
    ['"0", "1"', FILE, "true"],
    ['"0"', FILE, "false"],
    ['W/"1"', FILE, "false"],
    ['"1"', WEAK, "false"],
    ['W/"1"', WEAK, "false"],
    ["*", FILE, "true"],
    ["*", BARE, "true"],
    ["*", undefined, "false"],
    ['"1"', undefined, "false"],
    ['"1"', BARE, "false"],
    ["", FILE, "false"],
    ['"1', FILE, "false"],
    ['"1", x', FILE, "false"],
  ];
  for (const [value, validators, expected] of cases) {
    assertEquals(evaluateIfMatch(value, validators), expected, value);
  }
});

Deno.test("evaluateIfUnmodifiedSince() compares whole seconds", () => {
  const cases: [string, Validators | undefined, ConditionOutcome][] = [
    [AT, FILE, "true"],
    [AFTER, FILE, "true"],
    [BEFORE, FILE, "false"],
    ["yesterday", FILE, "ignored"],
    ["", FILE, "ignored"],
    [BEFORE, BARE, "ignored"],
    [BEFORE, undefined, "ignored"],
  ];
  for (const [value, validators, expected] of cases) {
    assertEquals(
      evaluateIfUnmodifiedSince(value, validators, NOW),
      expected,
      value,
    );
  }
});

Deno.test("evaluateIfNoneMatch() compares weakly", () => {
  const cases: [string, Validators | undefined, ConditionOutcome][] = [
    ['"1"', FILE, "false"],
    ['W/"1"', FILE, "false"],
    ['"1"', WEAK, "false"],
    ['W/"1"', WEAK, "false"],
    ['"0", W/"1"', FILE, "false"],
    ['"0"', FILE, "true"],
    ["*", FILE, "false"],
    ["*", BARE, "false"],
    ["*", undefined, "true"],
    ['"1"', undefined, "true"],
    ['"1"', BARE, "true"],
    ["", FILE, "true"],
    // Malformed matches nothing, even with the tag in it.
    ['"1", x', FILE, "true"],
    ['"1" "1"', FILE, "true"],
    ["1", FILE, "true"],
  ];
  for (const [value, validators, expected] of cases) {
    assertEquals(evaluateIfNoneMatch(value, validators), expected, value);
  }
});

Deno.test("evaluateIfModifiedSince() follows if_modified_since", () => {
  const cases: [
    IfModifiedSinceMode,
    string,
    Validators | undefined,
    ConditionOutcome,
  ][] = [
    ["exact", AT, FILE, "false"],
    ["exact", AFTER, FILE, "true"],
    ["exact", BEFORE, FILE, "true"],
    ["before", AT, FILE, "false"],
    ["before", AFTER, FILE, "false"],
    ["before", BEFORE, FILE, "true"],
    ["off", AT, FILE, "ignored"],
    ["exact", "never", FILE, "ignored"],
    ["before", `${AT}, ${AT}`, FILE, "ignored"],
    ["exact", AT, BARE, "ignored"],
    ["before", AT, undefined, "ignored"],
  ];
  for (const [ifModifiedSince, value, validators, expected] of cases) {
    const options = { ifModifiedSince, nowMs: NOW };
    assertEquals(
      evaluateIfModifiedSince(value, validators, options),
      expected,
      `${ifModifiedSince} ${value}`,
    );
  }
});

Deno.test("evaluateIfRange() is true of the very representation only", () => {
  const cases: [string, Validators, nowMs: number, "true" | "false"][] = [
    ['"1"', FILE, NOW, "true"],
    ['"2"', FILE, NOW, "false"],
    ['W/"1"', FILE, NOW, "false"],
    ['W/"1"', WEAK, NOW, "false"],
    ['"1"', WEAK, NOW, "false"],
    ['"1"', BARE, NOW, "false"],
    // One tag, no list and no star.
    ['"1", "2"', FILE, NOW, "false"],
    ["*", FILE, NOW, "false"],
    ["", FILE, NOW, "false"],
    [AT, FILE, NOW, "true"],
    [AFTER, FILE, NOW, "false"],
    [BEFORE, FILE, NOW, "false"],
    ["Friday", FILE, NOW, "false"],
    [AT, BARE, NOW, "false"],
    // A date of this second, or of the future, is a weak validator.
    [AT, FILE, MODIFIED + 1000, "true"],
    [AT, FILE, MODIFIED + 999, "false"],
    [AT, FILE, MODIFIED - 5000, "false"],
  ];
  for (const [value, validators, nowMs, expected] of cases) {
    assertEquals(
      evaluateIfRange(value, validators, nowMs),
      expected,
      `${value} at ${nowMs}`,
    );
  }
});

interface PreconditionCase {
  readonly name: string;
  readonly method?: string;
  readonly conditions: Partial<Conditions>;
  readonly validators?: Validators | "absent";
  readonly mode?: IfModifiedSinceMode;
  readonly expected: PreconditionOutcome;
}

const PRECONDITION_CASES: readonly PreconditionCase[] = [
  { name: "no condition", conditions: {}, expected: "none" },
  {
    name: "If-Match that holds",
    conditions: { ifMatch: '"1"' },
    expected: "none",
  },
  {
    name: "If-Match that fails",
    conditions: { ifMatch: '"2"' },
    expected: "precondition_failed",
  },
  {
    name: "If-Match that fails, before an If-None-Match that matches",
    conditions: { ifMatch: '"2"', ifNoneMatch: '"1"' },
    expected: "precondition_failed",
  },
  {
    name: "If-Match that holds, then If-None-Match that matches",
    conditions: { ifMatch: '"1"', ifNoneMatch: '"1"' },
    expected: "not_modified",
  },
  {
    name: "If-Unmodified-Since that fails",
    conditions: { ifUnmodifiedSince: BEFORE },
    expected: "precondition_failed",
  },
  {
    name: "If-Unmodified-Since is ignored beside If-Match",
    conditions: { ifMatch: '"1"', ifUnmodifiedSince: BEFORE },
    expected: "none",
  },
  {
    name: "If-Unmodified-Since that cannot be read",
    conditions: { ifUnmodifiedSince: "x" },
    expected: "none",
  },
  {
    name: "If-Unmodified-Since without a date",
    conditions: { ifUnmodifiedSince: BEFORE },
    validators: BARE,
    expected: "none",
  },
  {
    name: "If-Unmodified-Since that holds, then If-Modified-Since",
    conditions: { ifUnmodifiedSince: AT, ifModifiedSince: AT },
    expected: "not_modified",
  },
  {
    name: "If-None-Match for HEAD",
    method: "HEAD",
    conditions: { ifNoneMatch: '"1"' },
    expected: "not_modified",
  },
  {
    name: "If-None-Match for PUT",
    method: "PUT",
    conditions: { ifNoneMatch: '"1"' },
    expected: "precondition_failed",
  },
  {
    name: "If-None-Match: * for PUT of something new",
    method: "PUT",
    conditions: { ifNoneMatch: "*" },
    validators: "absent",
    expected: "none",
  },
  {
    name: "If-Match: * for PUT of something new",
    method: "PUT",
    conditions: { ifMatch: "*" },
    validators: "absent",
    expected: "precondition_failed",
  },
  {
    name: "a method in lower case is another method",
    method: "get",
    conditions: { ifNoneMatch: '"1"' },
    expected: "precondition_failed",
  },
  {
    name: "If-Modified-Since is ignored beside If-None-Match",
    conditions: { ifNoneMatch: '"2"', ifModifiedSince: AT },
    expected: "none",
  },
  {
    name: "If-None-Match decides though If-Modified-Since differs",
    conditions: { ifNoneMatch: '"1"', ifModifiedSince: BEFORE },
    expected: "not_modified",
  },
  {
    name: "If-Modified-Since for GET",
    conditions: { ifModifiedSince: AT },
    expected: "not_modified",
  },
  {
    name: "If-Modified-Since for POST",
    method: "POST",
    conditions: { ifModifiedSince: AT },
    expected: "none",
  },
  {
    name: "If-Modified-Since later, exact",
    conditions: { ifModifiedSince: AFTER },
    expected: "none",
  },
  {
    name: "If-Modified-Since later, before",
    conditions: { ifModifiedSince: AFTER },
    mode: "before",
    expected: "not_modified",
  },
  {
    name: "If-Modified-Since, off",
    conditions: { ifModifiedSince: AT },
    mode: "off",
    expected: "none",
  },
  {
    name: "no validators: never a 304 by date",
    conditions: { ifModifiedSince: "Thu, 01 Jan 1970 00:00:01 GMT" },
    validators: BARE,
    mode: "before",
    expected: "none",
  },
  {
    name: "no validators: never a 304 by tag",
    conditions: { ifNoneMatch: '"1-400"' },
    validators: BARE,
    expected: "none",
  },
];

for (const each of PRECONDITION_CASES) {
  Deno.test(`evaluatePreconditions(): ${each.name}`, () => {
    const conditions: Conditions = {
      ifMatch: undefined,
      ifNoneMatch: undefined,
      ifModifiedSince: undefined,
      ifUnmodifiedSince: undefined,
      ...each.conditions,
    };
    const validators = each.validators === "absent"
      ? undefined
      : each.validators ?? FILE;
    const outcome = evaluatePreconditions(
      conditions,
      each.method ?? "GET",
      validators,
      { ifModifiedSince: each.mode ?? "exact", nowMs: NOW },
    );
    assertEquals(outcome, each.expected);
  });
}
