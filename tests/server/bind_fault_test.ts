import { assertEquals } from "@std/assert";
import { ConfigError } from "../../src/config/errors.ts";
import { BindError } from "../../src/net/listener.ts";
import { bindFault, isInUse } from "../../src/server/bind_fault.ts";
import type { ListenerPlan } from "../../src/server/setup/listener_plan.ts";

function planOf(port: number): Pick<ListenerPlan, "address"> {
  const place = { file: "x.conf", line: 3 };
  return {
    address: { hostname: "192.0.2.1", port, place },
  } as ListenerPlan;
}

Deno.test("bindFault() says what to do about a Unix socket", () => {
  const { errors } = Deno;
  const guarded =
    'Requires all access to "/proc/x", run again with the --allow';
  const rows: [cause: Error, hint: RegExp | undefined][] = [
    [new errors.AddrInUse(""), /remove the file with "rm \/run\/a\/x"/],
    [new errors.NotFound(""), /there is no folder \/run\/a: make it/],
    [new errors.PermissionDenied(""), /may not make files in \/run\/a/],
    [new errors.NotCapable(""), /--allow-net, --allow-read and --allow-write/],
    [new errors.NotCapable(guarded), /not in \/dev, \/proc or \/sys/],
    [new Error("else"), undefined],
  ];
  const place = { file: "x.conf", line: 3 };
  const plan = {
    address: { hostname: "unix:/run/a/x", port: 0, place },
  } as ListenerPlan;
  for (const [cause, hint] of rows) {
    const error = new BindError("bind() failed (x)", { cause });
    const fault = bindFault(error, plan) as ConfigError;
    assertEquals(fault.message, "bind() failed (x) in x.conf:3");
    assertEquals(hint?.test(fault.hint ?? ""), hint && true, fault.hint);
  }
});

Deno.test("bindFault() says where it stands and what to do", () => {
  const { errors } = Deno;
  const rows: [cause: Error, port: number, hint: RegExp | undefined][] = [
    [new errors.AddrInUse(""), 8080, /ss -ltnp 'sport = :8080'/],
    [new errors.AddrNotAvailable(""), 8080, /has the address 192\.0\.2\.1/],
    [new errors.PermissionDenied(""), 80, /CAP_NET_BIND_SERVICE/],
    [new errors.PermissionDenied(""), 8080, undefined],
    [new Error("else"), 80, undefined],
  ];
  for (const [cause, port, hint] of rows) {
    const error = new BindError("bind() failed (x)", { cause });
    const fault = bindFault(error, planOf(port)) as ConfigError;
    assertEquals(fault.message, "bind() failed (x) in x.conf:3");
    assertEquals(hint?.test(fault.hint ?? ""), hint && true, fault.hint);
    assertEquals(isInUse(error), cause instanceof errors.AddrInUse);
  }
  const other = new TypeError("x");
  assertEquals(bindFault(other, planOf(80)), other);
  assertEquals(isInUse(other), false);
});
