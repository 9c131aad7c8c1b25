/**
 * Status codes (RFC 9110 §15 and the IANA registry of HTTP status codes).
 *
 * The phrases are those of the registry, not nginx's older ones ("Moved
 * Temporarily", "Request Entity Too Large"): clients must ignore the phrase
 * (RFC 9112 §4), so what people read in a log should be today's name. Codes
 * the registry marks as unused (306, 418) have no phrase. (The runtime has a
 * table of older names in `node:http`, which takes a fifth of a start to load.)
 */

const PHRASES: readonly (readonly [status: number, phrase: string])[] = [
  [100, "Continue"],
  [101, "Switching Protocols"],
  [102, "Processing"],
  [103, "Early Hints"],
  [104, "Upload Resumption Supported"],
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [203, "Non-Authoritative Information"],
  [204, "No Content"],
  [205, "Reset Content"],
  [206, "Partial Content"],
  [207, "Multi-Status"],
  [208, "Already Reported"],
  [226, "IM Used"],
  [300, "Multiple Choices"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [305, "Use Proxy"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [402, "Payment Required"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [407, "Proxy Authentication Required"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [411, "Length Required"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [415, "Unsupported Media Type"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [421, "Misdirected Request"],
  [422, "Unprocessable Content"],
  [423, "Locked"],
  [424, "Failed Dependency"],
  [425, "Too Early"],
  [426, "Upgrade Required"],
  [428, "Precondition Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [451, "Unavailable For Legal Reasons"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
  [506, "Variant Also Negotiates"],
  [507, "Insufficient Storage"],
  [508, "Loop Detected"],
  [510, "Not Extended"],
  [511, "Network Authentication Required"],
];

const PHRASE_OF: ReadonlyMap<number, string> = new Map(PHRASES);

/**
 * The reason phrase of a status code, or `""` for a code that has none: the
 * phrase is optional in a status line, the space before it is not
 * (RFC 9112 §4).
 */
export function reasonPhrase(status: number): string {
  return PHRASE_OF.get(status) ?? "";
}

/**
 * The status a client is told: 494 to 497 are what nginx calls some bad
 * requests among its error pages.
 */
export function toldStatus(status: number): number {
  return status >= 494 && status <= 497 ? 400 : status;
}

/** What nginx's pages say of these bad requests. */
const BAD_REQUESTS: Readonly<Record<number, string>> = {
  494: "Request Header Or Cookie Too Large",
  495: "The SSL certificate error",
  496: "No required SSL certificate was sent",
  497: "The plain HTTP request was sent to HTTPS port",
};

/** What the page of an error says beside its status, nginx's own among them. */
export function errorReason(status: number): string {
  return BAD_REQUESTS[status] ?? reasonPhrase(status);
}

/**
 * Whether a response with this status ends at its head, whatever its headers
 * say: 1xx, 204 and 304 (RFC 9112 §6.3). 205 is not among them: it has no
 * content either, but says so with a length of zero (RFC 9110 §15.3.6).
 */
export function isBodyless(status: number): boolean {
  return status === 304 || status === 204 || (status >= 100 && status < 200);
}

/** nginx's status for "close the connection, say nothing". */
export const NO_RESPONSE = 444;
