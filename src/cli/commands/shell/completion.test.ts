import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../../test/support/server/run-command.js';

// Only bash itself can say what it offers; Windows and small images of containers have none.
const hasBash = spawnSync('bash', ['--version']).status === 0;

/** What bash offers for the last of these words. */
async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const { code, out } = await runCommand(['completion', 'bash']);
  expect(code).toBe(0);
  const folder = mkdtempSync(join(tmpdir(), 'errand-completion-'));
  const file = join(folder, 'errand.bash');
  writeFileSync(file, out);
  const script = `source '${file}'; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _errand; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'errand', ...words], { encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

// It is bash that is asked what it offers.
describe.skipIf(!hasBash)('the completion for bash', () => {
  it('offers commands, the commands of a group, and options', async () => {
    expect(await completed('work')).toEqual(['workflows']);
    const setting = await completed('orgs', 'set-');
    expect(setting).toEqual(expect.arrayContaining(['set-credits', 'set-limits']));
    expect(setting.filter((word) => !word.startsWith('set-'))).toEqual([]);
    expect(await completed('runs', '--st')).toEqual(['--status']);
    expect(await completed('orgs', '--li')).toEqual(['--limit']);
  });

  it('offers options behind arguments and other options too', async () => {
    expect(await completed('run', 'site_checkup', '--inp')).toEqual(['--input']);
    expect(await completed('orgs', 'set-credits', 'acme', '--js')).toEqual(['--json']);
    expect(await completed('--json', 'key')).toEqual(['keys']);
  });

  it('is refused for shells that it is not made for', async () => {
    expect(await runCommand(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('bash and zsh') as string,
    });
  });
});
