/** `auth_basic`: which users may have what. */

import {
  defineDirective,
  type Directive,
  type ParseContext,
} from "../../config/directive.ts";
import { ConfigError, type SourcePlace } from "../../config/errors.ts";
import type { Scope } from "../../config/scope.ts";
import type { Template } from "../../config/template.ts";
import { argument } from "../../config/values.ts";
import { textOf } from "../../http/byte_string.ts";
import { HttpError } from "../../http/errors.ts";
import { Field } from "../../http/fields.ts";
import { basicCredentials } from "../../http/semantics/basic_credentials.ts";
import type { Exchange } from "../../core/exchange.ts";
import {
  type AccessCheck,
  GRANTED,
  type LocationHooks,
  type Module,
  type Verdict,
} from "../../core/module.ts";
import { contextOf } from "../../core/request_log.ts";
import { quote } from "../../logging/diagnostic_line.ts";
import type { Level } from "../../logging/level.ts";
import { log } from "../../logging/logger.ts";
import { hasParentSegment } from "../../routing/path_map.ts";
import {
  foreignScheme,
  isSlow,
  keyedHash,
  matchesQuickly,
} from "./password_hash.ts";
import { readUserFile, UserFile, UserFiles } from "./user_file.ts";
import { Verifier } from "./verifier.ts";

const CONTEXTS = ["http", "server", "location", "limit_except"] as const;

/** The realm that asks nobody. */
const OFF = "off";

/** `auth_basic string | off`; what clients are told they are asked for. */
const authBasicDirective: Directive<Template<Exchange> | undefined> =
  defineDirective<Template<Exchange> | undefined>({
    name: "auth_basic",
    contexts: CONTEXTS,
    args: [1, 1],
    default: undefined,
    summary: "What users are asked for a name and a password for.",
    syntax: "string | off",
    defaultText: OFF,
    differs: 'A `"` in it is escaped.',
    parse(statement, _previous, { variables }) {
      const realm = argument(statement);
      if (realm === OFF) return undefined;
      return variables.byteTemplate(realm, statement.place);
    },
  });

/** Where users stand. */
type UserFilePath = (exchange: Exchange) => string;

/** `auth_basic_user_file file`. */
const userFileDirective: Directive<UserFilePath | undefined> = defineDirective<
  UserFilePath | undefined
>({
  name: "auth_basic_user_file",
  contexts: CONTEXTS,
  args: [1, 1],
  default: undefined,
  summary: "The file with the names and passwords of users.",
  syntax: "file",
  differs: "Passwords hashed by DES crypt, yescrypt and other schemes of " +
    "crypt(3) that `htpasswd` of Apache has not, or only as its oldest, are " +
    "not supported. A name that is not there takes as long as one that is. " +
    "A file is looked at twice a second.",
  parse: (statement, _previous, context) =>
    userFilePath(argument(statement), statement.place, context),
});

function userFilePath(
  text: string,
  place: SourcePlace,
  context: ParseContext,
): UserFilePath {
  const template = context.variables.textTemplate(text, place);
  if (template.constant !== undefined) {
    const path = context.resolveConfigPath(text);
    for (const trouble of troublesOf(path)) context.warnOnce(trouble);
    return () => path;
  }
  if (hasParentSegment(text)) {
    throw new ConfigError(
      '".." and variables cannot be mixed in the "auth_basic_user_file" ' +
        "directive",
      place,
      `"${text}": expected a path without ".."`,
    );
  }
  return (exchange) => {
    const value = template.evaluate(exchange);
    if (hasParentSegment(value)) {
      throw new HttpError(403, `${quote(value)} leads to another folder`, {
        severity: "error",
      });
    }
    return context.resolveConfigPath(value);
  };
}

/** What is wrong with a file already now. */
function* troublesOf(path: string): Generator<string> {
  let file: UserFile;
  try {
    file = new UserFile(readUserFile(path).text);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    yield error.message;
    return;
  }
  for (const [user, stored] of file.entries) {
    const scheme = foreignScheme(stored);
    if (scheme === undefined) continue;
    yield `the password of user ${quote(textOf(user))} in ${quote(path)} is ` +
      `by ${scheme}, which is not supported by webserv: make it with ` +
      '"htpasswd -B"';
    return;
  }
}

/** Of this thread, whatever is configured: it cannot always be started anew. */
const VERIFIER = new Verifier();

/** How many configurations it is for. */
let uses = 0;

/** Not of one configuration: what was right stays so after a reload. */
const FILES = new UserFiles();

/** Whether the client may go on, by the users of a file. */
function check(
  exchange: Exchange,
  realm: string,
  path: UserFilePath,
): Verdict | Promise<Verdict> {
  const credentials = basicCredentials(
    exchange.request.value(Field.Authorization),
  );
  if (credentials === undefined) {
    const message = "no user/password was provided for basic authentication";
    return refuse(exchange, "info", message, realm);
  }
  const { user, password } = credentials;
  let file: UserFile;
  let name: string;
  try {
    name = path(exchange);
    file = FILES.get(name);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    tell(exchange, error.severity, error.message);
    return new HttpError(error.status, error.message, { severity: "silent" });
  }
  const own = file.storedOf(user);
  const stored = own ?? file.standInFor(user);
  const judge = (matches: boolean): Verdict => {
    if (own === undefined) {
      const where = `was not found in ${quote(name)}`;
      return refuse(exchange, "error", `${named(user)} ${where}`, realm);
    }
    if (matches) return GRANTED;
    const scheme = foreignScheme(own);
    return refuse(
      exchange,
      "error",
      scheme === undefined
        ? `${named(user)}: password mismatch`
        : `${named(user)}: the password in ${quote(name)} is by ${scheme}, ` +
          "which is not supported by webserv",
      realm,
    );
  };
  // As strings of C end there, NUL is no part of any password.
  if (stored === undefined || password.includes("\0")) return judge(false);
  if (!isSlow(stored)) return judge(matchesQuickly(password, stored));
  const key = keyedHash(user, password, stored);
  if (own !== undefined && file.wasRight(key)) return GRANTED;
  return VERIFIER.matches(
    { key, client: exchange.remoteAddress, password, stored },
    exchange.signal,
  ).then((matches) => {
    if (matches && own !== undefined) file.remember(key);
    return judge(matches);
  });
}

function named(user: string): string {
  return `user ${quote(textOf(user))}`;
}

function tell(
  exchange: Exchange,
  level: Level | "silent",
  message: string,
): void {
  if (level === "silent" || !log.enabled(level)) return;
  log.log(level, message, contextOf(exchange));
}

/** Has the client say who it is, or somebody else. */
function refuse(
  exchange: Exchange,
  level: Level,
  message: string,
  realm: string,
): HttpError {
  tell(exchange, level, message);
  return new HttpError(401, message, {
    severity: "silent",
    headers: [["WWW-Authenticate", `Basic realm="${escaped(realm)}"`]],
  });
}

/** A realm within quotes (RFC 9110 §5.6.4), also if it has been escaped. */
function escaped(realm: string): string {
  return realm.replace(
    /\\[^]|["\\]/g,
    (found) => found.length > 1 ? found : `\\${found}`,
  );
}

function create(
  scope: Scope,
  _environment: unknown,
  _blocks: unknown,
  warn: (message: string) => void,
): LocationHooks | undefined {
  const realm = scope.get(authBasicDirective);
  if (realm === undefined) return undefined;
  const path = scope.get(userFileDirective);
  if (path === undefined) {
    const place = scope.placeOf(authBasicDirective);
    // One that is wrong has been reported.
    if (place !== undefined && scope.failedOf(userFileDirective).length === 0) {
      warn(
        '"auth_basic" without "auth_basic_user_file" asks nobody in ' +
          `${place.file}:${place.line}`,
      );
    }
    return undefined;
  }
  const access: AccessCheck = (exchange) => {
    const text = realm.evaluate(exchange);
    return text === OFF ? undefined : check(
      exchange,
      text,
      path,
    );
  };
  return { access };
}

function isUsed(main: Scope): boolean {
  return [main, ...main.descendants()]
    .some((scope) => scope.has(userFileDirective));
}

/** Access by name and password. */
export const authBasicModule: Module = {
  name: "auth_basic",
  directives: [authBasicDirective, userFileDirective],
  dependsOn: [],
  create,
  ready: (main) => isUsed(main) ? VERIFIER.start() : undefined,
  start(main) {
    if (!isUsed(main)) return;
    uses++;
    FILES.recheck();
    return () => {
      if (--uses > 0) return;
      VERIFIER.close();
      FILES.clear();
    };
  },
};
