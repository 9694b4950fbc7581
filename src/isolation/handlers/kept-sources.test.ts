import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptSources } from './kept-sources.js';

let dataDir: string;
let now: number;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'errand-sources-'));
  now = 1_000_000;
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const open = (): KeptSources => new KeptSources({ dataDir, now: () => now });
const path = (): string => join(dataDir, 'handlers', 'sources.json');
const textOf = (): string => {
  try {
    return readFileSync(path(), 'utf8');
  } catch {
    return '';
  }
};

function keepBoth(): void {
  const sources = open();
  sources.rough.add('bad');
  sources.proven.add('good');
  sources.close();
}

describe('what is known of where calls come from', () => {
  it('is known after the end of a server that was killed: nothing is left to its stop', async () => {
    const sources = open();
    sources.rough.add('bad');
    sources.proven.add('good');
    await expect.poll(textOf, { timeout: 10_000 }).toContain('"bad"');
    await expect.poll(textOf, { timeout: 10_000 }).toContain('"good"');
    const after = open();
    expect([after.rough.has('bad'), after.proven.has('good')]).toEqual([true, true]);
    expect([after.rough.has('good'), after.proven.has('bad')]).toEqual([false, false]);
  });

  it('is there for its owner alone', () => {
    keepBoth();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  it('is forgotten: harm after ten minutes, and that something has ended well after a day', () => {
    keepBoth();
    now += 599_000;
    expect([open().rough.has('bad'), open().proven.has('good')]).toEqual([true, true]);
    now += 2_000;
    expect([open().rough.has('bad'), open().proven.has('good')]).toEqual([false, true]);
    now += 86_400_000;
    expect(open().proven.has('good')).toBe(false);
  });

  it('is nothing where the file is torn or of others', () => {
    keepBoth();
    const whole = textOf();
    for (const text of ['', 'x', whole.slice(0, -5), whole.replace('good', 'evil'), `${'0'.repeat(64)}\n{}`]) {
      writeFileSync(path(), text);
      const sources = open();
      expect([sources.rough.isEmpty, sources.proven.isEmpty]).toEqual([true, true]);
    }
  });

  it('is bounded: the newest thousand of each kind', () => {
    const sources = open();
    for (let count = 0; count < 1_500; count += 1) sources.proven.add(`source ${count}`);
    sources.close();
    const after = open();
    expect(after.proven.has('source 499')).toBe(false);
    expect(after.proven.has('source 500')).toBe(true);
    expect(after.proven.has('source 1499')).toBe(true);
  });
});
