import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backupName } from '../../../src/app/backups/backup-names.js';
import { FolderPlace } from '../../../src/app/backups/backup-place.js';
import { S3_KEY, S3_REGION, S3_SECRET, S3Server } from '../../support/http/s3-server.js';
import { runCommand } from '../../support/server/run-command.js';
import { ServerProcess } from '../../support/server/server-process.js';
import { startRun, waitForEnd } from '../../support/server/server-runs.js';

const cleanUps: (() => Promise<unknown>)[] = [];
let folder: string;
let backups: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-backups-'));
  cleanUps.push(async () => rmSync(folder, { recursive: true, force: true }));
  backups = join(folder, 'backups');
  mkdirSync(join(folder, 'workflows'));
  const nodes = `[{ id: it, kind: transform, with: '{{ input }}' }]`;
  writeFileSync(join(folder, 'workflows', 'echo.yaml'), `id: echo\nname: E\ndescription: D.\nnodes: ${nodes}\n`);
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

async function serve(env: Record<string, string> = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ data: join(folder, 'data'), workflows: join(folder, 'workflows'), env });
  cleanUps.push(() => server.end('SIGKILL'));
  return server;
}

async function lastRun(data: string): Promise<unknown> {
  const server = await ServerProcess.start({ data, workflows: join(folder, 'workflows') });
  cleanUps.push(() => server.end('SIGKILL'));
  const { body } = await server.api('/runs');
  return (body['runs'] as readonly { run_id: string }[])[0]?.run_id;
}

describe('a server that backs its data up', () => {
  it('does so when it is due, keeps the newest, and what it made can be restored', { timeout: 120_000 }, async () => {
    const first = await serve();
    const runId = await startRun(first, 'echo');
    await waitForEnd(first, runId);
    await first.end('SIGTERM');

    mkdirSync(backups);
    for (const day of [1, 2, 3]) writeFileSync(join(backups, backupName(Date.UTC(2026, 0, day))), '');
    const env = {
      ERRAND_BACKUP_TO: backups,
      ERRAND_BACKUP_EVERY: '12h',
      ERRAND_BACKUP_KEEP: '2',
      ERRAND_LOG_LEVEL: 'info',
    };
    const second = await serve(env);
    await expect.poll(() => second.output, { timeout: 60_000 }).toContain('A backup was made');
    const [kept, made, ...more] = await new FolderPlace(backups).list();
    expect(more).toEqual([]);
    expect(kept?.at).toBe(Date.UTC(2026, 0, 3));
    await second.end('SIGTERM');

    // It is not due again.
    const third = await serve(env);
    await startRun(third, 'echo');
    await third.end('SIGTERM');
    expect((await new FolderPlace(backups).list()).map(({ name }) => name)).toEqual([kept?.name, made?.name]);

    const at = new Date().toISOString();
    const restored = join(folder, 'restored');
    expect(await runCommand(['restore', backups, '--at', at, '--data', restored])).toMatchObject({ code: 0 });
    expect(await lastRun(restored)).toBe(runId);
    const early = await runCommand(['restore', backups, '--at', '2026-01-01T00:00:00Z', '--data', join(folder, 'x')]);
    expect([early.code, early.err]).toEqual([1, expect.stringContaining('the oldest in it is of 2026-01-03')]);
  });

  it('says so when it cannot, and serves all the same', async () => {
    writeFileSync(backups, 'a file, and no folder');
    const server = await serve({ ERRAND_BACKUP_TO: join(backups, 'in'), ERRAND_LOG_LEVEL: 'error' });
    await expect.poll(() => server.output).toContain('No backup could be made');
    expect((await server.api('/workflows')).status).toBe(200);
  });
});

describe('a server that backs its data up to a store that speaks S3', () => {
  it('keeps the newest there, from where it is restored and tried', { timeout: 120_000 }, async () => {
    const store = await S3Server.start();
    cleanUps.push(() => store.close());
    for (const day of [1, 2, 3]) store.objects.set(`errand/${backupName(Date.UTC(2026, 0, day))}`, Buffer.from(''));
    store.objects.set('errand/of-somebody-else', Buffer.from(''));
    const secretFile = join(folder, 'secret');
    writeFileSync(secretFile, `${S3_SECRET}\n`);
    const env = {
      ERRAND_S3_ENDPOINT: store.endpoint,
      ERRAND_S3_REGION: S3_REGION,
      ERRAND_S3_ACCESS_KEY_ID: S3_KEY,
      ERRAND_S3_SECRET_ACCESS_KEY_FILE: secretFile,
    };
    const first = await serve();
    const runId = await startRun(first, 'echo');
    await waitForEnd(first, runId);
    await first.end('SIGTERM');
    const server = await serve({
      ...env,
      ERRAND_BACKUP_TO: 's3://backups/errand',
      ERRAND_BACKUP_KEEP: '2',
      ERRAND_LOG_LEVEL: 'info',
    });
    await expect.poll(() => server.output, { timeout: 60_000 }).toContain('A backup was made');
    await server.end('SIGTERM');
    const [kept, made = '', ...others] = [...store.objects.keys()].toSorted();
    expect([kept, others]).toEqual([`errand/${backupName(Date.UTC(2026, 0, 3))}`, ['errand/of-somebody-else']]);
    expect(readdirSync(join(folder, 'data'))).not.toContain('backup-under-way');
    expect(server.output).not.toContain(S3_SECRET);

    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const drill = await runCommand(['drill', 's3://backups/errand', '--scratch', scratch], { env });
    expect([drill.code, drill.out]).toEqual([0, expect.stringContaining(`s3://backups/${made} is good.`)]);
    expect(readdirSync(scratch)).toEqual([]);
    const restored = join(folder, 'restored');
    const at = new Date().toISOString();
    expect(await runCommand(['restore', 's3://backups/errand', '--at', at, '--data', restored], { env })).toMatchObject(
      { code: 0 },
    );
    expect(readdirSync(restored).filter((name) => name.endsWith('.backup'))).toEqual([]);
    expect(await lastRun(restored)).toBe(runId);
    const named = await runCommand(['restore', `s3://backups/${made}`, '--data', join(folder, 'by-name')], { env });
    expect(named.code).toBe(0);
    const keyless = await runCommand(['restore', 's3://backups/errand', '--data', join(folder, 'x')]);
    expect([keyless.code, keyless.err]).toEqual([1, expect.stringContaining('set ERRAND_S3_ACCESS_KEY_ID and')]);
  });
});

describe('errand drill', () => {
  it('tells a good backup from a damaged one, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const server = await serve();
    await waitForEnd(server, await startRun(server, 'echo', { text: 'x'.repeat(50_000) }));
    const file = join(backups, backupName(Date.now()));
    expect(await runCommand(['backup', file, '--data', join(folder, 'data')])).toMatchObject({ code: 0 });
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);
    const good = await runCommand(['drill', backups, '--scratch', scratch]);
    expect([good.code, good.out]).toEqual([0, expect.stringContaining(`${file} is good.`)]);
    truncateSync(file, statSync(file).size - 8_192);
    expect((await runCommand(['drill', backups, '--scratch', scratch])).code).toBe(1);
    expect(readdirSync(scratch)).toEqual([]);
  });
});
