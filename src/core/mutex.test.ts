import { expect, it } from 'vitest';
import { Mutex } from './mutex.js';

it('lets work wait for what came before it, whether that succeeds or fails', async () => {
  const turns = new Mutex();
  const order: string[] = [];
  let finish = (): void => undefined;
  const held = new Promise<void>((resolve) => (finish = resolve));
  const first = turns.take(async () => {
    order.push('first begins');
    await held;
    order.push('first ends');
    throw new Error('down');
  });
  const second = turns.take(async () => order.push('second'));
  finish();
  await expect(first).rejects.toThrow('down');
  await second;
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});
