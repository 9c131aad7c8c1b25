/** The phases of an exchange, with modules made for the test. */

import { finish } from "../../src/config/steps.ts";
import { assertEquals } from "@std/assert";
import { HttpError } from "../../src/http/errors.ts";
import { HeaderList, HttpResponse } from "../../src/http/response.ts";
import type { Exchange } from "../../src/core/exchange.ts";
import {
  type Environment,
  type Handler,
  InternalRedirect,
  type LocationHooks,
  type Module,
  type Stage,
} from "../../src/core/module.ts";
import { parseConfig } from "../../src/config/syntax/parser.ts";
import {
  prepareGeneration,
  readConfiguration,
} from "../../src/server/setup/configuration.ts";
import { dispatch, MAX_INTERNAL_REDIRECTS } from "../../src/server/dispatch.ts";
import { answerTo, subrequest } from "../../src/core/subrequest.ts";
import { compilePlan } from "../../src/server/setup/plan.ts";
import type { HostGroup } from "../../src/server/setup/host_group.ts";
import { beginExchange } from "../../src/server/sessions/request.ts";
import { headOf } from "../support/heads.ts";
import { textOf } from "../support/latin1.ts";

const CONFIG = `
access_log off;
server {
    location /in/ { internal; }
    location @named { }
}
`;

const CONNECTION = {
  remoteAddress: "192.0.2.7",
  remotePort: 5000,
  localAddress: "192.0.2.1",
  localPort: 80,
  proxied: undefined,
  secure: false,
  lastActivityAt: 0,
  connectedAt: 0,
  serial: 1,
  watch: () => {},
};

/** The answer to a GET of `path` by modules with these hooks. */
async function answerOf(
  path: string,
  ...hooks: LocationHooks[]
): Promise<{ response: HttpResponse; exchange: Exchange }> {
  const configuration = readConfiguration({
    file: "x.conf",
    statements: parseConfig(CONFIG, "x.conf"),
    prefix: "/x",
  }, () => {});
  const { environment } = prepareGeneration(configuration, () => {});
  const modules: Module[] = hooks.map((hook, i) => ({
    name: `test ${i}`,
    directives: [],
    create: (_scope: unknown, _environment: Environment) => hook,
  }));
  const plan = finish(compilePlan(configuration.main, {
    modules,
    environment,
    warn: () => {},
  }));
  const group = plan.listeners[0]!.group as HostGroup;
  const exchange = beginExchange(
    headOf(`GET ${path} HTTP/1.1`, "Host: a"),
    {
      connection: CONNECTION,
      group,
      requests: 1,
      beganAt: 0,
      pipelined: false,
      sentField: () => undefined,
    },
  );
  const response = await dispatch(exchange);
  environment.logs.close();
  return { response, exchange };
}

function respond(status: number, text = ""): HttpResponse {
  return new HttpResponse(status, { body: new TextEncoder().encode(text) });
}

function bodyOf({ body }: HttpResponse): string {
  return body instanceof Uint8Array ? textOf(body) : "";
}

const later = <T>(value: T) => Promise.resolve(value);

Deno.test("dispatch() asks rewrite, access and content in order", async () => {
  const asked: string[] = [];
  const note = (name: string) => () => {
    asked.push(name);
    return undefined;
  };
  const { response } = await answerOf(
    "/",
    { content: note("c1"), access: note("a1") },
    { rewrite: note("r2"), content: () => respond(200, "second") },
    { access: () => later(undefined), content: note("never") },
  );
  assertEquals(asked, ["r2", "a1", "c1"]);
  assertEquals([response.status, bodyOf(response)], [200, "second"]);
});

Deno.test("dispatch() answers 404 when no module does", async () => {
  assertEquals((await answerOf("/")).response.status, 404);
});

Deno.test("dispatch() makes answers of errors", async () => {
  const rows: [Handler, number, boolean][] = [
    [
      () => {
        throw new HttpError(410, "gone");
      },
      410,
      false,
    ],
    [() => Promise.reject(new HttpError(410, "gone")), 410, false],
    [
      () => {
        throw new Error("secret");
      },
      500,
      false,
    ],
    [() => Promise.reject(new Error("secret")), 500, false],
    [
      () => {
        throw new HttpError(400, "bad");
      },
      400,
      true,
    ],
    [
      () => {
        throw new HttpError(413, "large", { close: true });
      },
      413,
      true,
    ],
  ];
  for (const [content, status, close] of rows) {
    const { response } = await answerOf("/", { content });
    assertEquals([response.status, response.close], [status, close]);
    assertEquals(bodyOf(response).includes("secret"), false);
    assertEquals(bodyOf(response).includes(String(status)), true);
  }
});

Deno.test("dispatch() follows internal redirects, up to a limit", async () => {
  const content: Handler = ({ uri, args }) =>
    uri === "/end"
      ? respond(200, args)
      : uri === "/in/x"
      ? respond(200, "internal")
      : uri === "/later"
      ? later(new InternalRedirect("/end"))
      : uri === "/query"
      ? new InternalRedirect("/end", "new")
      : uri === "/to-internal"
      ? new InternalRedirect("/in/x")
      : uri === "/nobody"
      ? new InternalRedirect("@nobody")
      : uri === "/up"
      ? new InternalRedirect("/a/../b")
      : new InternalRedirect("/loop");
  const rows: [string, number, string][] = [
    ["/end?old", 200, "old"],
    ["/later?old", 200, "old"],
    ["/query?old", 200, "new"],
    ["/to-internal", 200, "internal"],
    ["/in/x", 404, "404"],
    ["/nobody", 500, "500"],
    ["/loop", 500, "500"],
    ["/up", 404, "404"],
  ];
  for (const [path, status, text] of rows) {
    const { response, exchange } = await answerOf(path, { content });
    assertEquals(response.status, status, path);
    assertEquals(bodyOf(response).includes(text), true, path);
    assertEquals(exchange.redirects <= MAX_INTERNAL_REDIRECTS + 1, true);
  }
});

Deno.test("dispatch() leads every response through the stages, in their order", async () => {
  const seen: string[] = [];
  const stage = (name: string): Stage => (_exchange, response) => {
    seen.push(`${name} ${response.status}`);
    return response.with({ headers: new HeaderList([["X", name]]) });
  };
  const hooks: LocationHooks = {
    content: ({ uri }) => uri === "/ok" ? respond(200) : undefined,
    // They stand here in another order than they are asked in.
    stages: { pacing: stage("pacing"), coding: stage("coding") },
    represent: ({ status }) => void seen.push(`represent ${status}`),
  };
  const others: LocationHooks = {
    stages: { conditions: stage("conditions"), fields: stage("fields") },
  };
  for (const [path, status] of [["/ok", 200], ["/missing", 404]] as const) {
    const { response } = await answerOf(path, hooks, others);
    assertEquals(response.status, status);
    assertEquals(response.headers.get("X"), "pacing");
  }
  const order = ["represent", "coding", "fields", "conditions", "pacing"];
  assertEquals(
    seen,
    [200, 404].flatMap((status) => order.map((name) => `${name} ${status}`)),
  );
});

Deno.test("dispatch() survives stages and error pages that fail", async () => {
  let disposed = 0;
  const body = {
    length: 1,
    pull: () => undefined,
    close: () => void disposed++,
  };
  const broken = await answerOf("/", {
    content: () => new HttpResponse(200, { body }),
    stages: {
      fields: (_exchange, response) => {
        if (response.status === 200) throw new Error("broken stage");
        return response;
      },
    },
  });
  assertEquals([broken.response.status, disposed], [500, 1]);
  const page = await answerOf("/", {
    content: () => {
      throw new HttpError(410, "gone");
    },
    errorPage: () => ({
      target: new InternalRedirect("/page"),
      status: 410,
      last: true,
    }),
  });
  assertEquals(page.response.status, 410);
  assertEquals(bodyOf(page.response).includes("410"), true);
});

Deno.test("a subrequest is not asked for access, wherever it is sent", async () => {
  const asked: string[] = [];
  const before: string[] = [];
  const { response } = await answerOf(
    "/",
    {
      preaccess: ({ uri }) => {
        before.push(uri);
        return undefined;
      },
      access: ({ uri }) => {
        asked.push(uri);
        return undefined;
      },
      content: (exchange) => {
        const { main, uri } = exchange;
        if (main === undefined) {
          return answerTo(subrequest(exchange, { uri: "/in/a", args: "" }));
        }
        return uri === "/in/a"
          ? new InternalRedirect("/b")
          : respond(200, `${main.uri} ${uri}`);
      },
    },
  );
  assertEquals(before, ["/", "/in/a", "/b"]);
  assertEquals(asked, ["/"]);
  assertEquals(bodyOf(response), "/ /b");
});
