import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const FOLDERS = ['src', 'workflows', 'test'];
/** What they measure of their own process, others must not have been at work in. */
const MEASURING = [
  'src/core/event-loop.test.ts',
  'src/http/fuzz.test.ts',
  'src/http/mcp/mcp-fuzz.test.ts',
  'src/runner/attempt/run-items.test.ts',
  'src/store/sqlite/store-process.test.ts',
  'workflows/site_checkup/hostile-pages.test.ts',
  'workflows/site_checkup/lib/thread-queue.test.ts',
];

/**
 * Tests whose modules nobody else may have loaded: those that measure their process, and those that import a module which
 * sets something up for the file that imports it (`…-under-test.ts`).
 */
const alone = [...MEASURING, ...FOLDERS.flatMap(listTests).filter(importsWhatIsUnderTest)];

function listTests(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
    .map((file) => join(folder, file));
}

function importsWhatIsUnderTest(file: string): boolean {
  return /from '[^']*-under-test\.js'/.test(readFileSync(file, 'utf8'));
}

export default defineConfig({
  test: {
    setupFiles: ['test/support/property-seed.ts'],
    // Many tests wait for processes and disks: three files side by side are quicker, also where there are two cores only.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A slow machine is not a failure: polls end as soon as what they wait for is there.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        // To load the modules anew for each file takes as long as a third of the tests.
        test: {
          name: 'together',
          include: FOLDERS.map((folder) => `${folder}/**/*.test.ts`),
          exclude: alone,
          isolate: false,
        },
      },
      { extends: true, test: { name: 'alone', include: alone, sequence: { groupOrder: 1 } } },
    ],
  },
});
