import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository } from '../support/server/server-process.js';

const MAX_BYTES = 200_000;

it('the first load of the console is small, compressed', () => {
  const folder = join(repository, 'dist', 'console');
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const names = [...page.matchAll(/"\.\/(assets\/[^"]+)"/g)].map((match) => match[1] ?? '');
  expect(names.some((name) => name.endsWith('.js'))).toBe(true);
  expect(names.some((name) => name.endsWith('.css'))).toBe(true);
  const bytes = names.map((name) => readFileSync(join(folder, `${name}.gz`)).length);
  expect(bytes.reduce((sum, each) => sum + each, page.length)).toBeLessThan(MAX_BYTES);
});
