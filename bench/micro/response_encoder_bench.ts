import { HeaderList, HttpResponse } from "../../src/http/response.ts";
import {
  type EncodeContext,
  encodeHead,
  headText,
  joinHead,
  sharedForm,
} from "../../src/http/http1/response_encoder.ts";

const CONTEXT: EncodeContext = {
  minorVersion: 1,
  isHead: false,
  persistent: true,
  date: "Sun, 06 Nov 1994 08:49:37 GMT",
  server: "webserv",
  keepAlive: "",
};
const NEXT_SECOND: EncodeContext = {
  ...CONTEXT,
  date: "Sun, 06 Nov 1994 08:49:38 GMT",
};

const headers = new HeaderList([
  ["Content-Type", "text/html"],
  ["Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"],
  ["ETag", '"2ebc9da1-400"'],
  ["Accept-Ranges", "bytes"],
]);
const body = new Uint8Array(1024);

const notModified = new HttpResponse(304, { headers });
const whole = new HttpResponse(200, { headers, body });
const shared = new HttpResponse(200, { headers, body, shared: true });

Deno.bench("encodeHead(headText()) of a 304", () => {
  encodeHead(headText(notModified, "none", CONTEXT));
});

Deno.bench("joinHead(headText()) of 1 KB", () => {
  joinHead(headText(whole, "length", CONTEXT), body);
});

Deno.bench("sharedForm() within a second", () => {
  sharedForm(shared, CONTEXT);
});

let odd = false;
Deno.bench("sharedForm() with another date each time", () => {
  odd = !odd;
  sharedForm(shared, odd ? NEXT_SECOND : CONTEXT);
});
