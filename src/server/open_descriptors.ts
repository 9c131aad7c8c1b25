/** How many descriptors the process has, all its threads together. */

import { countedDescriptors } from "../net/native/event_loop.ts";

/** How many there are; 0 where nobody may look. */
export function openDescriptors(): number {
  return countedDescriptors() || listedDescriptors();
}

/** Linux lists them; Deno lets nobody see that without `--allow-all`. */
function listedDescriptors(): number {
  try {
    // One of them is for reading the list.
    return [...Deno.readDirSync("/proc/self/fd")].length - 1;
  } catch {
    return 0;
  }
}
