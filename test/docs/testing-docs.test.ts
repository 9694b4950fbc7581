import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../support/server/server-process.js';

const PAGE = readFileSync(join(repository, 'docs', 'testing.md'), 'utf8');

function firstBlock(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(PAGE)?.[1] ?? '';
}

describe('docs/testing.md', () => {
  it('shows a workflow and a test of it that passes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'errand-docs-'));
    try {
      writeFileSync(join(folder, 'refund.yaml'), firstBlock('yaml'));
      writeFileSync(join(folder, 'refund.test.mjs'), firstBlock('js'));
      mkdirSync(join(folder, 'node_modules'));
      symlinkSync(repository, join(folder, 'node_modules', 'errand'));
      const { status, stdout } = spawnSync(process.execPath, ['--test', join(folder, 'refund.test.mjs')], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] },
      });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/pass 2/)]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
