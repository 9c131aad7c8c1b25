/** All rules there are. Adding one is its file and a line here. */

import type { Rule } from "./rule.ts";
import { aliasSlash } from "./rules/files/alias_slash.ts";
import { autoindexDotfiles } from "./rules/files/autoindex_dotfiles.ts";
import { errorPageMissing } from "./rules/files/error_page_missing.ts";
import { rootInLocation } from "./rules/files/root_in_location.ts";
import { secretFile } from "./rules/files/secret_file.ts";
import { splitRoots } from "./rules/files/split_roots.ts";
import { tryFilesMissing } from "./rules/files/try_files_missing.ts";
import { certificateExpiry } from "./rules/names/certificate_expiry.ts";
import { certificateNames } from "./rules/names/certificate_names.ts";
import { plain443 } from "./rules/names/plain_443.ts";
import { realIpAnyone } from "./rules/names/real_ip_anyone.ts";
import { serverNamePort } from "./rules/names/server_name_port.ts";
import { shadowedServer } from "./rules/names/shadowed_server.ts";
import { accessBypass } from "./rules/requests/access_bypass.ts";
import { accessInheritance } from "./rules/requests/access_inheritance.ts";
import { ifSettings } from "./rules/requests/if_settings.ts";
import { ifTryFiles } from "./rules/requests/if_try_files.ts";
import { redirectLoop } from "./rules/requests/redirect_loop.ts";
import { unreachableLocation } from "./rules/requests/unreachable_location.ts";
import { addHeaderInheritance } from "./rules/words/add_header_inheritance.ts";
import { compressedTypes } from "./rules/words/compressed_types.ts";
import { decodedUri } from "./rules/words/decoded_uri.ts";
import { hostHeader } from "./rules/words/host_header.ts";
import { multilineField } from "./rules/words/multiline_field.ts";
import { slowExpression } from "./rules/words/slow_expression.ts";
import { unescapedDot } from "./rules/words/unescaped_dot.ts";

/** The rules, in the order of the reference page. */
export const RULES: readonly Rule[] = [
  aliasSlash,
  rootInLocation,
  tryFilesMissing,
  errorPageMissing,
  secretFile,
  autoindexDotfiles,
  splitRoots,
  unreachableLocation,
  shadowedServer,
  serverNamePort,
  plain443,
  redirectLoop,
  ifTryFiles,
  ifSettings,
  accessInheritance,
  accessBypass,
  realIpAnyone,
  addHeaderInheritance,
  decodedUri,
  hostHeader,
  multilineField,
  unescapedDot,
  slowExpression,
  compressedTypes,
  certificateNames,
  certificateExpiry,
];
