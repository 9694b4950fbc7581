import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestCluster } from './test-cluster.js';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const folder = mkdtempSync(join(tmpdir(), 'errand-signed-'));
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
let cluster: TestCluster;
beforeAll(async () => {
  const file = join(folder, 'identity.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  cluster = await TestCluster.start(0, { RESTATE_WORKER__INVOKER__REQUEST_IDENTITY_PRIVATE_KEY_PEM_FILE: file });
}, 120_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As Restate writes public keys: their 32 bytes in base 58. */
function nameOf(key: KeyObject): string {
  const bytes = key.export({ type: 'spki', format: 'der' }).subarray(-32);
  let text = '';
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n)
    text = BASE58[Number(rest % 58n)] + text;
  return `publickeyv1_${'1'.repeat(bytes.findIndex((byte) => byte !== 0))}${text}`;
}

it('a process that knows the key of its Restate drives what that gives it, and nothing that others send', async () => {
  const { server, callPort } = await cluster.join({ ERRAND_RESTATE_IDENTITY_KEYS: nameOf(publicKey) });
  const order = { workflow_id: 'works', input: { ms: 1 }, wait_seconds: 25 };
  const { body } = await server.api('/runs', { method: 'POST', body: order });
  expect(body).toMatchObject({ status: 'completed', output: 'worked' });
  const send = (path: string) =>
    fetch(`http://127.0.0.1:${callPort}${path}`, { method: 'POST', body: '[]' }).then(({ status }) => status);
  expect([await send('/invoke/errand/drive'), await send('/discover')]).toEqual([401, 401]);
}, 60_000);
