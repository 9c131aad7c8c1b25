/**
 * `packaging/kubernetes/`: the manifest has the shape of the API, its parts
 * agree with each other and with the image, and its configuration works.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { parseAll } from "@std/yaml";
import { readConfiguration } from "../../src/server/setup/configuration.ts";
import { withEventMethod } from "../support/event_method.ts";
import { freePorts } from "../support/free_ports.ts";
import { get, RawClient } from "../support/raw_client.ts";
import { eventually, ServerProcess } from "../support/server_process.ts";
import { PACKAGING } from "./packaged.ts";

/** The packages that know the API, for these tests alone. */
const MODELS = fromFileUrl(new URL("kubernetes/", import.meta.url));

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  // deno-lint-ignore no-explicit-any
  readonly [name: string]: any;
}

function manifests(): Manifest[] {
  return parseAll(
    Deno.readTextFileSync(join(PACKAGING, "kubernetes/webserv.yaml")),
  ) as Manifest[];
}

function manifest(kind: string): Manifest {
  return manifests().find((each) => each.kind === kind)!;
}

function deno(...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args,
    cwd: MODELS,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

const CONFIG = ["--config=deno.json", "--frozen", "--quiet"];

/** What the schema of the API has against each object, or `null`. */
async function faultsOf(objects: readonly unknown[]) {
  const child = deno(
    "run",
    ...CONFIG,
    "--allow-read",
    "--allow-env",
    "validate.ts",
  )
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(objects)));
  await writer.close();
  const { stdout, stderr } = await child.output();
  const text = new TextDecoder();
  assert(stdout.length > 0, text.decode(stderr));
  return JSON.parse(text.decode(stdout)) as (string | null)[];
}

/** What the types of the API have against fields of objects: unknown ones. */
async function unknownFields(objects: readonly Manifest[]): Promise<string> {
  const folder = Deno.makeTempDirSync({ prefix: "webserv_test_" });
  const file = join(folder, "objects.ts");
  Deno.writeTextFileSync(
    file,
    objects.map((object, i) =>
      `import type { I${object.kind} as T${i} } from "kubernetes-models/${object.apiVersion}";\n` +
      `export const object${i}: T${i} = ${JSON.stringify(object)};\n`
    ).join(""),
  );
  const child = deno("check", ...CONFIG, file).spawn();
  await child.stdin.close();
  const { success, stderr } = await child.output();
  Deno.removeSync(folder, { recursive: true });
  const said = new TextDecoder().decode(stderr);
  assertEquals(success, !said.includes("ERROR"), said);
  return success ? "" : said;
}

/** A copy of an object in which `change` has changed something. */
// deno-lint-ignore no-explicit-any
function broken(kind: string, change: (object: any) => void): Manifest {
  const object = structuredClone(manifest(kind));
  change(object);
  return object;
}

Deno.test("the manifest has the shape of the API", async () => {
  const wrong = [
    broken("Service", (service) => service.spec.ports[0].port = "eighty"),
    broken("Deployment", (deployment) => delete deployment.spec.selector),
    broken("Deployment", (deployment) => {
      const [container] = deployment.spec.template.spec.containers;
      container.readinessProbe.httpGet.port = [];
    }),
  ];
  const faults = await faultsOf([...manifests(), ...wrong]);
  const count = manifests().length;
  assertEquals(faults.slice(0, count), manifests().map(() => null));
  for (const fault of faults.slice(count)) assert(fault !== null);

  assertEquals(await unknownFields(manifests()), "");
  const misspelt = broken("Deployment", (deployment) => {
    const [container] = deployment.spec.template.spec.containers;
    container.lifecycle.preStop.sleep.secs = 5;
  });
  assertMatch(await unknownFields([misspelt]), /'"secs"' does not exist/);
});

Deno.test("the parts of the manifest agree with each other and the image", () => {
  const kinds = manifests().map(({ kind }) => kind).sort();
  assertEquals(
    kinds,
    ["ConfigMap", "Deployment", "PodDisruptionBudget", "Service"],
  );
  const { spec } = manifest("Deployment");
  const pod = spec.template.spec;
  const [container] = pod.containers;
  const { labels } = spec.template.metadata;
  assertEquals(spec.selector.matchLabels, labels);
  assertEquals(manifest("Service").spec.selector, labels);
  assertEquals(
    manifest("PodDisruptionBudget").spec.selector.matchLabels,
    labels,
  );
  for (const { labelSelector } of pod.topologySpreadConstraints) {
    assertEquals(labelSelector.matchLabels, labels);
  }
  // A budget that could never be kept would keep every node from being emptied.
  assert(manifest("PodDisruptionBudget").spec.maxUnavailable < spec.replicas);

  const ports: { name: string; containerPort: number }[] = container.ports;
  const names = ports.map(({ name }) => name);
  for (const { targetPort } of manifest("Service").spec.ports) {
    assert(names.includes(targetPort));
  }
  for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"]) {
    const { httpGet, tcpSocket } = container[probe];
    assert(names.includes((httpGet ?? tcpSocket).port), probe);
  }

  const { data } = manifest("ConfigMap");
  const mount = (path: string) =>
    container.volumeMounts.find((each: { mountPath: string }) =>
      each.mountPath === path
    );
  assertEquals(container.args, ["-c", "/etc/webserv/webserv.conf"]);
  assertEquals(mount("/etc/webserv").readOnly, true);
  assertEquals(Object.keys(data), ["webserv.conf"]);
  for (const { containerPort } of ports) {
    assert(data["webserv.conf"].includes(`listen      ${containerPort};`));
  }
  // The pid file is all it writes, and the root is read-only.
  assertEquals(container.securityContext.readOnlyRootFilesystem, true);
  assert(mount("/tmp") !== undefined);
  assertMatch(data["webserv.conf"], /^pid {7}\/tmp\//m);

  // A drain ends before Kubernetes loses patience.
  const drain = /worker_shutdown_timeout (\d+)s;/.exec(data["webserv.conf"]);
  const { seconds } = container.lifecycle.preStop.sleep;
  assert(Number(drain![1]) + seconds < pod.terminationGracePeriodSeconds);
  const dockerfile = Deno.readTextFileSync(join(PACKAGING, "Dockerfile"));
  assertMatch(dockerfile, /^STOPSIGNAL SIGQUIT$/m);
  assertMatch(dockerfile, /^FROM gcr\.io\/distroless\/\S+:nonroot$/m);
  assertMatch(dockerfile, /^ENTRYPOINT \["\/usr\/bin\/webserv"\]$/m);
  assertEquals(pod.securityContext.runAsUser, 65532);
});

Deno.test("the configuration of the ConfigMap is right, and works", async () => {
  const folder = Deno.realPathSync(
    Deno.makeTempDirSync({ prefix: "webserv_test_" }),
  );
  const file = join(folder, "webserv.conf");
  const text: string = manifest("ConfigMap").data["webserv.conf"];
  Deno.writeTextFileSync(file, text);
  const warnings: string[] = [];
  readConfiguration(
    { file, prefix: folder },
    (warning) => warnings.push(warning),
  );
  assertEquals(warnings, []);

  const [http, metrics] = freePorts(2);
  Deno.mkdirSync(join(folder, "www/docs"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "www/index.html"), "here");
  Deno.writeTextFileSync(
    file,
    withEventMethod(
      text.replace("8080", `127.0.0.1:${http}`)
        .replace("9180", `127.0.0.1:${metrics}`)
        .replace("/tmp/", "./").replace("/srv/www", "www")
        .replace("10.0.0.0/8", "127.0.0.1"),
    ),
  );
  await using server = await ServerProcess.startIn(folder, {});
  assertEquals((await get(metrics!, "/health")).text, "ok\n");
  assertEquals((await get(metrics!, "/")).status, 404);
  assertEquals((await get(http!, "/docs")).field("location"), "/docs/");
  {
    using client = await RawClient.connect(http!);
    await client.send(
      "GET / HTTP/1.1\r\nHost: a.test\r\nX-Forwarded-For: 192.0.2.9\r\n\r\n",
    );
    assertEquals((await client.response())!.text, "here");
  }
  await eventually(
    () => server.stdout.includes("192.0.2.9 - - ["),
    "the log of the client's address",
  );
  assertEquals((await server.stop("SIGQUIT")).code, 0);
});
