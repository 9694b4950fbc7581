import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedNotifier } from '../../../engine/embedded/embedded-notifier.js';
import { applyEvent } from '../../../core/run/apply-event.js';
import type { RunEvent } from '../../../core/run/events.js';
import type { Usage } from '../../../core/models/models.js';
import type { Run } from '../../../core/run/run.js';
import { FIRST_EPOCH } from '../../../core/ports/store/run-store.js';
import type { Store } from '../../../core/ports/store/store.js';
import { openSqliteStore } from '../../../store/sqlite/sqlite-store.js';
import { AT, insertOrganization, insertRun, MONTH, newId } from '../../../testing/store-suite/fixtures.js';
import { createRunRecorder } from './record-run.js';

let store: Store;
beforeAll(async () => {
  store = await openSqliteStore({ path: ':memory:' });
});
afterAll(() => store.close());

const CALL: Usage = {
  calls: 1,
  inputTokens: 1_000,
  cachedInputTokens: 200,
  outputTokens: 100,
  costMicros: 1_500,
  unpricedCalls: 0,
};

function callOf(model: string, seq: number, at = AT): RunEvent {
  const outcome = { status: 'completed', output: {} } as const;
  return {
    kind: 'step.completed',
    nodeId: 'crawl',
    key: `crawl~1:model:${seq}`,
    outcome,
    usage: { ...CALL, model },
    seq,
    at,
  };
}

function lostCallOf(model: string, seq: number): RunEvent {
  return { kind: 'node.usage', nodeId: 'crawl', step: 'call 1', usage: { ...CALL, model }, seq, at: AT };
}

const epoch = FIRST_EPOCH;
const recorderOf = (of: Store) =>
  createRunRecorder({ store: of, notifier: new EmbeddedNotifier(), newId, billingDays: { of: async () => 1 } });

async function newRun(): Promise<Run> {
  return insertRun(store, { organizationId: await insertOrganization(store), creditsReserved: 0 });
}

const usageOf = (organizationId: string, month = MONTH) => store.models.listUsage({ organizationId, month });

describe('what models have used', () => {
  it('is counted once for a commit that is tried again after it had gone through', async () => {
    const before = await newRun();
    const events = [callOf('openai/a', 2), callOf('openai/b', 3), callOf('openai/a', 4)];
    const run = events.reduce(applyEvent, before);
    await recorderOf(store).record({ run, events, epoch });
    await recorderOf(store).record({ run, events, epoch });
    expect(await usageOf(run.organizationId)).toEqual([
      {
        model: 'openai/a',
        usage: { ...CALL, calls: 2, inputTokens: 2_000, cachedInputTokens: 400, outputTokens: 200, costMicros: 3_000 },
      },
      { model: 'openai/b', usage: CALL },
    ]);
  });

  it('is counted of calls that were answered and of those that were not', async () => {
    const before = await newRun();
    const events = [lostCallOf('openai/a', 2), callOf('openai/b', 3)];
    const run = events.reduce(applyEvent, before);
    await recorderOf(store).record({ run, events, epoch });
    expect(await usageOf(run.organizationId)).toEqual([
      { model: 'openai/a', usage: CALL },
      { model: 'openai/b', usage: CALL },
    ]);
    expect(run.nodes.find(({ id }) => id === 'crawl')?.usage).toMatchObject({ calls: 2, costMicros: 3_000 });
  });

  it('is not counted when the commit does not go through', async () => {
    const before = await newRun();
    const events = [callOf('openai/a', 2)];
    const run = events.reduce(applyEvent, before);
    await store.runs.beginDrive({ organizationId: run.organizationId, runId: run.id });
    expect(await recorderOf(store).record({ run, events, epoch })).toBe('superseded');
    expect(await usageOf(run.organizationId)).toEqual([]);
  });

  it('counts in the month of each call', async () => {
    const before = await newRun();
    const events = [callOf('openai/a', 2), callOf('openai/a', 3, Date.UTC(2026, 11, 1))];
    await recorderOf(store).record({ run: events.reduce(applyEvent, before), events, epoch });
    expect(await usageOf(before.organizationId)).toEqual([{ model: 'openai/a', usage: CALL }]);
    expect(await usageOf(before.organizationId, '2026-12')).toEqual([{ model: 'openai/a', usage: CALL }]);
  });
});
