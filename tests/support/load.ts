/** Clients that ask on and on while something happens to their server. */
export class Load {
  /** How often they were answered. */
  answers = 0;
  #goesOn = true;
  readonly #clients: Promise<unknown>;

  /** Each of `clients` calls `ask`, and again when that is done. */
  constructor(ask: () => Promise<void>, clients = 4) {
    const client = async () => {
      while (this.#goesOn) {
        await ask();
        this.answers++;
      }
    };
    this.#clients = Promise.all(Array.from({ length: clients }, client));
    this.#clients.catch(() => this.#goesOn = false);
  }

  /** Ends it. @throws what one of them threw */
  async end(): Promise<void> {
    this.#goesOn = false;
    await this.#clients;
  }
}
