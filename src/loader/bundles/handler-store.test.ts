import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { shaOf } from './bundle-file.js';
import { HandlerStore } from './handler-store.js';

const code = 'export default () => 1;\n';
const bundle = { sha: shaOf(code), code };
const ref = { kind: 'bundle', bundle: bundle.sha, export: 'default' } as const;

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
  expect(await (await store.resolve(ref))({} as never)).toBe(1);
});

it('runs no bundle that is not what it was, and runs it once it is put right', async () => {
  const store = await temporaryStore();
  await store.save(bundle);
  await writeFile(store.fileOf(bundle.sha), 'export default () => 2;\n');
  await expect(store.resolve(ref)).rejects.toMatchObject({
    kind: 'handler_missing',
    retryable: false,
    message: `The code of this version is damaged: ${store.fileOf(bundle.sha)} is not what it was.`,
  });
  await store.save(bundle);
  expect(await (await store.resolve(ref))({} as never)).toBe(1);
});

it('keeps bundles for its own user alone', async () => {
  const store = await temporaryStore();
  await store.save(bundle);
  const file = store.fileOf(bundle.sha);
  expect([(await stat(file)).mode & 0o777, (await stat(dirname(file))).mode & 0o777]).toEqual([0o600, 0o700]);
});
