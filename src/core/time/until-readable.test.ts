import { expect, it } from 'vitest';
import { ErrandError, errorMessage } from '../errors.js';
import { silentLogger } from '../ports/logger.js';
import { ManualClock } from './manual-clock.js';
import { untilReadable } from './until-readable.js';

const away = (): ErrandError => new ErrandError('unavailable', 'The database is away.');

it('reads again while the store is unavailable', async () => {
  const clock = new ManualClock();
  let times = 0;
  const read = untilReadable(
    async () => {
      times += 1;
      if (times < 3) throw away();
      return 'read';
    },
    { clock, logger: silentLogger },
  );
  await clock.advance(499);
  expect(times).toBe(1);
  await clock.advance(501);
  expect(await read).toBe('read');
  expect(times).toBe(3);
});

it('gives up after a minute, and at once where something else is wrong', async () => {
  const clock = new ManualClock();
  const given = { clock, logger: silentLogger };
  const late = untilReadable(() => Promise.reject(away()), given).catch(errorMessage);
  await clock.advance(61_000);
  expect(await late).toBe('The database is away.');
  await expect(untilReadable(() => Promise.reject(new Error('broken')), given)).rejects.toThrow('broken');
});
