/** All sites of the corpus. */

import { APP_SITES } from "./apps.ts";
import { COMBINED_SITES } from "./together.ts";
import { DETAIL_SITES } from "./details.ts";
import { FILE_SITES } from "./files.ts";
import { HEADER_SITES } from "./headers.ts";
import { HOST_SITES } from "./hosts.ts";
import { PACKAGED_SITES } from "./packaged.ts";
import { PROTECTED_SITES } from "./protection.ts";
import { GUIDE_SITES } from "./guides.ts";
import { NAME_SITES } from "./names.ts";
import { RETURN_SITES } from "./returns.ts";
import { RULE_SITES } from "./rules.ts";
import { VALUE_SITES } from "./values.ts";
import type { Site } from "./site.ts";

/** The sites, those of packages first. */
export const SITES: readonly Site[] = [
  ...PACKAGED_SITES,
  ...APP_SITES,
  ...HOST_SITES,
  ...HEADER_SITES,
  ...PROTECTED_SITES,
  ...FILE_SITES,
  ...VALUE_SITES,
  ...RULE_SITES,
  ...RETURN_SITES,
  ...NAME_SITES,
  ...GUIDE_SITES,
  ...COMBINED_SITES,
  ...DETAIL_SITES,
];
