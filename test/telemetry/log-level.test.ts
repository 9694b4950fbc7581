import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ServerProcess } from '../support/server/server-process.js';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

describe('the level of the log', () => {
  it('is changed by operators while the server runs, and by nobody else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-log-level-'));
    cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
    const server = await ServerProcess.start({ data: join(folder, 'data') });
    cleanUps.push(() => server.end('SIGKILL'));
    expect((await server.api('/log-level')).body).toEqual({ level: 'warn' });
    expect(server.output).not.toContain('request answered');

    const made = await server.api('/keys', { method: 'POST', body: { name: 'plain', scopes: ['manage'] } });
    const key = String(made.body['key']);
    expect((await server.api('/log-level', { key })).status).toBe(403);
    expect((await server.api('/log-level', { method: 'PUT', body: { level: 'debug' }, key })).status).toBe(403);
    expect((await server.api('/log-level', { method: 'PUT', body: { level: 'loud' } })).status).toBe(400);

    expect((await server.api('/log-level', { method: 'PUT', body: { level: 'debug' } })).body).toEqual({
      level: 'debug',
    });
    expect(server.output).toContain('The level of the log was changed');
    await expect.poll(() => server.output).toContain('request answered');
  });
});
