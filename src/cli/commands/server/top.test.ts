import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../../../../test/support/server/run-command.js';
import type { ApiSystem } from '../../../api/system-types.js';
import type { RunningServer } from '../../../app/running-server.js';
import { startServer } from '../../../app/server.js';
import { renderTop } from '../../view/top-view.js';
import { plainStyle } from '../../terminal/style.js';

const WORKFLOW = `id: halve
name: Halve
description: Halves a number, not a text.
input: { type: object }
nodes: [{ id: go, kind: transform, with: '{{ input.n / 2 }}' }]
`;

let folder: string;
let server: RunningServer;

function command(argv: readonly string[], key = String(server.firstKey)): ReturnType<typeof runCommand> {
  return runCommand(argv, { env: { ERRAND_URL: server.url, ERRAND_API_KEY: key } });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-top-'));
  writeFileSync(join(folder, 'halve.yaml'), WORKFLOW);
  server = await startServer({ port: 0, dataDir: join(folder, 'data'), workflowsDir: folder, logLevel: 'fatal' });
  for (const n of [4, 'four']) await command(['run', 'halve', '--input', JSON.stringify({ n }), '--wait', '20']);
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('errand top', () => {
  it('tells of a real server what became of its runs, and what it uses', async () => {
    const system = JSON.parse((await command(['top', '--json'])).out) as ApiSystem;
    expect(system.workflows).toEqual([
      { workflow_id: 'halve', accepted: 2, completed: 1, partial_complete: 0, failed: 1, cancelled: 0 },
    ]);
    expect(system).toMatchObject({ engine: 'embedded', runs: { active: 0, queued: 0, max_active: 500 } });
    expect(system.store.kind).toBe('sqlite');
    for (const used of [system.store.bytes, ...Object.values(system.process), ...Object.values(system.totals)]) {
      expect(used).toBeGreaterThan(0);
    }
  });

  it('shows it once in a pipe', async () => {
    const { code, out } = await command(['top']);
    expect(code).toBe(0);
    expect(out).toMatch(/Runs {6}0 of 500 active/);
    expect(out).toMatch(/halve +\d+\.\d +\d+\.\d +2 +1 +0 +1 +0/);
  });

  it('is for operators', async () => {
    const made = await command(['keys', 'create', 'small', '--scopes', 'run,manage', '--json']);
    const refused = await command(['top'], (JSON.parse(made.out) as { key: string }).key);
    expect([refused.code === 0, refused.err]).toEqual([false, expect.stringContaining('operate')]);
  });
});

describe('the view of a server', () => {
  it('has the rates since the look before', async () => {
    const before = JSON.parse((await command(['top', '--json'])).out) as ApiSystem;
    const [halve] = before.workflows;
    const now: ApiSystem = {
      ...before,
      at: new Date(Date.parse(before.at) + 2_000).toISOString(),
      totals: { requests: before.totals.requests + 300, commits: before.totals.commits + 9 },
      workflows: halve === undefined ? [] : [{ ...halve, accepted: 12, completed: 7, failed: 1 }],
    };
    const text = renderTop({ before, now, width: 160, style: plainStyle }).join('\n');
    expect(text).toContain('5.0/s runs accepted  3.0/s ended  150/s requests  4.5/s commits');
    expect(text).toMatch(/halve +5\.0 +3\.0 +12 +7/);
    const narrow = renderTop({ before, now, width: 50, style: plainStyle });
    expect(narrow.every((line) => line.length <= 50)).toBe(true);
  });
});
