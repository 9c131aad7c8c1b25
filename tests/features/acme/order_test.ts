import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeSelfSigned } from "../../../src/certificates/making.ts";
import type { Account } from "../../../src/features/acme/authority/account.ts";
import { chosenChain } from "../../../src/features/acme/authority/chain.ts";
import {
  type Client,
  Reply,
} from "../../../src/features/acme/authority/client.ts";
import type { Clock } from "../../../src/features/acme/authority/clock.ts";
import { Desk } from "../../../src/features/acme/authority/desk.ts";
import {
  AuthorityError,
  Unreachable,
} from "../../../src/features/acme/authority/failure.ts";
import { SigningKey } from "../../../src/features/acme/authority/keys.ts";
import {
  finishOrder,
  newOrder,
  type OrderOptions,
} from "../../../src/features/acme/authority/order.ts";
import type { Issuer } from "../../../src/features/acme/issuer.ts";
import { MemoryState } from "../../../src/features/acme/state_folder.ts";

const YEAR_MS = 365 * 24 * 3_600_000;

const ISSUER = {
  name: "le",
  uri: "https://127.0.0.1:1/dir",
  contacts: [],
  accountKey: "ecdsa:256",
  challenge: "http-01",
} as unknown as Issuer;

/** A clock that somebody sets by `jump` at each sleep. */
class SetClock implements Clock {
  time = Date.now();
  slept = 0;
  readonly #jump: number;

  constructor(jump: number) {
    this.#jump = jump;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 0;
  }

  sleep(ms: number): Promise<void> {
    this.slept += ms;
    this.time += ms + this.#jump;
    return Promise.resolve();
  }
}

/** What an order is made with, of an authority that answers so. */
function options(
  client: Partial<Client>,
  issuer: Partial<Issuer>,
  more: Partial<OrderOptions> = {},
): OrderOptions & { readonly said: string[] } {
  const said: string[] = [];
  return {
    client: client as Client,
    account: {} as Account,
    issuer: { ...ISSUER, ...issuer },
    identifiers: [{ type: "dns", value: "a.test" }],
    answers: { give: () => () => {} },
    clock: new SetClock(0),
    signal: new AbortController().signal,
    warn: (message) => said.push(message),
    said,
    ...more,
  };
}

Deno.test("a clock that is set neither ends an order nor prolongs it", async () => {
  const key = await SigningKey.generate("ecdsa:256");
  for (const status of ["processing", "pending"]) {
    for (const jump of [0, YEAR_MS, -YEAR_MS]) {
      const clock = new SetClock(jump);
      const post = () =>
        Promise.resolve(
          new Reply(
            200,
            new Headers(),
            JSON.stringify({ status, finalize: "x", authorizations: [] }),
          ),
        );
      await assertRejects(
        () => finishOrder("u", key, options({ post }, {}, { clock })),
        Unreachable,
        "too long",
      );
      const seconds = clock.slept / 1000;
      assert(seconds >= 299 && seconds < 320, `${status} ${jump} ${seconds}`);
    }
  }
});

Deno.test("an authority that gave no account is asked again when the clock was set back", async () => {
  const clock = new SetClock(0);
  const ending = new AbortController();
  const { signal } = ending;
  const state = new MemoryState();
  const desk = new Desk({ issuer: ISSUER, state, clock, signal });
  const failure = () => desk.account().then(() => undefined, (error) => error);
  const first = await failure();
  assert(first instanceof Unreachable, `${first}`);
  assertEquals(await failure(), first);
  clock.time -= YEAR_MS;
  const second = await failure();
  assert(second instanceof Unreachable && second !== first);
  clock.time += 2 * YEAR_MS;
  assert(await failure() !== second);
  ending.abort();
});

Deno.test("a profile is asked for if there is one; what is missing is told, or refused", async () => {
  const rows: [
    profiles: Record<string, string> | undefined,
    required: boolean,
    asked: string | undefined,
    told: RegExp | undefined,
  ][] = [
    [{ shortlived: "x", classic: "y" }, false, "shortlived", undefined],
    [{ shortlived: "x" }, true, "shortlived", undefined],
    [
      { classic: "y" },
      false,
      undefined,
      /no profile "shortlived", but classic/,
    ],
    [undefined, false, undefined, /no profile "shortlived": its usual one/],
    [
      { classic: "y" },
      true,
      undefined,
      /"shortlived", but classic: .*required/,
    ],
    [undefined, true, undefined, /"shortlived": .*required/],
  ];
  for (const [profiles, required, asked, told] of rows) {
    const orders: { readonly profile?: string }[] = [];
    const all = options({
      directory: () =>
        Promise.resolve({
          newNonce: "n",
          newAccount: "a",
          newOrder: "o",
          meta: profiles === undefined ? {} : { profiles },
        }),
      post: (_url, _signer, payload) => {
        orders.push(payload as typeof orders[number]);
        return Promise.resolve(
          new Reply(201, new Headers({ Location: "https://ca.test/1" }), "{}"),
        );
      },
    }, { profile: { name: "shortlived", required } });
    const what = `${JSON.stringify(profiles)} ${required}`;
    if (required && asked === undefined) {
      const error = await assertRejects(
        () => newOrder(all, undefined),
        AuthorityError,
      );
      assertMatch(error.message, told!, what);
      assertEquals(orders, [], what);
      continue;
    }
    assertEquals(await newOrder(all, undefined), "https://ca.test/1");
    assertEquals(orders.map(({ profile }) => profile), [asked], what);
    if (told === undefined) assertEquals(all.said, [], what);
    else assertMatch(all.said.join(), told, what);
  }
});

Deno.test("the chain to the root that is preferred is taken, or else the usual one, which is told", async () => {
  const chain = async (commonName: string) =>
    (await makeSelfSigned({ commonName, names: [], days: 1 })).cert;
  const chains: Record<string, string> = {
    "https://ca.test/": await chain("Usual"),
    "https://ca.test/1": await chain("Other"),
    "https://ca.test/2": await chain("Old"),
  };
  const rows: [wanted: string | undefined, taken: string, told: RegExp][] = [
    [undefined, "", /^$/],
    ["Usual", "", /^$/],
    ["Other", "1", /^$/],
    ["Old", "2", /^$/],
    [
      "None",
      "",
      /^"le" has no chain to "None", but to "Usual", "Other", "Old"/,
    ],
    ["Ol", "", /no chain to "Ol"/],
  ];
  for (const [preferredChain, taken, told] of rows) {
    const asked: string[] = [];
    const all = options({
      post: (url) => {
        asked.push(url);
        const links = Object.keys(chains).slice(1)
          .map((
            each,
          ): [string, string] => ["Link", `<${each}>;rel="alternate"`]);
        return Promise.resolve(
          new Reply(200, new Headers(links), chains[url]!),
        );
      },
    }, { preferredChain });
    const found = await chosenChain("https://ca.test/", all);
    assertEquals(found.trim(), chains[`https://ca.test/${taken}`]!.trim());
    assertMatch(all.said.join(), told);
    // Nothing is fetched that is not looked at.
    if (preferredChain === undefined) assertEquals(asked.length, 1);
  }
});

/** The last authorization of the order in the next test. */
const LAST = 30;

Deno.test("names are proved a few at a time, and no more are when the authority is in the way", async () => {
  const limited = () =>
    new AuthorityError("x", {
      type: "urn:ietf:params:acme:error:rateLimited",
    }, { status: 429, retryAfterMs: 1000 });
  const rows: [
    what: string,
    failing: ReadonlyMap<number, () => Error>,
    asked: number,
    message: RegExp,
  ][] = [
    ["all are right", new Map(), LAST, /^$/],
    [
      "two are wrong",
      new Map([
        [2, () => new AuthorityError("n2", { detail: "no" })],
        [29, () => new AuthorityError("n29", { detail: "no" })],
      ]),
      LAST,
      /^n2: no; n29: no$/,
    ],
    [
      "the network is gone",
      new Map([[7, () => new Unreachable("gone")]]),
      11,
      /^gone$/,
    ],
    [
      "it is too much, after a wrong one",
      new Map([[0, () => new AuthorityError("n0", {})], [5, limited]]),
      9,
      /^x: status 429, rateLimited; n0: no reason is given$/,
    ],
  ];
  for (const [what, failing, count, message] of rows) {
    const asked: string[] = [];
    let [now, most] = [0, 0];
    const identifiers = Array.from({ length: LAST }, (_, i) => ({
      type: "dns" as const,
      value: `n${i}`,
    }));
    const order = {
      status: "pending",
      finalize: "f",
      authorizations: identifiers.map(({ value }) => value),
    };
    const all = options(
      {
        async post(url) {
          const json = (value: unknown) =>
            new Reply(200, new Headers(), JSON.stringify(value));
          if (url === "o") {
            if (asked.length === 0) return json(order);
            throw new Error("proved");
          }
          asked.push(url);
          most = Math.max(most, ++now);
          await Promise.resolve();
          now--;
          const error = failing.get(Number(url.slice(1)));
          if (error !== undefined) throw error();
          return json({
            status: "valid",
            identifier: { value: url },
            challenges: [],
          });
        },
      },
      {},
      { identifiers },
    );
    const key = await SigningKey.generate("ecdsa:256");
    const error = await assertRejects(() => finishOrder("o", key, all));
    const said = (error as Error).message;
    assertMatch(said === "proved" ? "" : said, message, what);
    assertEquals(most, 4, what);
    assertEquals(asked.length, count, `${what}: ${asked}`);
  }
});
