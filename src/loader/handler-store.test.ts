import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { HandlerStore } from './handler-store.js';

const bundle = { sha: 'a'.repeat(64), code: 'export default () => 1;\n' };

async function temporaryStore(): Promise<HandlerStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'errand-handlers-'));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  return new HandlerStore({ dataDir });
}

it.each(['', bundle.code.slice(0, 9)])('writes a bundle again of which only %j is there', async (left) => {
  const store = await temporaryStore();
  await store.save(bundle);
  await writeFile(store.fileOf(bundle.sha), left);
  await store.save(bundle);
  expect(await readFile(store.fileOf(bundle.sha), 'utf8')).toBe(bundle.code);
  expect(await (await store.resolve({ kind: 'bundle', bundle: bundle.sha, export: 'default' }))({} as never)).toBe(1);
});
