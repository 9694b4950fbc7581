/**
 * Which prepared statements each connection has carried out. One that failed the first time may not have been prepared,
 * as what fails in a transaction has the rest of it skipped. The driver would prepare it again; a pooler that believes
 * that it is prepared, cuts the connection then. So such a connection must not be used any more.
 */
export class KnownStatements {
  readonly #known = new WeakMap<object, Set<string>>();
  readonly #unsure = new WeakSet();

  /** Takes note of what comes of a statement, whose name is undefined where it is not prepared. */
  async note<T>(connection: object, name: string | undefined, outcome: Promise<T>): Promise<T> {
    if (name === undefined || this.#known.get(connection)?.has(name) === true) return outcome;
    try {
      const result = await outcome;
      this.#known.set(connection, (this.#known.get(connection) ?? new Set()).add(name));
      return result;
    } catch (error) {
      this.#unsure.add(connection);
      throw error;
    }
  }

  /** Whether a statement has failed on it that it had not carried out before. */
  isUnsure(connection: object): boolean {
    return this.#unsure.has(connection);
  }
}
