/** What a preview shows to whoever has started it, beside what it prints. */

import type { BoundAddress } from "../../server/server.ts";
import { log } from "../../logging/logger.ts";
import { urlForOthers, urlOf } from "../announce.ts";
import type { Arguments } from "../arguments.ts";
import { openBrowser } from "./browser.ts";
import { qrCodeLines } from "./qr_code.ts";

/**
 * Shows where it is served: to phones by a QR code on the terminal, and with
 * `--open` in the browser. `network` has the addresses of this machine.
 */
export async function showPreview(
  { open }: Arguments,
  addresses: readonly BoundAddress[],
  network: readonly string[],
): Promise<void> {
  const forOthers = urlForOthers(addresses, network);
  if (forOthers !== undefined && Deno.stdout.isTerminal()) {
    const lines = await qrCodeLines(forOthers, {
      columns: terminalColumns(),
      coloured: !Deno.noColor,
    });
    if (lines.length > 0) console.log(lines.join("\n") + "\n");
  }
  if (!open) return;
  const shown = addresses.find(({ plan }) => plan.path === undefined);
  if (shown === undefined) {
    log.warn("no browser opens a Unix socket: --open does nothing");
  } else openBrowser(urlOf(shown), (message) => log.warn(message));
}

/** The columns of the terminal; none where they are not known. */
function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}
