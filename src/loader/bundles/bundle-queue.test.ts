import { describe, expect, it, vi } from 'vitest';
import type { BundleResult } from './bundle-handler.js';
import { BundleQueue } from './bundle-queue.js';

/** Bundles when it is told to. */
class Bundler {
  readonly asked: (readonly string[])[] = [];
  readonly #ends: ((outcome: 'done' | Error) => void)[] = [];

  readonly bundle = async ({ files }: { readonly files: readonly string[] }): Promise<readonly BundleResult[]> => {
    this.asked.push(files);
    const outcome = await new Promise<'done' | Error>((resolve) => this.#ends.push(resolve));
    if (outcome !== 'done') throw outcome;
    return files.map((file) => ({ status: 'ok', bundle: { sha: file, code: '' }, inputs: [file] }));
  };

  async end(outcome: 'done' | Error = 'done'): Promise<void> {
    const end = await vi.waitUntil(() => this.#ends.pop());
    end(outcome);
  }
}

function shaIn(result: BundleResult): string {
  return result.status === 'ok' ? result.bundle.sha : '';
}

describe('BundleQueue', () => {
  it('bundles in one go what is asked for while it is at work, each file once', async () => {
    const bundler = new Bundler();
    const queue = new BundleQueue('/w', bundler.bundle);
    const first = queue.bundle('a');
    await expect.poll(() => bundler.asked).toEqual([['a']]);
    const rest = ['b', 'c', 'b', 'a'].map((file) => queue.bundle(file));
    await bundler.end();
    expect(shaIn(await first)).toBe('a');
    await bundler.end();
    expect((await Promise.all(rest)).map(shaIn)).toEqual(['b', 'c', 'b', 'a']);
    expect(bundler.asked).toEqual([['a'], ['b', 'c']]);
  });

  it('goes on after a failure of the bundler, which is told to those whose files it had', async () => {
    const bundler = new Bundler();
    const queue = new BundleQueue('/w', bundler.bundle);
    const failed = queue.bundle('a').catch((thrown: unknown) => String(thrown));
    await bundler.end(new Error('gone'));
    expect(await failed).toBe('Error: gone');
    const next = queue.bundle('b');
    await bundler.end();
    expect(shaIn(await next)).toBe('b');
  });
});
