import { expect, it } from 'vitest';
import { silentLogger } from '../../../core/ports/logger.js';
import { ManualClock } from '../../../testing/manual-clock.js';
import { PostgresNotices } from './postgres-notices.js';

it('sends what comes alone at once, and together what comes soon after', async () => {
  const clock = new ManualClock(1_000);
  const sent: unknown[] = [];
  const notices = new PostgresNotices({
    url: 'postgresql://nobody@127.0.0.1:1/none',
    send: async (text) => void sent.push(JSON.parse(text)),
    clock,
    logger: silentLogger,
    sender: 'one',
  });
  const publish = (id: string): void => notices.publish({ topic: 'run', id, version: 1 });
  publish('a');
  publish('b');
  await clock.advance(0);
  expect(sent.splice(0)).toEqual([['one', [0, 'a', 1], [0, 'b', 1]]]);
  publish('c');
  await clock.advance(4);
  publish('d');
  expect(sent).toEqual([]);
  await clock.advance(1);
  expect(sent.splice(0)).toEqual([['one', [0, 'c', 1], [0, 'd', 1]]]);
  await clock.advance(100);
  publish('e');
  await clock.advance(0);
  expect(sent).toEqual([['one', [0, 'e', 1]]]);
  await notices.close();
});
