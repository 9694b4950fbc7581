import { expect, it } from 'vitest';
import { Gate } from './gate.js';

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

it('a gate lets so many through at a time, in the order of their coming, and those that give up stand aside', async () => {
  const gate = new Gate(2);
  const ends = Array.from({ length: 5 }, deferred);
  const begun: number[] = [];
  const controllers = ends.map(() => new AbortController());
  const all = ends.map((end, n) =>
    gate.through(controllers[n]?.signal ?? new AbortController().signal, async () => {
      begun.push(n);
      await end.promise;
      if (n === 0) throw new Error('broken');
    }),
  );
  const settled = Promise.allSettled(all);
  expect(begun).toEqual([0, 1]);
  controllers[2]?.abort(new Error('tired'));
  await expect(all[2]).rejects.toThrow('tired');
  ends[0]?.resolve();
  await expect(all[0]).rejects.toThrow('broken');
  expect(begun).toEqual([0, 1, 3]);
  for (const end of ends) end.resolve();
  expect((await settled).map(({ status }) => status)).toEqual([
    'rejected',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 3, 4]);
  expect(await gate.through(new AbortController().signal, () => Promise.resolve('free'))).toBe('free');
});

it('a gate without a limit lets all through', async () => {
  const gate = new Gate(null);
  const { signal } = new AbortController();
  const end = deferred();
  const inside = Array.from({ length: 100 }, (_, n) => gate.through(signal, () => end.promise.then(() => n)));
  end.resolve();
  expect(await Promise.all(inside)).toHaveLength(100);
  await expect(gate.through(AbortSignal.abort(new Error('late')), () => Promise.resolve(1))).rejects.toThrow('late');
});
