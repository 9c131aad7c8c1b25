import { assertEquals } from "@std/assert";
import type { AnyDirective } from "../../src/config/directive.ts";
import type { Statement } from "../../src/config/syntax/parser.ts";
import {
  argument,
  integer,
  integerDirective,
  offset,
  offsetDirective,
  oneOf,
  oneOfDirective,
  onOff,
  onOffDirective,
  size,
  sizeDirective,
  time,
  timeDirective,
} from "../../src/config/values.ts";
import { build, failure, statement } from "./config_support.ts";

type Read = (statement: Statement) => unknown;

/** Checks values, and messages without their place. */
function check(read: Read, good: [string, unknown][], bad: [string, string][]) {
  for (const [text, expected] of good) {
    assertEquals(read(statement("d", text)), expected, JSON.stringify(text));
  }
  for (const [text, message] of bad) {
    const error = failure(() => read(statement("d", text)));
    assertEquals(error.message, `${message} in x.conf:7`, text);
  }
}

Deno.test("onOff() takes on and off as nginx does", () => {
  const message = (text: string): [string, string] => [
    text,
    `invalid value "${text}" in "d" directive, it must be "on" or "off"`,
  ];
  check(
    (s) => onOff(s),
    [["on", true], ["off", false], ["ON", true], ["Off", false]],
    ["", "x", "true", "1", "on ", "yes"].map(message),
  );
});

Deno.test("oneOf() takes its choices and says what they are", () => {
  check(
    (s) => oneOf(s, ["all", "any", "off"]),
    [["all", "all"], ["ANY", "any"], ["off", "off"]],
    [[
      "some",
      'invalid value "some" in "d" directive, ' +
      'it must be "all", "any" or "off"',
    ]],
  );
  check(
    (s) => oneOf(s, ["only"]),
    [["only", "only"]],
    [["", 'invalid value "" in "d" directive, it must be "only"']],
  );
});

Deno.test("size() and offset() take sizes in bytes", () => {
  const wrong = '"d" directive invalid value';
  check((s) => size(s), [["8k", 8192], ["1m", 1048576]], [
    ["1g", wrong],
    ["x", wrong],
  ]);
  check((s) => offset(s), [["8k", 8192], ["1g", 1073741824]], [
    ["1x", wrong],
    ["", wrong],
  ]);
});

Deno.test("time() takes milliseconds", () => {
  const wrong = '"d" directive invalid value';
  check((s) => time(s), [["75s", 75_000], ["1h30m", 5_400_000]], [
    ["1M", wrong],
    ["1x", wrong],
  ]);
});

Deno.test("integer() takes numbers within bounds", () => {
  const wrong = '"d" directive invalid number';
  check((s) => integer(s), [["0", 0], ["100000", 100000]], [
    ["x", wrong],
    ["", wrong],
    ["-1", wrong],
    ["1.5", wrong],
  ]);
  check((s) => integer(s, { min: 1, max: 9 }), [["1", 1], ["9", 9]], [
    ["0", "value must be between 1 and 9"],
    ["10", "value must be between 1 and 9"],
    ["x", wrong],
  ]);
  check((s) => integer(s, { min: 2 }), [["2", 2]], [
    ["1", "value must be equal to or greater than 2"],
  ]);
  check((s) => integer(s, { max: 2 }), [["0", 0], ["2", 2]], [
    ["3", "value must be between 0 and 2"],
  ]);
});

Deno.test("argument() finds the argument asked for", () => {
  assertEquals(argument(statement("d", "a", "b")), "a");
  assertEquals(argument(statement("d", "a", "b"), 1), "b");
  assertEquals(
    failure(() => argument(statement("d", "a"), 1)).message,
    'invalid number of arguments in "d" directive in x.conf:7',
  );
});

Deno.test("value readers read the argument asked for", () => {
  const given = statement("d", "-", "on", "1k", "1g", "2s", "3", "404");
  assertEquals(
    [
      onOff(given, 1),
      size(given, 2),
      offset(given, 3),
      time(given, 4),
      integer(given, {}, 5),
    ],
    [true, 1024, 1073741824, 2000, 3],
  );
});

Deno.test("declarations read, default and inherit", () => {
  const contexts = ["http", "server"] as const;
  const rows: [
    directive: AnyDirective,
    text: string,
    value: unknown,
    otherwise: unknown,
  ][] = [
    [
      onOffDirective({ name: "d", contexts, default: false }),
      "on",
      true,
      false,
    ],
    [sizeDirective({ name: "d", contexts, default: 5 }), "1k", 1024, 5],
    [
      sizeDirective({ name: "d", contexts, default: undefined }),
      "1k",
      1024,
      undefined,
    ],
    [offsetDirective({ name: "d", contexts, default: 5 }), "1g", 2 ** 30, 5],
    [timeDirective({ name: "d", contexts, default: 5 }), "1m", 60_000, 5],
    [integerDirective({ name: "d", contexts, default: 5 }), "7", 7, 5],
    [
      oneOfDirective({
        name: "d",
        contexts,
        default: "a",
        values: ["a", "b"],
      }),
      "B",
      "b",
      "a",
    ],
  ];
  for (const [directive, text, value, otherwise] of rows) {
    assertEquals(build("", [directive]).scope.get(directive), otherwise);
    assertEquals(build(`d ${text};`, [directive]).scope.get(directive), value);
    const http = build(`d ${text}; http {}`, [directive]).scope.children[0];
    assertEquals(http?.get(directive), value);
    for (const wrong of ["d;", "d a b;", "d ?;", `d ${text}; d ${text};`]) {
      failure(() => build(wrong, [directive]));
    }
  }
});

Deno.test("declarations keep what they are told", () => {
  const directive = integerDirective({
    name: "d",
    contexts: ["main"],
    default: 1,
    min: 1,
    max: 9,
    inherit: false,
    summary: "How many.",
  });
  assertEquals(
    { ...directive, parse: undefined },
    {
      name: "d",
      contexts: ["main"],
      args: [1, 1],
      body: "none",
      opens: undefined,
      repeatable: false,
      inherit: false,
      default: 1,
      summary: "How many.",
      syntax: "number",
      defaultText: "1",
      unit: "",
      differs: "",
      parse: undefined,
    },
  );
  assertEquals(
    failure(() => build("d 10;", [directive])).message,
    "value must be between 1 and 9 in x.conf:1",
  );
});

Deno.test("an error shows the value, and what was expected", () => {
  const rows: [run: () => unknown, hint: string][] = [
    [
      () => size(statement("x", "10mb")),
      '"10mb" is no size: expected bytes, or a number with k or m, as in 10m',
    ],
    [
      () => offset(statement("x", "1t")),
      '"1t" is no size: expected bytes, or a number with k, m or g, as in 10m',
    ],
    [
      () => time(statement("x", "5x")),
      '"5x" is no time: expected seconds, or numbers with units from long to ' +
      "short (w, d, h, m, s, ms), as in 1h30m",
    ],
    [() => integer(statement("x", "-1")), '"-1" is no number without sign'],
    [() => integer(statement("x", "0"), { min: 1 }), '"x" is 0'],
    [() => integer(statement("x", "10"), { min: 1, max: 9 }), '"x" is 10'],
  ];
  for (const [run, hint] of rows) assertEquals(failure(run).hint, hint);
});
