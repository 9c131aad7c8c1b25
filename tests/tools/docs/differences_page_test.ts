/** Who comes from nginx is told of every difference that the tests know. */

import { assertEquals } from "@std/assert";
import { SITES } from "../../integration/nginx_configurations/sites/all.ts";
import { INTENDED } from "../../integration/nginx_differential/intended.ts";
import { INTENDED_OF_HTTP2 } from "../../integration/nginx_differential/intended_http2.ts";

Deno.test("docs/differences.md tells of every difference", () => {
  const file = new URL("../../../docs/differences.md", import.meta.url);
  const page = Deno.readTextFileSync(file).replace(/\s+/g, " ");
  const told = [
    ...INTENDED,
    ...INTENDED_OF_HTTP2,
    ...SITES.flatMap(({ differs = [] }) => differs),
  ].map(({ told }) => told);
  assertEquals(told.filter((words) => !page.includes(words)), []);
});
