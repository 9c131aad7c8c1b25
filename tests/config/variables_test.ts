import { assertEquals } from "@std/assert";
import {
  ascii,
  joinTables,
  variableName,
  variableTable,
} from "../../src/config/variables.ts";
import { failure, linkedTemplate, PLACE } from "./config_support.ts";

Deno.test("variableName() takes what can be referred to", () => {
  assertEquals(variableName("$A_1", PLACE), "A_1");
  for (const text of ["", "$", "a", "$a-b", "${a}", "$é", "$$a", "a$b"]) {
    assertEquals(
      failure(() => variableName(text, PLACE)).what,
      `invalid variable name "${text}"`,
    );
  }
});

Deno.test("joinTables() lets the later table win", () => {
  const first = variableTable<null>({
    a: ascii(() => "a1"),
    b: ascii(() => "b1"),
  }, {
    x_: () => ascii(() => "x1"),
    y_: () => ascii(() => "y1"),
  });
  const second = variableTable<null>({ b: ascii(() => "b2") }, {
    x_: () => ascii(() => "x2"),
  });
  assertEquals(
    linkedTemplate("$a $b $x_1 $y_1", joinTables(first, second))
      .evaluate(null),
    "a1 b2 x2 y1",
  );
  assertEquals(joinTables<null>().names.size, 0);
});
