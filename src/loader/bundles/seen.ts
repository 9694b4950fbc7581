import { shaOf } from './bundle-file.js';

/** What tells whether a bundle that is kept would be made the same way again. */
export interface BundleOrigins {
  /** By its path, the SHA-256 of what was read; of every file that went in. */
  readonly contents: ReadonlyMap<string, string>;
  /** What was imported that is no file of the author's: by which file, and as it is written there. */
  readonly lookups: readonly (readonly [file: string, name: string])[];
}

/** What was read and looked for while something was bundled. */
export class Seen {
  readonly #contents = new Map<string, string>();
  readonly #lookups = new Map<string, readonly [file: string, name: string]>();

  read(file: string, text: string): void {
    this.#contents.set(file, shaOf(text));
  }

  lookFor(file: string, name: string): void {
    this.#lookups.set(`${file}\n${name}`, [file, name]);
  }

  originsOf(inputs: readonly string[]): BundleOrigins | null {
    const contents = new Map<string, string>();
    for (const input of inputs) {
      const sha = this.#contents.get(input);
      if (sha === undefined) return null;
      contents.set(input, sha);
    }
    return { contents, lookups: [...this.#lookups.values()].filter(([file]) => contents.has(file)) };
  }
}
