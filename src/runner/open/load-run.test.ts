import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../core/run/events.js';
import { RunLoader } from './load-run.js';

/** A log in memory that counts what is read of it. */
function open() {
  const events: RunEvent[] = [];
  const reads: number[] = [];
  const log = {
    list: async ({ afterSeq }: { readonly afterSeq: number }) => {
      const page = events.filter(({ seq }) => seq > afterSeq);
      if (page.length > 0) reads.push(page.length);
      return page;
    },
  };
  const append = (...bodies: RunEventBody[]): void => {
    for (const body of bodies) events.push({ seq: events.length + 1, at: 1_000 + events.length, ...body });
  };
  append({ kind: 'run.created', input: { n: 1 }, instruction: null });
  const loader = new RunLoader({ log } as never);
  const load = () => loader.load({ id: 'r', version: events.length });
  return { load, reads, events, append };
}

const completed = (nodeId: string, output: string): RunEventBody => ({
  kind: 'node.completed',
  nodeId,
  attempt: 1,
  output,
});

describe('RunLoader', () => {
  it('reads on from where it had read before, and tells all of it', async () => {
    const { load, reads, append } = open();
    append(completed('a', 'first'));
    await load();
    append(completed('b', 'second'));
    const loaded = await load();
    expect(reads).toEqual([2, 1]);
    expect(loaded).toMatchObject({ input: { n: 1 }, lastAt: 1_002 });
    expect([...loaded.outputs]).toEqual([
      ['a', 'first'],
      ['b', 'second'],
    ]);
  });

  it('hands out what the log tells, not what a driver has added to it', async () => {
    const { load } = open();
    const loaded = await load();
    (loaded.outputs as Map<string, string>).set('a', 'not committed');
    expect([...(await load()).outputs]).toEqual([]);
  });

  it('reads all of it again once the run was retried: at its end the log may have been rewritten', async () => {
    const { load, reads, events, append } = open();
    append(completed('a', 'secret'));
    await load();
    events[1] = { ...completed('a', 'masked'), seq: 2, at: 1_001 };
    append({ kind: 'run.retried', resumed: ['b'], reset: [] });
    expect([...(await load()).outputs]).toEqual([['a', 'masked']]);
    expect(reads).toEqual([2, 1, 3]);
  });

  it('tells since which attempt the steps of a node count', async () => {
    const { load, append } = open();
    const error = { kind: 'step_limit', message: 'too many' };
    append({ kind: 'node.retrying', nodeId: 'a', attempt: 1, error, until: 2_000, anew: true });
    expect((await load()).steps?.generationOf('a')).toBe(2);
  });

  it('does not keep what is long', async () => {
    const { load, reads, append } = open();
    append(completed('a', 'x'.repeat(3_000_000)));
    await load();
    await load();
    expect(reads).toEqual([2, 2]);
  });
});
