import { expect, it } from 'vitest';
import { nodeClock as clock } from '../../../app/process/node-clock.js';
import { newId } from '../../../app/process/new-id.js';
import { silentLogger as logger } from '../../../core/ports/logger.js';
import { serveCalls } from './call-server.js';
import { readWanted, writeWanted } from './wanted-runs.js';

const KEY = 'publickeyv1_2G8dCQhArfvGpzPw5Vx2ALciR4xCLHfS5YaT93XjNxX9';

it('refuses calls that do not bear the signature of the Restate that is named, discovery among them', async () => {
  const statusOf = async (identityKeys: readonly string[]): Promise<number> => {
    const server = await serveCalls({
      host: '127.0.0.1',
      port: 0,
      service: 'errand',
      identityKeys,
      clock,
      logger,
      onCall: async () => undefined,
    });
    const headers = { accept: 'application/vnd.restate.endpointmanifest.v4+json' };
    const { status } = await fetch(`http://127.0.0.1:${server.port}/discover`, { headers });
    await server.close();
    return status;
  };
  expect([await statusOf([]), await statusOf([KEY])]).toEqual([200, 401]);
});

it('says in a sentence which address is taken', async () => {
  const options = { host: '127.0.0.1', service: 'errand', identityKeys: [], clock, logger };
  const first = await serveCalls({ ...options, port: 0, onCall: async () => undefined });
  const second = serveCalls({ ...options, port: first.port, onCall: async () => undefined });
  await expect(second).rejects.toThrow(`Restate cannot call this process at 127.0.0.1:${first.port}`);
  await first.close();
});

it('reads from a call what was written into it, and nothing that Errand has not sent', () => {
  const wanted = [
    { runId: newId(), organizationId: newId(), epoch: null },
    { runId: newId(), organizationId: newId(), epoch: 3 },
  ];
  expect(readWanted(JSON.parse(JSON.stringify(writeWanted(wanted))))).toEqual(wanted);
  for (const body of [null, {}, 'x', [1], [['no id', 'o', null]], [[newId(), 5, null]], [[newId(), 'o', 'e']]]) {
    expect(readWanted(body)).toBeNull();
  }
});
