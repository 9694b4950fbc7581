import { describe, expect, it } from 'vitest';
import type { EmittedEvent } from '../../core/handlers/node-kind.js';
import { createNodeContext } from '../../testing/node-context.js';
import { checkDefinition } from '../../workflow/check/check-definition.js';
import { nodeKinds } from '../registry.js';
import { emitKind } from './emit.js';
import { eventKind } from './event.js';

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

describe('an event node', () => {
  const wait = (fields: { [name: string]: string | number | boolean }): Promise<unknown> =>
    eventKind.execute(createNodeContext({ fields, now: NOW }).context);

  it('waits for a name and a key, whatever the type of the key', async () => {
    const event = { name: 'paid', key: '7', since: 0 };
    expect(await wait({ name: 'paid', match: 7 })).toMatchObject({ wait: { for: 'event', until: null, event } });
    expect(await wait({ name: 'paid', match: '7' })).toMatchObject({ wait: { event } });
    expect(await wait({ name: 'paid' })).toMatchObject({ wait: { event: { ...event, key: '' } } });
  });

  it('looks back so far, and waits until its deadline for its default', async () => {
    const fields = { name: 'paid', look_back: '10m', deadline: '2h', default: false };
    expect(await wait(fields)).toMatchObject({
      wait: { until: NOW + 7_200_000, event: { since: NOW - 600_000, default: false } },
    });
  });

  it('fails for what is no time, and for a key that is too long, without another try', async () => {
    for (const fields of [{ look_back: 'a while' }, { deadline: 'soon' }, { match: 'x'.repeat(501) }]) {
      const given = { name: 'paid', ...(fields as { [name: string]: string }) };
      await expect(wait(given)).rejects.toMatchObject({ kind: 'invalid_config', retryable: false });
    }
  });

  it('is checked when it is loaded', () => {
    expect(
      check(
        { kind: 'event', name: 'paid', deadline: 'soon', look_back: 'a while' },
        { kind: 'event', name: 'paid', default: 1 },
        { kind: 'event' },
        { kind: 'emit', name: 'paid', keep_for: 'long' },
      ),
    ).toEqual([
      'nodes[0].deadline: must be a duration such as 10m, 2h or 3d, or an RFC 3339 time such as 2026-12-24T18:00:00Z',
      'nodes[0].look_back: must be a duration such as 10m, 2h or 3d, or a number of milliseconds',
      'nodes[1].default: is taken when the deadline has passed, and there is no "deadline"',
      'nodes[2]: the required field "name" is missing',
      'nodes[3].keep_for: must be a duration such as 10m, 2h or 3d, or a number of milliseconds',
    ]);
  });
});

it('an emit node sends its input', async () => {
  const sent: EmittedEvent[] = [];
  const { context } = createNodeContext({
    input: { total: 1 },
    fields: { name: 'paid', key: 7, keep_for: '1d' },
    emit: async (event) => {
      sent.push(event);
      return { eventId: 'e1' };
    },
  });
  expect(await emitKind.execute(context)).toEqual({ event_id: 'e1' });
  expect(sent).toEqual([{ name: 'paid', key: '7', data: { total: 1 }, keepForMs: 86_400_000 }]);
});
