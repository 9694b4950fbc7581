import { describe, expect, it } from 'vitest';
import { code, RunUnderTest } from '../../../test/support/runs/run-under-test.js';
import { calls, ScriptedModels } from '../../../test/support/runs/scripted-models.js';
import type { Json } from '../../core/json.js';
import { applyEvent } from '../../core/run/apply-event.js';

const DRAWN = { list: '{{ $shuffle([1..9]) }}', id: '{{ $uuid() }}', at: '{{ $now() }}' };
const RETRY = { retry: { attempts: 3, initial: '10s' } };
const MINUTE = 60_000;

/** Fails until its third call, and keeps what it was given. */
function failing(seen: Json[], failures = 2) {
  return ({ input }: { readonly input: Json }): Json => {
    seen.push(input);
    if (seen.length <= failures) throw new Error('not yet');
    return input;
  };
}

/** Takes the run's end back, as the call that asks for a retry does. */
function retry(test: RunUnderTest, nodes: { readonly resumed: readonly string[]; readonly reset: readonly string[] }) {
  const event = { seq: test.run.version + 1, at: test.clock.now(), kind: 'run.retried', ...nodes } as const;
  test.log.push(event);
  test.run = applyEvent(test.run, event);
}

describe('what a node computes from chance and time', () => {
  it('is the same in every attempt at it', async () => {
    const seen: Json[] = [];
    const test = new RunUnderTest([code('a', failing(seen), { with: DRAWN, ...RETRY })]);
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    expect((await driving).status).toBe('completed');
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
  });

  it('is the same after a crash, whichever commit it comes with', async () => {
    for (const fates of [['kept', 'kept, then crash'], ['kept', 'lost'], ['kept, then crash']] as const) {
      const seen: Json[] = [];
      const test = new RunUnderTest([
        code('first', () => 1),
        code('a', failing(seen), { with: DRAWN, needs: ['first'], ...RETRY }),
      ]);
      test.commitFates = [...fates];
      const lost = test.drive();
      await test.clock.advance(MINUTE);
      await lost;
      test.clock.jumpTo(test.clock.now() + 5 * MINUTE);
      const driving = test.drive();
      await test.clock.advance(MINUTE);
      expect((await driving).status).toBe('completed');
      expect(seen.length).toBeGreaterThan(1);
      expect(new Set(seen.map((input) => JSON.stringify(input))).size).toBe(1);
    }
  });

  it('is its own for each node, each item and each run', async () => {
    const draw = { with: '{{ $uuid() }}' };
    const nodes = [
      code('a', ({ input }) => input, draw),
      code('b', ({ input }) => input, draw),
      { id: 'c', kind: 'map', over: [1, 2], do: { kind: 'code', run: ({ input }: { input: Json }) => input, ...draw } },
    ];
    const [one, other] = [new RunUnderTest(nodes), new RunUnderTest(nodes)];
    other.run = { ...other.run, id: '0197a000-0000-7000-8000-000000000002' };
    const drawn: unknown[] = [];
    for (const test of [one, other]) {
      await test.drive();
      drawn.push(...['a', 'b', 'c'].flatMap((id) => test.outputOf(id) as string | string[]));
    }
    expect(new Set(drawn).size).toBe(8);
  });

  it('is the same for a map’s list and its items in every attempt at the map', async () => {
    const seen = new Map<number, Json[]>();
    const work = ({ input }: { readonly input: Json }): Json => {
      const { item } = input as { readonly item: number };
      const given = [...(seen.get(item) ?? []), input];
      seen.set(item, given);
      if (given.length < 3) throw new Error('not yet');
      return item;
    };
    const test = new RunUnderTest([
      {
        id: 'each',
        kind: 'map',
        over: '{{ $shuffle([1..6]) }}',
        concurrency: 6,
        do: {
          kind: 'code',
          run: work,
          with: { item: '{{ item }}', id: '{{ $uuid() }}' },
          retry: { attempts: 2, initial: 0 },
        },
        retry: { attempts: 3, initial: '10s' },
      },
    ]);
    const driving = test.drive();
    await test.clock.advance(MINUTE);
    expect((await driving).status).toBe('completed');
    expect(seen.size).toBe(6);
    for (const given of seen.values()) expect(given).toEqual([given[0], given[0], given[0]]);
    expect(test.outputOf('each')).not.toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('stays as it was for a node that a retry goes on with, and is new for those that begin anew', async () => {
    const [seen, after]: Json[][] = [[], []];
    const test = new RunUnderTest([
      code('a', failing(seen ?? [], 1), { with: DRAWN }),
      code('b', failing(after ?? [], 0), { with: '{{ $uuid() }}', needs: ['a'] }),
    ]);
    const fail = test.drive();
    await test.clock.advance(MINUTE);
    expect((await fail).status).toBe('failed');
    retry(test, { resumed: ['a'], reset: ['b'] });
    await test.drive();
    retry(test, { resumed: [], reset: ['b'] });
    await test.clock.advance(1);
    await test.drive();
    expect(seen).toEqual([seen?.[0], seen?.[0]]);
    expect(after).toHaveLength(2);
    expect(after?.[0]).not.toEqual(after?.[1]);
  });

  it('is on disk before anybody sees it', async () => {
    let seen = 0;
    const test = new RunUnderTest([code('a', () => (seen += 1), { with: DRAWN })]);
    test.commitFates = ['lost'];
    await test.drive();
    expect(seen).toBe(0);
  });

  it('is a tool’s own in each call of it', async () => {
    const ids: string[] = [];
    const test = new RunUnderTest([
      {
        id: 'scout',
        kind: 'agent',
        goal: 'Find it',
        tools: [
          {
            name: 'read',
            description: 'Reads.',
            http: { url: 'http://127.0.0.1:1/{{ $uuid() }}' },
          },
        ],
      },
    ]);
    test.models = new ScriptedModels(calls(['read', {}], ['read', {}]), 'Done.');
    test.outbound = {
      fetch: async (url) => {
        ids.push(String(url));
        return new Response('ok');
      },
    };
    const driving = test.drive();
    await test.clock.advance(100);
    expect((await driving).status).toBe('completed');
    expect(new Set(ids).size).toBe(2);
  });
});
