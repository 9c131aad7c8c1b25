/**
 * Reads a list of objects of Kubernetes from standard input, and prints for
 * each what the schema of the API has against it, or `null`. It has packages of
 * its own (`deno.json` beside it), which nobody who runs the server loads.
 */

const objects = JSON.parse(await new Response(Deno.stdin.readable).text());
const faults: (string | null)[] = [];
for (const object of objects) {
  const { apiVersion, kind } = object;
  const models = await import(`kubernetes-models/${apiVersion}`);
  try {
    if (models[kind] === undefined) throw new Error(`there is no ${kind}`);
    new models[kind](object).validate();
    faults.push(null);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
}
console.log(JSON.stringify(faults));
