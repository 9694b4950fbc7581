import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommand } from '../../test/support/server/run-command.js';
import type { ApiRun } from '../api/api-types.js';
import type { Checkup } from './checkup-report.js';
import type { McpExchange } from './mcp-exchange.js';
import { PLANTED_FAULTS } from './sample-site/planted-faults.js';

// A folder for temporary files of its own, so that what is left behind can be told.
const temporary = mkdtempSync(join(tmpdir(), 'demo-test-'));
vi.stubEnv('TMPDIR', temporary);

afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true, force: true });
});

describe('errand demo --json', () => {
  let ran: { code: number; out: string; err: string };
  let demo: { run: ApiRun; exchanges: McpExchange[] };

  beforeAll(async () => {
    ran = await runCommand(['demo', '--json']);
    demo = JSON.parse(ran.out === '' ? ran.err : ran.out) as typeof demo;
  }, 120_000);

  it('ends with 0, writes nothing but one JSON document and leaves nothing behind', () => {
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' });
    expect(demo.run.status).toBe('completed');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each(PLANTED_FAULTS.map((planted) => [planted.id, planted] as const))(
    'reports the planted fault %s',
    (_, planted) => {
      const { findings } = demo.run.output as unknown as Checkup;
      const named = findings.filter(
        (fault) =>
          fault.agent === planted.agent &&
          fault.rule === planted.rule &&
          [fault.page, ...(fault.also_on ?? [])].some((page) => new URL(page).pathname === planted.page) &&
          (planted.selector === undefined || fault.selector === planted.selector),
      );
      expect(named).toHaveLength(1);
    },
  );

  it('shows run_workflow and get_run_status under both contracts, of the same run', () => {
    expect(demo.exchanges.map(({ contract, tool, status }) => `${contract} ${tool} ${status}`)).toEqual([
      'A run_workflow 200',
      'A get_run_status 200',
      'B run_workflow 200',
      'B get_run_status 200',
    ]);
    const [started, underA, , underB] = demo.exchanges.map(({ result }) => result);
    expect(started?.['run_id']).toMatch(/^agent_run_[0-9a-f]{32}$/);
    expect(underA).toMatchObject({ run_id: started?.['run_id'], status: 'completed' });
    expect(underB).toMatchObject({ runId: demo.run.run_id, status: 'completed' });
  });
});

describe('errand demo', () => {
  it('prints plain lines in a pipe: the changes, the report, the wire', async () => {
    const { code, out } = await runCommand(['demo']);
    expect(code).toBe(0);
    expect(out).not.toContain('\u001B');
    expect(out).toMatch(/Link Checker: \d+%/);
    expect(out).toMatch(/Score {2}\d+ of 100/);
    expect(out).toContain('Contract A · run_workflow');
    expect(out).toContain('Contract B · get_run_status');
    expect(out).not.toMatch(/sk_live_\w{20}/);
  }, 120_000);
});
