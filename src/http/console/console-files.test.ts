import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleFiles } from './console-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-console-files-'));
  build('one');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As a build does: whatever was there is gone. */
function build(name: string): void {
  rmSync(join(folder, 'assets'), { recursive: true, force: true });
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'assets', `screen-${name}.js`), name);
  writeFileSync(join(folder, 'assets', `graph-${name}.js`), name);
  writeFileSync(join(folder, 'index.html'), name);
}

describe('the files of the console', () => {
  it('are those that are there now, and those that open pages have loaded already', () => {
    const files = new ConsoleFiles(folder);
    expect(files.page).toBe('one');
    expect(String(files.get('screen-one.js')?.plain)).toBe('one');
    build('two');
    utimesSync(join(folder, 'index.html'), 1, 1);
    expect(files.page).toBe('two');
    expect(String(files.get('screen-two.js')?.plain)).toBe('two');
    expect(String(files.get('screen-one.js')?.plain)).toBe('one');
    expect(files.get('graph-one.js')).toBeNull();
    rmSync(join(folder, 'index.html'));
    expect(files.page).toBe('two');
  });

  it('are no others of the machine', () => {
    writeFileSync(join(folder, 'secret.js'), '');
    const files = new ConsoleFiles(folder);
    for (const name of ['../secret.js', '..', 'screen-one.js/../../secret.js', 'screen-one.html', '.js', 'a\\b.js']) {
      expect(files.get(name)).toBeNull();
    }
  });
});
