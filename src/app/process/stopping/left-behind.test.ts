import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/manual-clock.js';
import { watchForNpm } from './left-behind.js';

/** How often a program that a script of npm has started is told that its parent has gone, before and after that. */
async function tellings(script: string | undefined): Promise<readonly number[]> {
  const clock = new ManualClock();
  let parent = 10;
  let count = 0;
  watchForNpm({ env: { npm_lifecycle_script: script }, clock, parent: () => parent, told: () => (count += 1) });
  await clock.advance(5_000);
  const before = count;
  parent = 1;
  await clock.advance(5_000);
  return [before, count];
}

describe('a server learns that it was left behind', () => {
  it.each(['errand', "'errand'", 'errand serve', 'errand serve --port 9000'])(
    'by npm, whose script is %s',
    async (script) => {
      expect(await tellings(script)).toEqual([0, 1]);
    },
  );

  it.each([undefined, 'vitest run', 'errand serve & sleep 5', 'errand serve | tee log', 'node a.mjs && errand serve'])(
    'not by what else may have started it: %s',
    async (script) => {
      expect(await tellings(script)).toEqual([0, 0]);
    },
  );

  it('no more once it has stopped looking', async () => {
    const clock = new ManualClock();
    let parent = 10;
    let count = 0;
    const env = { npm_lifecycle_script: 'errand serve' };
    const end = watchForNpm({ env, clock, parent: () => parent, told: () => (count += 1) });
    end();
    parent = 1;
    await clock.advance(5_000);
    expect(count).toBe(0);
  });
});
