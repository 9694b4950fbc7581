import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiDoctor } from '../../src/api/system-types.js';
import { backupName } from '../../src/app/backups/backup-names.js';
import { lookAtAnswer } from '../../src/cli/doctor/look-at-address.js';
import { Findings, type Finding } from '../../src/app/doctor/finding.js';
import { loadBinding } from '../../src/store/sqlite/connection/binding.js';
import { SqliteConnection } from '../../src/store/sqlite/connection/connection.js';
import { runCommand } from '../support/server/run-command.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';
import { startRun, waitForEnd } from '../support/server/server-runs.js';

interface Report {
  readonly code: number;
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

describe('errand doctor server', { timeout: 120_000 }, () => {
  let folder: string;
  let data: string;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-doctor-'));
    data = join(folder, 'data');
    mkdirSync(join(folder, 'workflows'));
    mkdirSync(join(folder, 'backups'));
    const nodes =
      '[{ id: it, kind: http, with: { url: https://example.com, headers: { authorization: "Bearer {{ secrets.token }}" } } }]';
    const secret = `id: asks\nname: A\ndescription: D.\nsecrets: [token]\nnodes: ${nodes}\n`;
    writeFileSync(join(folder, 'workflows', 'asks.yaml'), secret);
    const plain = 'id: ok\nname: O\ndescription: D.\nnodes: [{ id: it, kind: transform, with: 1 }]\n';
    writeFileSync(join(folder, 'workflows', 'ok.yaml'), plain);
    server = await ServerProcess.start({ data, workflows: join(folder, 'workflows') });
    await waitForEnd(server, await startRun(server, 'ok'));
  }, 60_000);

  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  async function examine(env: Readonly<Record<string, string>> = {}): Promise<Report> {
    const { code, out } = await runCommand(['doctor', 'server', '--json'], {
      env: {
        ERRAND_URL: server.url,
        ERRAND_API_KEY: KEY,
        ERRAND_DATA: data,
        ERRAND_WORKFLOWS: join(folder, 'workflows'),
        ...env,
      },
    });
    return { code, ...(JSON.parse(out) as Omit<Report, 'code'>) };
  }

  const of = (report: Report, name: string): readonly Finding[] =>
    report.findings.filter((finding) => finding.name === name);

  it('names what has to be done, and how, and ends with 1 until it is', async () => {
    const before = await examine({ ERRAND_BACKUP_TOO: '/backups' });
    expect([before.code, before.healthy]).toEqual([1, false]);
    expect(of(before, 'settings')).toEqual([
      {
        name: 'settings',
        kind: 'warning',
        message: 'ERRAND_BACKUP_TOO is no setting, and changes nothing. Is ERRAND_BACKUP_TO meant?',
      },
    ]);
    expect(of(before, 'secrets')).toEqual([
      { name: 'secrets', kind: 'fault', message: 'asks need token: errand secrets set token' },
    ]);
    expect(of(before, 'workflows')[0]).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('asks') as string,
    });
    expect(of(before, 'backups')[0]).toMatchObject({
      kind: 'warning',
      message: expect.stringContaining('ERRAND_BACKUP_TO') as string,
    });

    await server.api('/secrets/token', { method: 'PUT', body: { value: 'a secret that is told to nobody' } });
    writeFileSync(join(folder, 'backups', backupName(Date.now())), '');
    const after = await examine({ ERRAND_BACKUP_TO: join(folder, 'backups'), ERRAND_PUBLIC_URL: server.url });
    expect(after.findings.filter(({ kind }) => kind === 'fault')).toEqual([]);
    expect([after.code, after.healthy]).toEqual([0, true]);
    const names = ['settings', 'room', 'disk', 'ledger', 'runs', 'backups', 'server', 'clocks', 'address', 'audit'];
    names.push('store', 'clock', 'queue', 'keys');
    expect(after.findings.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    expect(JSON.stringify(after)).not.toContain('told to nobody');
  });

  it('finds backups that are too old or cannot be reached, and settings that a server would refuse', async () => {
    const old = join(folder, 'old');
    mkdirSync(old);
    writeFileSync(join(old, backupName(Date.now() - 5 * 86_400_000)), '');
    const late = await examine({ ERRAND_BACKUP_TO: old });
    expect(of(late, 'backups')[0]).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('too old') as string,
    });
    const keyless = await examine({ ERRAND_BACKUP_TO: 's3://backups/errand' });
    expect(of(keyless, 'backups')[0]).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('ERRAND_S3_ACCESS_KEY_ID') as string,
    });
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'one.yaml'), 'id: one\nname: O\ndescription: D.\nnodes: [{ id: it, kind: none }]\n');
    const files = of(await examine({ ERRAND_WORKFLOWS: broken }), 'files');
    expect(files[0]).toMatchObject({ kind: 'fault', message: expect.stringContaining('one.yaml:4') as string });
    const wrong = await examine({ ERRAND_BACKUP_KEEP: 'many' });
    expect(of(wrong, 'settings')[0]).toMatchObject({
      kind: 'fault',
      message: expect.stringContaining('ERRAND_BACKUP_KEEP') as string,
    });
  });

  it('finds a broken audit trail, a ledger that does not add up, and a folder that others may read', async () => {
    await server.end('SIGTERM');
    const binding = await loadBinding();
    const db = new SqliteConnection({ binding, path: join(data, 'errand.db'), durability: 'full' });
    db.run('UPDATE credit_accounts SET used = used + 7');
    db.run("UPDATE audit_entries SET hash = replace(hash, substr(hash, 1, 1), 'x') WHERE seq = 1");
    db.close();
    chmodSync(data, 0o755);
    server = await ServerProcess.start({ data, workflows: join(folder, 'workflows') });
    const report = await examine();
    expect(report.code).toBe(1);
    expect(of(report, 'audit')[0]).toMatchObject({ kind: 'fault' });
    expect(of(report, 'ledger')[0]).toMatchObject({ kind: 'fault' });
    expect(of(report, 'data')[0]?.message).toContain(`chmod 700 ${data}`);
    chmodSync(data, 0o700);
  });

  it('says what a key may not know that does not operate the server', async () => {
    const { body } = await server.api('/keys', { method: 'POST', body: { name: 'm', scopes: ['manage'] } });
    const report = await examine({ ERRAND_API_KEY: String(body['key']) });
    expect(of(report, 'operations')[0]).toMatchObject({ kind: 'warning' });
    expect(of(report, 'operations')[0]?.message).toContain('take a key with the scope operate');
    expect(of(report, 'queue')).toEqual([]);
  });

  it('says when nobody answers, and when the clocks differ', async () => {
    const nobody = await examine({ ERRAND_URL: 'http://127.0.0.1:1' });
    expect([nobody.code, of(nobody, 'server')[0]?.kind]).toEqual([1, 'fault']);
    const late = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', date: new Date(3_600_000).toUTCString() });
      response.end('{"status":"ok","version":"0.0.1"}');
    });
    await new Promise<void>((resolve) => late.listen(0, '127.0.0.1', resolve));
    const findings = new Findings();
    const url = `http://127.0.0.1:${(late.address() as AddressInfo).port}`;
    expect(await lookAtAnswer({ url, fetch, now: () => 0 }, findings)).toBe(true);
    late.closeAllConnections();
    late.close();
    expect(findings.list.map(({ name, kind }) => [name, kind])).toEqual([
      ['server', 'warning'],
      ['clocks', 'fault'],
    ]);
    expect(findings.list[1]?.message).toContain('differ by 3600 s');
  });
});

describe('what a server tells operators of where it runs', { timeout: 120_000 }, () => {
  let folder: string;
  let workflows: string;
  let server: ServerProcess;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'errand-system-'));
    workflows = join(folder, 'workflows');
    mkdirSync(workflows);
    const one = 'id: one\nname: One\ndescription: Ends at once.\nnodes: [{ id: a, kind: transform, with: 1 }]\n';
    writeFileSync(join(workflows, 'one.yaml'), one);
    const env = { ERRAND_BACKUP_TO: join(folder, 'backups'), ERRAND_BACKUP_TOO: 'x' };
    server = await ServerProcess.start({ data: join(folder, 'data'), workflows, env });
  }, 60_000);
  afterAll(async () => {
    await server.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('is when it was last backed up, and what has to be done', async () => {
    const look = async () => (await server.api('/system/doctor')).body as unknown as ApiDoctor;
    await expect.poll(async () => (await look()).backups.last_at, { timeout: 60_000 }).not.toBeNull();
    const { healthy, findings, backups } = await look();
    expect(backups.place).toBe(join(folder, 'backups'));
    expect(healthy).toBe(findings.every(({ kind }) => kind !== 'fault'));
    expect(findings.find(({ name }) => name === 'settings')).toMatchObject({ kind: 'warning' });
    expect(findings.find(({ name }) => name === 'backups')).toMatchObject({ kind: 'ok' });
    expect(findings.map(({ name }) => name)).toEqual(expect.arrayContaining(['room', 'disk']));
  });

  it('is what of its work does not go on: workflows with faults, webhooks that were switched off, keys that end soon', async () => {
    const look = async () => (await server.api('/system/doctor')).body as unknown as ApiDoctor;
    const told = async (name: string) =>
      (await look()).findings.flatMap(({ name: of, kind, message }) => (of === name ? [`${kind}: ${message}`] : []));
    expect(await told('store')).toEqual(['ok: sqlite can be written']);
    expect(await told('clock')).toEqual(['ok: no run is of a time to come']);
    expect(await told('queue')).toEqual([expect.stringMatching(/^ok: \d+ of 500 runs at work, and none waits/)]);
    expect(await told('keys')).toEqual(['ok: none that is in use ends within 14 days']);
    expect(await told('workflows')).toEqual(['ok: those of the folder are in order, and can be started']);
    const expires_at = new Date(Date.now() + 3 * 86_400_000).toISOString();
    const { body } = await server.api('/keys', {
      method: 'POST',
      body: { name: 'Ends', scopes: ['read'], expires_at },
    });
    await server.api('/runs', { key: String(body['key']) });
    await expect
      .poll(() => told('keys'), { timeout: 30_000 })
      .toEqual([expect.stringMatching(/^warning: Ends \(sk_live_\w+…\) of default is in use and ends in 3 days/)]);
    writeFileSync(join(workflows, 'broken.yaml'), 'id: broken\nnodes: [{ id: a, kind: nothing }]\n');
    await expect
      .poll(() => told('workflows'), { timeout: 30_000 })
      .toContainEqual(expect.stringMatching(/^fault: broken\.yaml:\d/));
    rmSync(join(workflows, 'broken.yaml'));
    await expect.poll(() => told('workflows'), { timeout: 30_000 }).toEqual([expect.stringMatching(/^ok: /)]);
  });

  it('are its processes, of which it is the only one', async () => {
    const { body } = await server.api('/system/processes');
    const place = expect.stringContaining(`process ${server.pid}`) as string;
    expect(body['processes']).toEqual([expect.objectContaining({ place, alive: true, answers: true })]);
  });

  it('is nothing to who may not operate it', async () => {
    const { body } = await server.api('/keys', { method: 'POST', body: { name: 'm', scopes: ['manage'] } });
    const key = String(body['key']);
    expect((await server.api('/system/doctor', { key })).status).toBe(403);
    expect((await server.api('/system/processes', { key })).status).toBe(403);
  });
});
