import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** They change how long the tests of their process may take. */
const SLOW = ['src/mcp-client/connection.test.ts', 'src/mcp-client/mcp-tools.test.ts'];

/** What loads its modules for itself; all others find those of the files before them. */
const alone = [...MEASURING, ...SLOW];

/** So that nobody waits for one of these at the end: the files that take longest, the longest first. */
const LONGEST = [
  'test/program/benches.test.ts',
  'test/console/first-screen.test.ts',
  'test/console/console.test.ts',
  'test/restate/cluster.test.ts',
  'test/crashes/disk-sync.test.ts',
  'src/cli/mcp/desktop-hosts.test.ts',
  'test/console/organization.test.ts',
  'test/delivery/start.test.ts',
  'test/crashes/crash.test.ts',
  'test/console/keyboard/every-screen.test.ts',
  'test/console/editor.test.ts',
  'src/isolation/handlers/ends.test.ts',
  'test/postgres/postgres-store.test.ts',
  'test/mcp-app/other-views.test.ts',
  'test/webhooks/webhook-crash.test.ts',
  'test/console/company.test.ts',
  'test/restate/cluster-chaos.test.ts',
  'test/console/run-views.test.ts',
  'test/delivery/package.test.ts',
  'test/console/bulk.test.ts',
  'test/mcp-app/mcp-app.test.ts',
  'src/demo/run-demo.test.ts',
  'workflows/site_checkup/hostile-pages.test.ts',
  'test/crashes/hostile-workflows.test.ts',
  'test/restate/rolling-upgrade.test.ts',
  'src/service/background/webhook-sender.test.ts',
  'test/console/large/large-run.test.ts',
  'test/mcp-app/mcp-ui.test.ts',
  'test/restate/restate-engine.test.ts',
  'test/oauth/hosts-in-browser.test.ts',
  'test/crashes/crash-loop.test.ts',
  'test/crashes/schedule-crash.test.ts',
  'test/visibility/visibility.test.ts',
  'test/hostile/hostile.test.ts',
  'test/postgres/move.test.ts',
  'src/http/fuzz.test.ts',
  'src/http/mcp/mcp-fuzz.test.ts',
];

/** What other tests keep from the processors they measure again and again. */
const LAST = ['runs', 'requests', 'authoring'].map((name) => `test/event-loop/${name}.test.ts`);

/** Then those that are alone, then all others. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification): number => {
      const found = LONGEST.findIndex((file) => moduleId.endsWith(file));
      if (found >= 0) return found;
      if (LAST.some((file) => moduleId.endsWith(file))) return LONGEST.length + 2;
      return project.name === 'alone' ? LONGEST.length : LONGEST.length + 1;
    };
    const ordered = await super.sort(files); // oxlint-disable-line unicorn/no-array-sort -- Vitest's own method
    return ordered.toSorted((a, b) => place(a) - place(b));
  }
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
    sequence: { sequencer: LongestFirst },
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
      { extends: true, test: { name: 'alone', include: alone } },
    ],
  },
});
