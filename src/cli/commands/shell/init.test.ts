import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '../../../../test/support/server/run-command.js';
import { repository, ServerProcess } from '../../../../test/support/server/server-process.js';
import { waitForEnd } from '../../../../test/support/server/server-runs.js';

let folder: string;
let server: ServerProcess | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-init-'));
});
afterEach(async () => {
  await server?.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('errand init', () => {
  it('makes a project whose workflows run and whose test passes', { timeout: 120_000 }, async () => {
    const project = join(folder, 'mine');
    const { code, out } = await runCommand(['init', project]);
    expect([code, out]).toEqual([0, expect.stringContaining('workflows/word_count/workflow.yaml')]);
    const workflows = join(project, 'workflows');
    const { scripts } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
      scripts: { check: string };
    };
    const [, ...check] = scripts.check.split(' ');
    expect((await runCommand(check, { env: { ERRAND_WORKFLOWS: workflows } })).code).toBe(0);
    const installed = spawnSync('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect([installed.status, installed.stderr]).toEqual([0, expect.any(String)]);
    expect(realpathSync(join(project, 'node_modules', 'errand'))).toBe(realpathSync(repository));
    const test = join(workflows, 'word_count', 'word-count.test.mjs');
    const tested = spawnSync(process.execPath, ['--test', test], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect([tested.status, tested.stdout]).toEqual([0, expect.stringMatching(/pass 2/)]);

    server = await ServerProcess.start({ data: join(folder, 'data'), workflows });
    const run = async (workflowId: string, input: object): Promise<unknown> => {
      const { body } = await (server as ServerProcess).api('/runs', {
        method: 'POST',
        body: { workflow_id: workflowId, input },
      });
      return (await waitForEnd(server as ServerProcess, String(body['run_id']))).output;
    };
    expect(await run('greeting', { name: 'Ada' })).toEqual({ text: 'Hello Ada' });
    expect(await run('word_count', { text: 'one two' })).toEqual({ words: 2 });
  });

  it('writes nothing into a folder that holds something', async () => {
    expect((await runCommand(['init', join(folder, 'mine')])).code).toBe(0);
    const before = readdirSync(join(folder, 'mine'));
    const again = await runCommand(['init', join(folder, 'mine')]);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('is not empty')]);
    expect(readdirSync(join(folder, 'mine'))).toEqual(before);
  });
});
