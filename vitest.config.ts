import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'workflows/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    // Many tests wait for processes and disks: three files side by side are quicker, also where there are two cores only.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A slow machine is not a failure: polls end as soon as what they wait for is there.
    expect: { poll: { timeout: 15_000 } },
  },
});
