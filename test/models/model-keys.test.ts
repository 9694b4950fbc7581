import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ApiModels } from '../../src/api/api-types.js';
import { runCommand } from '../support/server/run-command.js';

setUp();
import {
  signWith,
  OWN_KEY,
  ENV_KEY,
  folder,
  models,
  server,
  key,
  start,
  call,
  run,
  setKey,
  dataHolds,
  setUp,
} from './models-under-test.js';

describe("an organization's key", () => {
  it("is used in the place of the environment's, and never shown or kept readable", async () => {
    await start({ environment: { HOUSE_KEY: ENV_KEY } });
    await run('ask', { question: 'Who?' });
    const set = await setKey();
    expect(set).toMatchObject({ status: 200, body: { provider: 'house', hint: 'ghij' } });
    await run('ask', { question: 'Who?' });
    expect(models.requests.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer ${ENV_KEY}`,
      `Bearer ${OWN_KEY}`,
    ]);
    const listed = await call('GET', '/model-credentials');
    expect(listed.body).toMatchObject({ credentials: [{ provider: 'house', hint: 'ghij' }] });
    const told = ((await call('GET', '/models')).body as ApiModels).providers.find(({ name }) => name === 'house');
    expect(told).toMatchObject({ key: 'organization', usable: true, key_env: 'HOUSE_KEY' });
    for (const { text } of [set, listed, await call('GET', '/models')]) expect(text).not.toContain(OWN_KEY);
    expect(dataHolds(OWN_KEY)).toBe(false);
    await server.close();
    expect(dataHolds(OWN_KEY)).toBe(false);
    await start();
    expect((await run('ask', { question: 'Who?' })).status).toBe('completed');
  });

  it('is refused for a provider that is not there, and when it is none', async () => {
    await start();
    expect(await call('PUT', '/model-credentials/nobody', { key: OWN_KEY })).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('there are openai, anthropic') } },
    });
    for (const bad of ['', 'short', 'has blanks in it', 'x'.repeat(10_001)]) {
      expect((await call('PUT', '/model-credentials/house', { key: bad })).status).toBe(400);
    }
    expect((await call('DELETE', '/model-credentials/house')).status).toBe(404);
  });

  it('needs a key with the scope manage', async () => {
    await start();
    const made = await call('POST', '/keys', { name: 'plain', scopes: ['run'] });
    signWith((made.body as { key: string }).key);
    expect((await setKey()).status).toBe(403);
    expect((await call('GET', '/model-credentials')).status).toBe(403);
    expect((await call('POST', '/models/test', {})).status).toBe(403);
    expect((await call('GET', '/models')).status).toBe(200);
  });

  it('is a clear error when what it was encrypted with is lost, and can be set anew', async () => {
    await start();
    await setKey();
    await server.close();
    writeFileSync(join(folder, 'data', 'secret.key'), Buffer.alloc(32, 1).toString('base64'));
    await start();
    expect(await call('POST', '/runs', { workflow_id: 'ask' })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('is not the key that it was encrypted with') } },
    });
    expect(await call('GET', '/models')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect((await setKey()).status).toBe(200);
    expect((await run('ask', { question: 'Who?' })).status).toBe('completed');
  });
});

describe('errand models', () => {
  const errand = (argv: readonly string[], stdin = '') =>
    runCommand(argv, { stdin, env: { ERRAND_URL: server.url, ERRAND_API_KEY: key } });

  it('shows what is to be set, takes a key, tests it, and tells what was used', async () => {
    await start();
    const before = await errand(['models']);
    expect(before.out).toMatch(/^house +no +- .*set HOUSE_KEY/m);
    expect(before.out).toMatch(/^quick +house\/small +no/m);
    expect((await errand(['workflows'])).err).toContain(
      'ask, clerk, parent cannot be started yet: The provider "house" has no key',
    );
    expect((await errand(['workflows', 'show', 'ask'])).out).toMatch(/^Ready +no: The provider/m);
    const refused = await errand(['models', 'test', 'quick']);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('No answer (model_not_configured)')]);

    expect((await errand(['models', 'set-key', 'house'])).code).toBe(2);
    const set = await errand(['models', 'set-key', 'house'], `${OWN_KEY}\n`);
    expect([set.code, set.out]).toEqual([0, 'Set the key …ghij for house.\n']);
    expect((await errand(['models'])).out).toMatch(/^house +yes +organization/m);
    expect((await errand(['usage'])).err).toContain('No model was asked in ');
    models.script(() => ({ text: 'Ada', usage: { input: 1_000, output: 100 } }));
    expect((await errand(['models', 'test', 'quick'])).out).toMatch(/^house\/small answered after \d+ ms: \d+ tokens/);
    expect((await errand(['models', '--prices'])).out).toMatch(/^house\/small +1 +- +10$/m);

    const { run_id: id } = await run('ask', { question: 'Who?' });
    expect((await errand(['usage'])).out).toMatch(/^house\/small +2 +2000 +0 +200 +\$0\.0040$/m);
    expect((await errand(['status', id])).out).toContain('Models: 1 call, 1000 tokens in and 100 out, $0.0020.');

    expect((await errand(['models', 'remove-key', 'house'])).out).toBe('Removed the key for house.\n');
    expect((await errand(['models', 'remove-key', 'house'])).code).toBe(1);
    expect((await errand(['models', '--json'])).out).toContain('"usable": false');
  });
});
