import { describe, expect, it } from 'vitest';
import { createNodeContext } from '../testing/node-context.js';
import { checkDefinition } from '../workflow/check/check-definition.js';
import { askKind } from './ask.js';
import { nodeKinds } from './registry.js';
import { waitKind } from './wait.js';
import { workflowKind } from './workflow.js';

const NOW = Date.UTC(2026, 11, 24, 12);

function check(...nodes: object[]): string[] {
  const definition = {
    id: 'w',
    name: 'W',
    description: 'w',
    nodes: nodes.map((node, n) => ({ id: `n${n}`, ...node })),
  };
  return checkDefinition({ definition, kinds: nodeKinds }).map(({ path, message }) => `${path}: ${message}`);
}

describe('a wait node', () => {
  const wait = (fields: { [name: string]: string | number }): Promise<unknown> =>
    waitKind.execute(createNodeContext({ fields, now: NOW }).context);

  it('waits for a duration or until a moment', async () => {
    expect(await wait({ for: '90m' })).toMatchObject({ wait: { for: 'time', until: NOW + 5_400_000 } });
    expect(await wait({ for: 250 })).toMatchObject({ wait: { for: 'time', until: NOW + 250 } });
    expect(await wait({ until: '2026-12-24T19:00:00+01:00' })).toMatchObject({ wait: { until: NOW + 6 * 3_600_000 } });
  });

  it('does not wait when the moment is past', async () => {
    expect(await wait({ until: NOW - 1 })).toEqual({ until: '2026-12-24T11:59:59.999Z' });
    expect(await wait({ for: 0 })).toEqual({ until: '2026-12-24T12:00:00.000Z' });
  });

  it('fails for what is no time, without another try', async () => {
    for (const fields of [{ for: 'a while' }, { until: '2026-12-24' }, { for: 1e16 }]) {
      await expect(wait(fields)).rejects.toMatchObject({ kind: 'invalid_config', retryable: false });
    }
  });

  it('is checked when it is loaded', () => {
    expect(
      check(
        { kind: 'wait', for: '3 weeks' },
        { kind: 'wait' },
        { kind: 'wait', for: '1s', until: '{{ input.at }}' },
        { kind: 'wait', until: 'noon', timeout: '1s' },
        { kind: 'wait', for: '{{ input.long }}' },
      ),
    ).toEqual([
      'nodes[0].for: must be a duration such as 500ms, 10s, 5m, 2h or 1d, or a number of milliseconds',
      'nodes[1]: a wait has either "for" or "until"',
      'nodes[2].until: a wait has either "for" or "until"',
      'nodes[3].timeout: a wait has an end of its own',
      'nodes[3].until: must be an RFC 3339 time such as 2026-12-24T18:00:00Z, or a number of milliseconds since 1970',
    ]);
  });
});

describe('an ask node', () => {
  it('asks, with what an answer must fit and what is taken without one', async () => {
    const schema = { type: 'boolean' };
    const fields = { question: 'Ship it?', answer: schema, deadline: '2h', default: false };
    expect(await askKind.execute(createNodeContext({ fields, now: NOW }).context)).toMatchObject({
      wait: { for: 'answer', until: NOW + 7_200_000, question: { message: 'Ship it?', schema, default: false } },
    });
  });

  it('fails for a deadline that no date can tell, without another try', async () => {
    for (const deadline of [1e16, '100000000d', 8.64e15 - NOW, 'soon']) {
      const fields = { question: 'Ship it?', answer: {}, deadline };
      await expect(askKind.execute(createNodeContext({ fields, now: NOW }).context)).rejects.toMatchObject({
        kind: 'invalid_config',
        retryable: false,
      });
    }
  });

  it('waits without end when it has no deadline', async () => {
    const fields = { question: 'Ship it?', answer: {} };
    const { wait } = (await askKind.execute(createNodeContext({ fields }).context)) as { wait: object };
    expect(wait).toEqual({ for: 'answer', until: null, question: { message: 'Ship it?', schema: {} } });
  });

  it('is checked when it is loaded', () => {
    const ask = { kind: 'ask', question: 'Which?', answer: { enum: ['a', 'b'] } };
    expect(
      check(
        { ...ask, answer: { type: 'strin' }, deadline: 'soon' },
        { ...ask, default: 'a' },
        { ...ask, deadline: '{{ input.until }}', default: 'c' },
        { ...ask, deadline: '1d', default: '{{ input.otherwise }}' },
        { kind: 'ask', question: '{{ nodes.n9.output }}' },
      ),
    ).toEqual([
      expect.stringMatching(/^nodes\[0\]\.answer\.type: not a valid JSON Schema/),
      'nodes[0].deadline: must be a duration such as 10m, 2h or 3d, or an RFC 3339 time such as 2026-12-24T18:00:00Z',
      'nodes[1].default: is taken when the deadline has passed, and there is no "deadline"',
      'nodes[2].default: must be one of "a", "b", but is "c"',
      'nodes[4].question: reads the node "n9", which does not exist',
      'nodes[4]: the required field "answer" is missing',
    ]);
  });
});

describe('a workflow node', () => {
  it('starts a run of the workflow with its input, and waits for it', async () => {
    const started: unknown[] = [];
    const { context } = createNodeContext({
      input: { email: 'ada@example.com' },
      fields: { workflow: 'enrich_contact', version: 3 },
      startRun: async (options) => {
        started.push(options);
        return { runId: 'r2' };
      },
    });
    expect(await workflowKind.execute(context)).toMatchObject({ wait: { for: 'run', until: null, runId: 'r2' } });
    expect(started).toEqual([{ workflowId: 'enrich_contact', version: 3, input: { email: 'ada@example.com' } }]);
  });

  it('can stand inside a map, as all that waits can', () => {
    const each = (inner: object): object => ({ kind: 'map', over: [1], do: inner });
    expect(check(each({ kind: 'workflow', workflow: 'w' }), each({ kind: 'wait', for: '1s' }))).toEqual([]);
    expect(check(each({ kind: 'workflow' }))).toEqual([expect.stringContaining('"workflow"')]);
  });
});
