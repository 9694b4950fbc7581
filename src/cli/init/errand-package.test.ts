import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageOf, programFolder } from './errand-package.js';
import { projectFiles } from './project-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-package-of-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As npm leaves it behind. */
function install(resolved?: string): string {
  const program = join(folder, 'project', 'node_modules', 'errand');
  mkdirSync(program, { recursive: true });
  const packages = { 'node_modules/errand': { version: '1.2.3', resolved } };
  const noted = join(folder, 'project', 'node_modules', '.package-lock.json');
  if (resolved !== undefined) writeFileSync(noted, JSON.stringify({ packages }));
  return program;
}

describe('a project that init makes gets Errand', () => {
  it('from the checkout that it was made from', async () => {
    expect(await packageOf(programFolder, '1.2.3')).toBe(`file:${programFolder}`);
  });

  it('from the file that npm has installed, or else from where it is', async () => {
    const program = install('file:../errand-1.2.3.tgz');
    expect(await packageOf(program, '1.2.3')).toBe(`file:${program}`);
    const file = join(folder, 'errand-1.2.3.tgz');
    writeFileSync(file, '');
    expect(await packageOf(program, '1.2.3')).toBe(`file:${file}`);
  });

  it('from the registry that npm has it from', async () => {
    expect(await packageOf(install('https://registry.example/errand/-/errand-1.2.3.tgz'), '1.2.3')).toBe('^1.2.3');
  });

  it('from where npm has put it for the whole machine, of which it keeps no notes', async () => {
    const program = install();
    expect(await packageOf(program, '1.2.3')).toBe(`file:${program}`);
  });

  it('in a container, too', () => {
    expect(projectFiles('file:/srv/errand.tgz')['compose.yaml']).toContain('"/srv/errand.tgz:/srv/errand.tgz:ro"');
    expect(projectFiles('^1.2.3')['compose.yaml']).toContain('volumes: [".:/project","errand:/data"]\n');
  });
});
