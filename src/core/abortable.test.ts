import { describe, expect, it } from 'vitest';
import { abortable, unlessAborted } from './abortable.js';

const never = new Promise<never>(() => undefined);

describe('abortable', () => {
  it('gives what the wait comes to, and does not undo it when the signal aborts later', async () => {
    const stop = new AbortController();
    let undone = 0;
    const start = (resolve: (value: number) => void) => {
      resolve(7);
      return () => void (undone += 1);
    };
    expect(await abortable(stop.signal, start)).toBe(7);
    stop.abort(new Error('too late'));
    expect(undone).toBe(0);
  });

  it('undoes the wait and rejects with what aborted the signal', async () => {
    const stop = new AbortController();
    let undone = 0;
    const waiting = abortable(stop.signal, () => () => void (undone += 1));
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(undone).toBe(1);
  });

  it('begins nothing where the signal has aborted before', async () => {
    let begun = false;
    const start = () => {
      begun = true;
      return () => undefined;
    };
    await expect(abortable(AbortSignal.abort(new Error('before')), start)).rejects.toThrow('before');
    expect(begun).toBe(false);
  });
});

describe('unlessAborted', () => {
  it('gives what the work comes to, or fails with', async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(signal, Promise.resolve('done'))).toBe('done');
    await expect(unlessAborted(signal, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('does not wait for work longer than until the signal aborts', async () => {
    const stop = new AbortController();
    const waiting = unlessAborted(stop.signal, never);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });
});
