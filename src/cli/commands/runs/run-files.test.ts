import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../../test/support/server/run-command.js';
import { KEY, ServerProcess } from '../../../../test/support/server/server-process.js';
import { startRun, waitForEnd } from '../../../../test/support/server/server-runs.js';
import type { RunFile } from '../../run-file/run-file.js';

const CHILD = `id: child
name: Child
description: Fails.
input: { type: object }
nodes:
  - { id: check, kind: transform, with: '{{ $error("no such person: " & input.email) }}' }
`;
const PARENT = `id: parent
name: Parent
description: Asks the child.
input: { type: object }
nodes:
  - { id: say, kind: transform, role: sayer, label: Sayer, with: { email: '{{ input.email }}', token: 'abc', count: 3 } }
  - { id: ask, kind: workflow, needs: [say], workflow: child, with: { email: '{{ input.email }}' } }
`;

let folder: string;
let server: ServerProcess;
let runId: string;

async function command(argv: readonly string[], withServer = true): ReturnType<typeof runCommand> {
  return runCommand(argv, { env: withServer ? { ERRAND_URL: server.url, ERRAND_API_KEY: KEY } : {} });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-run-files-'));
  writeFileSync(join(folder, 'child.yaml'), CHILD);
  writeFileSync(join(folder, 'parent.yaml'), PARENT);
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder });
  runId = await startRun(server, 'parent', { email: 'ada@example.com' });
  await waitForEnd(server, runId);
});

afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('errand export', () => {
  it('writes a run with its log and the run that it started, for its owner alone, and never over a file', async () => {
    const to = join(folder, 'whole.json');
    const wrote = await command(['export', runId, '--to', to]);
    expect([wrote.code, wrote.err]).toEqual([0, expect.stringContaining('2 runs')]);
    expect(statSync(to).mode & 0o077).toBe(0);
    const { runs, left_out: left } = JSON.parse(readFileSync(to, 'utf8')) as RunFile;
    expect(left).toEqual([]);
    expect(runs.map(({ run }) => run.workflow_id)).toEqual(['parent', 'child']);
    expect(runs[0]?.events.map(({ seq }) => seq)).toEqual(runs[0]?.events.map((_, index) => index + 1));
    expect(readFileSync(to, 'utf8')).toContain('ada@example.com');
    expect(readFileSync(to, 'utf8')).not.toContain('"abc"');
    const again = await command(['export', runId, '--to', to]);
    expect([again.code !== 0, again.err]).toEqual([true, expect.stringContaining('Name another with --to')]);
  });

  it('masks fields by their names, or all that was said', async () => {
    const some = await command(['export', runId, '--mask', 'Email', '--to', '-']);
    expect(some.out).toContain('"email": "[masked]"');
    expect(some.out).toContain('"count": 3');
    const all = await command(['export', runId, '--mask-values', '--to', '-']);
    expect(all.out).not.toContain('ada@');
    expect(all.out).not.toContain('"count": 3');
    const { runs, left_out: left } = JSON.parse(all.out) as RunFile;
    expect(left).toEqual(['everything that callers, nodes and models have said']);
    expect(runs[0]?.run).toMatchObject({ status: 'failed', error: { node_id: 'ask' } });
    expect(runs[0]?.run.error?.message).toMatch(/^\[masked: \d+ characters\]$/);
    expect(runs[0]?.run.nodes[0]).toMatchObject({ id: 'say', label: 'Sayer', status: 'completed' });
  });
});

describe('errand open', () => {
  it('shows what was exported without a server', async () => {
    const file = join(folder, 'shown.json');
    await command(['export', runId, '--to', file]);
    const shown = await command(['open', file, '--log'], false);
    expect(shown.code).toBe(0);
    expect(shown.out).toContain('no such person: ada@example.com');
    expect(shown.out).toContain('Sayer: completed');
    const [, child] = (JSON.parse(readFileSync(file, 'utf8')) as RunFile).runs;
    expect(shown.err).toContain(`--run ${child?.run.run_id}`);
    const below = await command(['open', file, '--run', String(child?.run.run_id), '--json'], false);
    expect(JSON.parse(below.out)).toMatchObject({ workflow_id: 'child', status: 'failed' });
  });

  it('says what is wrong with a file', async () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"runs": []}');
    expect((await command(['open', file], false)).err).toContain('it is not what errand export writes');
    writeFileSync(file, '{');
    expect((await command(['open', file], false)).err).toContain('is not JSON');
    expect((await command(['open', join(folder, 'none.json')], false)).err).toContain('cannot be read');
    writeFileSync(file, '{"format": "errand-run", "version": 2, "runs": []}');
    expect((await command(['open', file], false)).err).toContain('written by a newer Errand');
  });
});
