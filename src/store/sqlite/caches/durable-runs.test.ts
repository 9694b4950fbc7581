import { beforeEach, describe, expect, it } from 'vitest';
import type { Run } from '../../../core/run/run.js';
import { makeRun } from '../../../testing/store-suite/fixtures.js';
import { DurableRuns } from './durable-runs.js';

const runAt = (version: number): Run => ({ ...makeRun({ organizationId: 'o' }), id: 'a', version });

describe('DurableRuns', () => {
  let runs: DurableRuns;
  beforeEach(() => {
    runs = new DurableRuns();
  });

  const commit = (batch: number | null, before: Run | null, ...changes: readonly Run[]): void => {
    for (const run of changes) runs.note(run, before);
    runs.committed(batch);
  };

  it('knows of nothing that is durable as soon as it is committed', () => {
    commit(null, null, runAt(1));
    expect([runs.get('a'), runs.has('a')]).toEqual([undefined, false]);
  });

  it('gives the record of before, or none, until the batch is durable', () => {
    commit(1, null, runAt(1));
    expect(runs.get('a')).toBeNull();
    runs.durable(1);
    expect(runs.get('a')).toBeUndefined();
    commit(2, runAt(1), runAt(2));
    expect(runs.get('a')?.version).toBe(1);
  });

  it('goes on batch by batch when several are not durable', () => {
    commit(1, runAt(1), runAt(2));
    commit(2, null, runAt(3), runAt(4));
    commit(3, null, runAt(5));
    expect(runs.get('a')?.version).toBe(1);
    runs.durable(2);
    expect(runs.get('a')?.version).toBe(4);
    runs.durable(3);
    expect(runs.has('a')).toBe(false);
  });

  it('forgets what is rolled back, wholly or to the savepoint', () => {
    runs.note(runAt(1), null);
    runs.undo('all');
    runs.committed(1);
    expect(runs.has('a')).toBe(false);
    runs.note(runAt(2), runAt(1));
    runs.markSavepoint();
    runs.note(runAt(3), runAt(1));
    runs.undo('to savepoint');
    runs.committed(2);
    expect(runs.get('a')?.version).toBe(1);
    runs.durable(2);
    expect(runs.has('a')).toBe(false);
  });

  it('knows of nothing any more when the file was read anew', () => {
    commit(1, runAt(1), runAt(2));
    runs.reload();
    expect(runs.has('a')).toBe(false);
    runs.durable(1);
    expect(runs.has('a')).toBe(false);
  });
});
