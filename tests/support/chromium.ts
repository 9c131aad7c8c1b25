/** Chromium without a window, driven by its debugging protocol. */

/** What Chromium says where it can be driven. */
const DEVTOOLS = /DevTools listening on (ws:\S+)/;

/** How long a step may take before the test fails, in ms. */
const STEP_TIMEOUT_MS = 30_000;

const FLAGS = [
  ...["--headless=new", "--no-sandbox", "--disable-gpu"],
  ...["--ignore-certificate-errors", "--remote-debugging-port=0"],
  // It asks nobody but the server of the test.
  ...["--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync", "--disable-extensions"],
];

type Json = Record<string, unknown>;

/** A browser with one page. */
export class Chromium implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<
    number,
    PromiseWithResolvers<Json>
  >();
  readonly #events: { method: string; happened: () => void }[] = [];
  #session = "";
  #last = 0;

  private constructor(
    child: Deno.ChildProcess,
    folder: string,
    socket: WebSocket,
  ) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** Starts it, with an empty page. */
  static async start(): Promise<Chromium> {
    const folder = Deno.makeTempDirSync({ prefix: "webserv_chromium_" });
    const child = new Deno.Command("chromium", {
      args: [...FLAGS, `--user-data-dir=${folder}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const socket = new WebSocket(await addressIn(child.stderr));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    const browser = new Chromium(child, folder, socket);
    const { targetId } = await browser.#call("Target.createTarget", {
      url: "about:blank",
    });
    const { sessionId } = await browser.#call("Target.attachToTarget", {
      targetId,
      flatten: true,
    });
    browser.#session = String(sessionId);
    await browser.#call("Page.enable", {});
    return browser;
  }

  /** Opens `url` and waits until everything the page names is loaded. */
  async open(url: string): Promise<void> {
    const loaded = this.#event("Page.loadEventFired");
    const { errorText } = await this.#call("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /**
   * The value of a JavaScript expression in the page, or what its promise
   * comes to.
   */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.#call("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) {
      throw new Error(JSON.stringify(exceptionDetails));
    }
    return (result as { value: T }).value;
  }

  /** What the page looks like, as PNG. */
  async screenshot(): Promise<Uint8Array<ArrayBuffer>> {
    const { data } = await this.#call("Page.captureScreenshot", {});
    return Uint8Array.fromBase64(String(data));
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    await this.#call("Browser.close", {});
    await closed;
    await this.#child.status;
    // What it started may still be writing.
    for (let attempt = 0;; attempt++) {
      try {
        return Deno.removeSync(this.#folder, { recursive: true });
      } catch (error) {
        if (attempt === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  #call(method: string, params: Json): Promise<Json> {
    const id = ++this.#last;
    const answer = Promise.withResolvers<Json>();
    this.#answers.set(id, answer);
    const sessionId = this.#session === "" ? {} : { sessionId: this.#session };
    this.#socket.send(JSON.stringify({ id, method, params, ...sessionId }));
    return inTime(answer.promise, method);
  }

  #event(method: string): Promise<void> {
    return inTime(
      new Promise((happened) => this.#events.push({ method, happened })),
      method,
    );
  }

  #take({ id, method, result, error }: Json): void {
    if (typeof id === "number") {
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (error === undefined) answer?.resolve(result as Json);
      else answer?.reject(new Error(JSON.stringify(error)));
      return;
    }
    const at = this.#events.findIndex((event) => event.method === method);
    if (at >= 0) this.#events.splice(at, 1)[0]!.happened();
  }
}

async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`${what} takes too long`)),
    STEP_TIMEOUT_MS,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** The address that Chromium prints; what it prints later is dropped. */
async function addressIn(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await inTime(reader.read(), "Chromium's start");
    if (done) throw new Error(`Chromium does not start: ${text}`);
    text += value;
    const address = DEVTOOLS.exec(text)?.[1];
    if (address === undefined) continue;
    (async () => {
      while (!(await reader.read()).done);
    })();
    return address;
  }
}
