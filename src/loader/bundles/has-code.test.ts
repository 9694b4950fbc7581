import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hasCode } from './has-code.js';

describe('hasCode', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'errand-has-code-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const write = (folder: string, name: string): void => {
    mkdirSync(join(dir, folder), { recursive: true });
    writeFileSync(join(dir, folder, name), '');
  };

  it('finds code in the folder, and in one in it', async () => {
    write('', 'one.yaml');
    write('two', 'workflow.yaml');
    expect(await hasCode(dir)).toBe(false);
    write('two', 'handler.ts');
    expect(await hasCode(dir)).toBe(true);
    write('', 'three.workflow.mjs');
    expect(await hasCode(dir)).toBe(true);
  });

  it('passes over packages and hidden folders', async () => {
    write('node_modules', 'index.js');
    write('.git', 'hook.js');
    expect(await hasCode(dir)).toBe(false);
  });

  it('finds none in a folder that is not there', async () => {
    expect(await hasCode(join(dir, 'nowhere'))).toBe(false);
  });
});
