/** Why there is no build, as a sentence without its start and full stop; empty when the compiler has said it. */
export class BuildFailure extends Error {
  /** @param {string} message @param {'sources' | 'place'} at What is at fault: what was to be compiled, or where. */
  constructor(message, at) {
    super(message);
    this.at = at;
  }
}
