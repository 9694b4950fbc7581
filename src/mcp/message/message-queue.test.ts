import { describe, expect, it } from 'vitest';
import { MessageQueue } from './message-queue.js';

async function readAll(queue: MessageQueue): Promise<string[]> {
  const read: string[] = [];
  for await (const message of queue) read.push(message);
  return read;
}

describe('MessageQueue', () => {
  it('gives messages in order, those before it was read and those after, and ends when closed', async () => {
    const queue = new MessageQueue();
    queue.push('a');
    const reading = readAll(queue);
    await Promise.resolve();
    queue.push('b');
    queue.push('c');
    queue.close();
    queue.push('too late');
    expect(await reading).toEqual(['a', 'b', 'c']);
  });

  it('keeps the newest of the messages that wait under one key', async () => {
    const queue = new MessageQueue();
    queue.push('task 1 at 10 %', 'task 1');
    queue.push('task 2 at 5 %', 'task 2');
    queue.push('task 1 at 20 %', 'task 1');
    queue.close();
    expect(await readAll(queue)).toEqual(['task 1 at 20 %', 'task 2 at 5 %']);
  });

  it('drops what is above its bound, and takes messages on again once it has been read', async () => {
    const queue = new MessageQueue();
    for (let i = 0; i < 2_000; i += 1) queue.push(String(i));
    const iterator = queue[Symbol.asyncIterator]();
    for (let i = 0; i < 1_000; i += 1) expect((await iterator.next()).value).toBe(String(i));
    queue.push('again');
    expect((await iterator.next()).value).toBe('again');
  });

  it('says when it is first used', async () => {
    const queue = new MessageQueue();
    expect(queue.isUsed).toBe(false);
    const used = queue.whenUsed();
    queue.push('x');
    await used;
    expect(queue.isUsed).toBe(true);
    await queue.whenUsed();
  });

  it('keeps nothing for a reader that has left', async () => {
    const queue = new MessageQueue();
    queue.push('a');
    queue.push('b');
    for await (const _ of queue) break;
    queue.push('c');
    expect(await readAll(queue)).toEqual([]);
  });
});
