import { bundleHandlers, type BundleResult } from './bundle-handler.js';

/** So many at most in one go: all that they import is in esbuild's memory, and what comes of them arrives in one piece. */
const MAX_AT_ONCE = 50;

interface Waiting {
  readonly file: string;
  readonly resolve: (result: BundleResult) => void;
  readonly reject: (thrown: unknown) => void;
}

/**
 * Bundles the handlers of a folder, each once. What is asked for while esbuild is at work is bundled in one go after that:
 * handlers of one folder import much of the same, which is read once then.
 */
export class BundleQueue {
  readonly #dir: string;
  readonly #bundle: typeof bundleHandlers;
  readonly #asked = new Map<string, Promise<BundleResult>>();
  #waiting: Waiting[] = [];
  #isAtWork = false;

  constructor(dir: string, bundle = bundleHandlers) {
    this.#dir = dir;
    this.#bundle = bundle;
  }

  bundle(file: string): Promise<BundleResult> {
    let asked = this.#asked.get(file);
    if (asked === undefined) {
      asked = new Promise((resolve, reject) => this.#waiting.push({ file, resolve, reject }));
      this.#asked.set(file, asked);
      void this.#work();
    }
    return asked;
  }

  async #work(): Promise<void> {
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    // Whoever asks for several asks in one turn.
    await Promise.resolve();
    for (let next = this.#take(); next.length > 0; next = this.#take()) await this.#bundleAll(next);
    this.#isAtWork = false;
  }

  #take(): readonly Waiting[] {
    return this.#waiting.splice(0, MAX_AT_ONCE);
  }

  async #bundleAll(all: readonly Waiting[]): Promise<void> {
    try {
      const results = await this.#bundle({ files: all.map(({ file }) => file), dir: this.#dir });
      for (const [index, { file, resolve, reject }] of all.entries()) {
        const result = results[index];
        if (result === undefined) reject(new Error(`${file} was not bundled`));
        else resolve(result);
      }
    } catch (thrown) {
      for (const { reject } of all) reject(thrown);
    }
  }
}
