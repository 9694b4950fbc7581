import { beforeEach, describe, expect, it } from 'vitest';
import { ErrandError } from '../../../core/errors.js';
import { rejection } from '../../../testing/store-suite/fixtures.js';
import { type BatchTarget, GroupCommit } from './group-commit.js';

/** A list that can be written in batches, and that notes what is done with it. */
class ListTarget implements BatchTarget {
  writes = 0;
  storageFailure: ErrandError | null = null;
  committed: readonly string[] = [];
  calls: string[] = [];
  failCommit: Error | null = null;
  #pending: readonly string[] = [];
  #saved: readonly string[] = [];
  isReady: Promise<void> | null = null;
  isDurable: Promise<void> | null = null;

  ready(): Promise<void> | null {
    return this.isReady;
  }

  durable(): Promise<void> | null {
    return this.isDurable;
  }

  add(value: string): void {
    this.#pending = [...this.#pending, value];
    this.writes++;
  }

  get pending(): readonly string[] {
    return this.#pending;
  }

  begin(): void {
    this.storageFailure = null;
    this.calls.push('begin');
    this.#pending = this.committed;
  }

  commit(): void {
    this.calls.push('commit');
    if (this.failCommit !== null) throw this.failCommit;
    this.committed = this.#pending;
  }

  rollback(): void {
    this.calls.push('rollback');
    this.#pending = this.committed;
  }

  savepoint(): void {
    this.calls.push('savepoint');
    this.#saved = this.#pending;
  }

  releaseSavepoint(): void {
    this.calls.push('release');
  }

  rollbackToSavepoint(): void {
    this.calls.push('rollback to');
    this.#pending = this.#saved;
  }
}

/** A promise that nobody has to look at. */
function rejected(failure: Error): Promise<never> {
  const promise = Promise.reject(failure);
  promise.catch(() => undefined);
  return promise;
}

describe('GroupCommit', () => {
  let target: ListTarget;
  let commits: GroupCommit;

  beforeEach(() => {
    target = new ListTarget();
    commits = new GroupCommit(target);
  });

  const add = (value: string) =>
    commits.run(async () => {
      target.add(value);
      return value;
    });
  const addAndThrow = (value: string) =>
    commits.run(async () => {
      target.add(value);
      throw new Error(value);
    });
  const throwOnly = (message: string) => commits.run(() => Promise.reject(new Error(message)));

  it('commits everything that is asked for in one turn together, in order', async () => {
    expect(await Promise.all([add('a'), add('b'), add('c')])).toEqual(['a', 'b', 'c']);
    expect(target.committed).toEqual(['a', 'b', 'c']);
    expect(target.calls).toEqual(['begin', 'commit']);
  });

  it('commits in several batches when very many ask at once', async () => {
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => add(String(index))));
    expect(target.committed).toHaveLength(2_500);
    expect(target.calls.filter((call) => call === 'commit')).toHaveLength(3);
  });

  it('tells nobody before the commit', async () => {
    let told = false;
    const first = add('a').then(() => {
      told = true;
    });
    const second = commits.run(async () => {
      await Promise.resolve();
      return told;
    });
    expect(await second).toBe(false);
    await first;
    expect(told).toBe(true);
  });

  it('is open while a batch is, and closed when the outcomes are told', async () => {
    expect(commits.open).toBeNull();
    const seen = await commits.run(async () => commits.open !== null);
    expect(seen).toBe(true);
    expect(commits.open).toBeNull();
  });

  it('rejects a work that throws before it wrote and runs nothing again', async () => {
    const outcomes = await Promise.allSettled([add('a'), throwOnly('no'), add('b')]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(target.committed).toEqual(['a', 'b']);
    expect(target.calls).toEqual(['begin', 'commit']);
  });

  it('runs a batch once more, with savepoints, when works throw after they wrote', async () => {
    const outcomes = await Promise.allSettled([add('a'), addAndThrow('x'), add('b'), addAndThrow('y'), add('c')]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(target.committed).toEqual(['a', 'b', 'c']);
    expect(target.calls.filter((call) => call === 'begin')).toHaveLength(2);
    expect(target.calls.filter((call) => call === 'rollback to')).toHaveLength(2);
  });

  it('rejects a whole batch when its commit fails, also those that threw by themselves, and goes on after it', async () => {
    target.failCommit = new ErrandError('unavailable', 'the disk is full');
    const outcomes = await Promise.allSettled([add('a'), throwOnly('judged by what was not committed')]);
    expect(outcomes).toEqual([
      { status: 'rejected', reason: target.failCommit },
      { status: 'rejected', reason: target.failCommit },
    ]);
    expect(target.committed).toEqual([]);
    target.failCommit = null;
    await add('b');
    expect(target.committed).toEqual(['b']);
  });

  it('rejects a whole batch when the storage failed, even if a work hid it', async () => {
    const failure = new ErrandError('unavailable', 'the disk is full');
    const hiding = commits.run(async () => {
      target.storageFailure = failure;
    });
    const outcomes = await Promise.allSettled([add('a'), hiding, add('b')]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason === failure)).toEqual([
      true,
      true,
      true,
    ]);
    expect(target.committed).toEqual([]);
    await add('c');
    expect(target.committed).toEqual(['c']);
  });

  it('abandons works that await something other than the store, and commits the others', async () => {
    let runs = 0;
    const hang = () =>
      commits.run(() => {
        runs++;
        target.add('hung');
        return new Promise<never>(() => undefined);
      });
    const hung = [hang(), hang()].map(rejection);
    const others = [add('a'), add('b')];
    for (const error of await Promise.all(hung)) {
      expect(error.code).toBe('internal');
      expect(error.message).toContain('awaited something other than the store');
    }
    expect(await Promise.all(others)).toEqual(['a', 'b']);
    expect(target.committed).toEqual(['a', 'b']);
    expect(runs).toBe(2);
  });

  it('abandons a work that asks for a transaction of its own', async () => {
    const outer = commits.run(() => add('inner'));
    expect((await rejection(outer)).code).toBe('internal');
    await commits.drain();
    expect(target.committed).toEqual(['inner']);
  });

  it('takes on what is asked for while a batch is open, for the next one', async () => {
    let later: Promise<string> | undefined;
    await commits.run(async () => {
      later = add('later');
    });
    expect(target.committed).toEqual([]);
    expect(await later).toBe('later');
    expect(target.committed).toEqual(['later']);
  });

  it('commits the next batch while one is not durable, and tells each when it is', async () => {
    const told: string[] = [];
    const note = (value: string) => () => void told.push(value);
    let syncFirst: () => void = () => undefined;
    target.isDurable = new Promise((resolve) => (syncFirst = resolve));
    const first = add('a').then(note('a'));
    await expect.poll(() => target.committed).toEqual(['a']);
    target.isDurable = null;
    await add('b').then(note('b'));
    expect(told).toEqual(['b']);
    let isDrained = false;
    const drained = commits.drain().then(() => (isDrained = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, isDrained]).toEqual([['b'], false]);
    syncFirst();
    await Promise.all([first, drained]);
    expect(told).toEqual(['b', 'a']);
  });

  it('rejects a batch that will never be durable', async () => {
    const failure = new ErrandError('unavailable', 'the sync failed');
    target.isDurable = rejected(failure);
    const outcomes = await Promise.allSettled([add('a'), throwOnly('judged by what is not durable')]);
    expect(outcomes).toEqual([
      { status: 'rejected', reason: failure },
      { status: 'rejected', reason: failure },
    ]);
  });

  it('begins no batch before the target is ready, and rejects all while it cannot be', async () => {
    const failure = new ErrandError('unavailable', 'the disk is gone');
    let beReady: () => void = () => undefined;
    target.isReady = new Promise((resolve) => (beReady = resolve));
    const adding = [add('a')];
    await new Promise((resolve) => setImmediate(resolve));
    adding.push(add('b'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(target.calls).toEqual([]);
    target.isReady = null;
    beReady();
    await Promise.all(adding);
    expect(target.calls).toEqual(['begin', 'commit']);
    target.isReady = rejected(failure);
    expect(await rejection(add('c'))).toBe(failure);
    target.isReady = null;
    await add('d');
    expect(target.committed).toEqual(['a', 'b', 'd']);
  });

  it('tells many works of a slow disk in several turns, and begins no batch before all of them are told', async () => {
    let beDurable: () => void = () => undefined;
    target.isDurable = new Promise((resolve) => (beDurable = resolve));
    const told: string[] = [];
    const many = Array.from({ length: 35 }, (_, index) => add(`${index}`).then(() => told.push(`${index}`)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    let beReady: () => void = () => undefined;
    target.isReady = new Promise((resolve) => (beReady = resolve));
    const next = add('next');
    await new Promise((resolve) => setImmediate(resolve));
    target.isReady = target.isDurable = null;
    beDurable();
    beReady();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(35);
    expect(target.calls).toEqual(['begin', 'commit']);
    const toldBefore = next.then(() => told.length);
    await Promise.all(many);
    expect(told).toEqual(Array.from({ length: 35 }, (_, index) => `${index}`));
    expect(await toldBefore).toBe(35);
  });

  it('drains when nothing is left to do', async () => {
    await commits.drain();
    const added = [add('a'), add('b')];
    await commits.drain();
    expect(target.committed).toEqual(['a', 'b']);
    await Promise.all(added);
  });
});
