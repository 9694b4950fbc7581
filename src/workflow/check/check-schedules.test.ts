import { describe, expect, it } from 'vitest';
import { nodeKinds } from '../../nodes/registry.js';
import { checkDefinition } from './check-definition.js';

const BASE = {
  id: 'report',
  name: 'Report',
  description: 'Reports.',
  input: {
    type: 'object',
    required: ['of'],
    properties: { of: { type: 'string' }, n: { type: 'integer', default: 1 } },
  },
  nodes: [{ id: 'say', kind: 'transform', with: '{{ input.of }}' }],
};
const GOOD = { name: 'Mondays', cron: '0 9 * * MON', input: { of: 'x' } };

const faultsOf = (schedules: unknown): string[] =>
  checkDefinition({ definition: { ...BASE, schedules }, kinds: nodeKinds }).map(
    ({ path, message }) => `${path}: ${message}`,
  );

describe('schedules in a workflow file', () => {
  it('are taken with every field, and with the least', () => {
    const all = {
      ...GOOD,
      timezone: 'Europe/Berlin',
      enabled: false,
      overlap: 'queue',
      catch_up: 'all',
      jitter_seconds: 30,
      starts_at: '2027-01-01T00:00:00Z',
      ends_at: '2027-02-01T00:00:00Z',
      organization: 'acme',
    };
    expect(faultsOf([all, { cron: '@daily', input: { of: 'x' } }])).toEqual([]);
  });

  it.each([
    ['soon', 'schedules: must be a list'],
    [['soon'], 'schedules[0]: a schedule must be an object'],
    [[{ ...GOOD, cron: undefined }], 'schedules[0]: the required field "cron" is missing'],
    [[{ ...GOOD, cron: '61 * * * *' }], 'schedules[0].cron: must be five fields'],
    [[{ ...GOOD, timezone: 'Mars/Olympus' }], 'schedules[0].timezone: must be a name'],
    [[{ ...GOOD, catchup: 'all' }], 'schedules[0].catchup: unknown field "catchup"; did you mean "catch_up"?'],
    [[{ ...GOOD, overlap: 'maybe' }], 'schedules[0].overlap: must be'],
    [[{ ...GOOD, jitter_seconds: -1 }], 'schedules[0].jitter_seconds: must be a number from 0'],
    [[{ ...GOOD, starts_at: 'tomorrow' }], 'schedules[0].starts_at: must be an RFC 3339 time'],
    [
      [{ ...GOOD, starts_at: '2027-02-01T00:00:00Z', ends_at: '2027-01-01T00:00:00Z' }],
      'schedules[0].ends_at: must be after',
    ],
    [[{ ...GOOD, input: { of: 7 } }], "schedules[0].input.of: does not fit the workflow's input"],
    [[{ cron: '@daily' }], "schedules[0].input.of: does not fit the workflow's input: the required"],
    [[GOOD, GOOD], 'schedules[1].name: schedules[0] has this name already'],
    [[{ ...GOOD, name: 'x'.repeat(101) }], 'schedules[0].name: must have at most 100 characters'],
  ])('%j has a fault with its place', (schedules, fault) => {
    const faults = faultsOf(JSON.parse(JSON.stringify(schedules)));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
