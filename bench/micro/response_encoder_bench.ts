import { Representation } from "../../src/http/representation.ts";
import { HeaderList, HttpResponse } from "../../src/http/response.ts";
import {
  type EncodeContext,
  encodedForm,
  encodeHead,
  headText,
  joinHead,
} from "../../src/http/http1/response_encoder.ts";

const CONTEXT: EncodeContext = {
  version: "1.1",
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
const representation = new Representation(whole);

Deno.bench("encodeHead(headText()) of a 304", () => {
  encodeHead(headText(notModified, "none", CONTEXT));
});

Deno.bench("joinHead(headText()) of 1 KB", () => {
  joinHead(headText(whole, "length", CONTEXT), body);
});

Deno.bench("encodedForm() within a second", () => {
  encodedForm(representation, CONTEXT);
});

let odd = false;
Deno.bench("encodedForm() with another date each time", () => {
  odd = !odd;
  encodedForm(representation, odd ? NEXT_SECOND : CONTEXT);
});
