/** The address that a request comes to. */

import { addressText } from "../core/settings/listen_address.ts";
import { parseHost } from "../http/host.ts";
import { type DryAddress, STRANGER } from "../server/dry_run.ts";
import { type ExplainedStep, placeText } from "./step.ts";

/** Where a request comes to, and who from. */
export interface Comer {
  /** The value of `Host`. */
  readonly host: string;
  /** The address of the client; one that nobody has rules for if left out. */
  readonly from?: string;
  /** Whether it comes by TLS. */
  readonly secure: boolean;
  /** The port it comes to. */
  readonly port: number;
}

/** Addresses that take the connections of all others of their port. */
const WILDCARDS: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "IPv4"],
  ["::", "IPv6"],
]);

/** The address that a request comes to, why, and which others nearly were it. */
export interface ListenerChoice {
  /** The address. */
  readonly address: DryAddress;
  /** It, and the others. */
  readonly steps: readonly ExplainedStep[];
}

/** Who comes to an address, and to none of the others of its port. */
function whoComes(
  { hostname }: DryAddress,
  addresses: readonly DryAddress[],
): string {
  const family = WILDCARDS.get(hostname);
  if (family === undefined) return "it is only for connections to that address";
  const wildcards = addresses.filter((one) => WILDCARDS.has(one.hostname));
  return "it is for the other addresses of the port" +
    (wildcards.length > 1 ? `, by ${family}` : "");
}

/** Why an address is the one that a request comes to. */
function whyThis(
  address: DryAddress,
  fitting: readonly DryAddress[],
  name: string | undefined,
): string {
  if (fitting.length === 1) return "nothing else listens at the port";
  if (address.hostname === name) return "the URL names it";
  return WILDCARDS.has(address.hostname)
    ? whoComes(address, fitting)
    : "the first one of its port, as the URL names none";
}

/** Where it is said that an address is listened on. */
function listenPlace({ group }: DryAddress): string | null {
  return placeText(group.members[0]?.address.place);
}

/**
 * The address that a request comes to: of its port, by TLS or not; the one that
 * the host of the URL is, or else that of all addresses of the client's family.
 *
 * @throws {RangeError} when there is none; says which there are
 */
export function addressFor(
  addresses: readonly DryAddress[],
  { secure, port, host, from = STRANGER }: Comer,
): ListenerChoice {
  const fitting = addresses.filter((one) =>
    one.port === port && one.secure === secure
  );
  const name = parseHost(host)?.host.replace(/^\[|\]$/g, "");
  const family = [name, from].some((text) => text?.includes(":"))
    ? ["::"]
    : ["0.0.0.0", "::"];
  const address = [name, ...family]
    .map((wanted) => fitting.find(({ hostname }) => hostname === wanted))
    .find((found) => found !== undefined) ?? fitting[0];
  if (address !== undefined) {
    const others = fitting.filter((one) => one !== address);
    return {
      address,
      steps: [
        {
          kind: "listener",
          text: `${addressText(address)}: ${whyThis(address, fitting, name)}`,
          place: listenPlace(address),
        },
        ...others.map((other): ExplainedStep => ({
          kind: "near",
          text: `not ${addressText(other)}: ` +
            whoComes(other, fitting),
          place: listenPlace(other),
        })),
      ],
    };
  }
  const scheme = (one: DryAddress) => one.secure ? "https" : "http";
  const list = addresses.map((one) => `${scheme(one)} at ${addressText(one)}`);
  throw new RangeError(
    `nothing listens for ${secure ? "https" : "http"} at port ${port}; ` +
      (list.length === 0
        ? "there is no server"
        : `there is ${list.join(", ")}`),
  );
}
