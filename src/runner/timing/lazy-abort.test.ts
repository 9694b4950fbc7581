import { describe, expect, it } from 'vitest';
import { LazyAbort } from './lazy-abort.js';

describe('LazyAbort', () => {
  it('gives a signal that aborts with the reason, asked for before or after', () => {
    const before = new LazyAbort();
    const early = before.signal;
    const reason = new Error('enough');
    before.abort(reason);
    expect([early.aborted, early.reason]).toEqual([true, reason]);

    const after = new LazyAbort();
    after.abort(reason);
    expect([after.signal.aborted, after.signal.reason]).toEqual([true, reason]);
  });

  it('keeps its first reason', () => {
    const abort = new LazyAbort();
    const first = new Error('first');
    abort.abort(first);
    abort.abort(new Error('second'));
    expect([abort.reason, abort.signal.reason]).toEqual([first, first]);
  });

  it('tells listeners once, those that come late at once, and none that has left', () => {
    const abort = new LazyAbort();
    const told: string[] = [];
    abort.onAbort(({ message }) => told.push(`a ${message}`));
    const leave = abort.onAbort(() => told.push('left'));
    leave();
    abort.abort(new Error('now'));
    abort.abort(new Error('again'));
    abort.onAbort(({ message }) => told.push(`late ${message}`));
    expect(told).toEqual(['a now', 'late now']);
  });

  it('is aborted with its parent, and not the other way round', () => {
    const parent = new LazyAbort();
    const [child, unasked, gone] = [new LazyAbort(parent), new LazyAbort(parent), new LazyAbort(parent)];
    const { signal } = child;
    const goneSignal = gone.signal;
    gone.leaveParent();
    unasked.abort(new Error('own'));
    expect(parent.aborted).toBe(false);
    const reason = new Error('all');
    parent.abort(reason);
    expect([child.aborted, child.reason, signal.aborted, signal.reason]).toEqual([true, reason, true, reason]);
    expect(unasked.reason?.message).toBe('own');
    expect(goneSignal.aborted).toBe(false);
  });

  it('tells its listeners when its parent is aborted, though nobody has asked for its signal', () => {
    const parent = new LazyAbort();
    const child = new LazyAbort(parent);
    const told: string[] = [];
    child.onAbort(({ message }) => told.push(message));
    parent.abort(new Error('the run was cancelled'));
    child.onAbort(({ message }) => told.push(`late: ${message}`));
    expect(told).toEqual(['the run was cancelled', 'late: the run was cancelled']);
  });
});
