import { beforeAll, describe, expect, it } from 'vitest';
import { chaos, type ChaosResult } from '../chaos/chaos.js';
import { check, type Evidence } from '../chaos/check.js';
import type { Acknowledgement, Execution } from '../chaos/journal.js';
import type { RunRecord } from '../chaos/records.js';

let result: ChaosResult;

beforeAll(async () => {
  // No server is ended and no run is cancelled: every run ends as its workflow must.
  const options = { kills: 0, seconds: 0, seed: 7, terms: 0, active: 20, orders: 18, cancels: 0, say: () => undefined };
  result = await chaos(options);
}, 120_000);

describe('the checker', () => {
  it('finds nothing in what nothing disturbed', () => {
    expect(result.verdict.violations).toEqual([]);
    expect(result.evidence.records.runs.size).toBeGreaterThanOrEqual(18);
  });

  const violations = (tampered: Partial<Evidence>): readonly string[] =>
    check({ ...result.evidence, ...tampered }).violations;

  /** The first of its kind in the journal. */
  function told<What extends Acknowledgement['what']>(what: What): Acknowledgement & { what: What } {
    const found = result.evidence.told.find((entry) => entry.what === what);
    if (found === undefined) throw new Error(`nothing of the kind ${what} was told`);
    return found as Acknowledgement & { what: What };
  }

  function changed(record: RunRecord): Partial<Evidence> {
    const { records } = result.evidence;
    return { records: { ...records, runs: new Map(records.runs).set(record.run, record) } };
  }

  /** One that a caller started: no child run. */
  function ordered(workflow: string): RunRecord {
    for (const run of result.evidence.records.runs.values())
      if (run.record.workflow_id === workflow && run.record.parent === null) return run;
    throw new Error(`no run of ${workflow} was ordered`);
  }

  function executionOf(run: string, node: string): Execution {
    const found = result.evidence.executions.findLast((line) => line.run === run && line.node === node);
    if (found === undefined) throw new Error(`${run} ${node} was not executed`);
    return found;
  }

  it('misses a run that is gone', () => {
    const runs = new Map(result.evidence.records.runs);
    const { run } = told('accepted');
    runs.delete(run);
    expect(violations({ records: { ...result.evidence.records, runs } }).join('\n')).toContain(`${run} (`);
  });

  it('sees a second run of one key, and a key that names another run', () => {
    const found = ordered('quick');
    const second = { ...found, run: 'second' };
    expect(violations(changed(second)).join('\n')).toContain('second is a second run of some key');
    const ofAnother = { ...told('accepted'), run: ordered('slow').run, key: 'another', sending: 1 };
    const again = { ...ofAnother, run: found.run, sending: 2 };
    expect(violations({ told: [...result.evidence.told, ofAnother, again] }).join('\n')).toContain('keys sent again');
  });

  it('sees an end that changed, a status and a progress that fell, and a run that is stuck', () => {
    const found = ordered('slow');
    const { seen, record } = found;
    const end = { ...seen, end: '{"status":"completed","output":"another"}' };
    expect(violations(changed({ ...found, seen: end })).join('\n')).toContain('ends seen have not changed');
    const nodes = seen.nodes.map((node) => ({ ...node, progress: 1 }));
    expect(violations(changed({ ...found, seen: { ...seen, nodes } })).join('\n')).toContain('progress and attempts');
    const back = { ...seen, status: 'running', terminal: false };
    expect(violations(changed({ ...found, seen: back })).join('\n')).toContain('versions and statuses');
    const stuck = { ...record, status: 'running' as const, terminal: false };
    expect(violations(changed({ ...found, record: stuck })).join('\n')).toContain('is stuck: running');
  });

  it('sees a log that was rewritten', () => {
    const found = ordered('slow');
    const log = found.log.map((event, index) => (index === 1 ? { ...event, data: { another: true } } : event));
    expect(violations(changed({ ...found, log })).join('\n')).toContain('its first');
  });

  it('sees an answer and a cancel that were forgotten', () => {
    const answered = result.evidence.records.runs.get(told('answered').run);
    if (answered === undefined) throw new Error('the run that was answered is gone');
    const log = answered.log.filter((event) => event.kind !== 'node.answered');
    expect(violations(changed({ ...answered, log })).join('\n')).toContain('answers acknowledged are kept');
    const { run } = ordered('quick');
    const entry: Acknowledgement = { what: 'cancelled', at: 0, run };
    expect(violations({ told: [...result.evidence.told, entry] })).toEqual([
      `cancels acknowledged are kept: ${run} is completed`,
    ]);
  });

  it('sees a finished node that ran again, and one that ran after what depends on it', () => {
    const { run } = ordered('quick');
    const again = { ...executionOf(run, 'a'), what: 'start' as const, at: executionOf(run, 'b').at };
    expect(violations({ executions: [...result.evidence.executions, again] }).join('\n')).toContain(`${run} a`);
    const other = { ...again, at: 0, key: 'another' };
    expect(violations({ executions: [...result.evidence.executions, other] }).join('\n')).toContain('idempotency key');
  });

  it('sees an outcome that nothing came to, and a dependant that was given another', () => {
    const { run } = ordered('quick');
    const end = executionOf(run, 'a');
    const without = result.evidence.executions.filter((line) => line !== end);
    expect(violations({ executions: without }).join('\n')).toContain('outcomes recorded were made');
    const misled = { ...executionOf(run, 'b'), from: { a: 'another' } };
    expect(violations({ executions: [...without, end, { ...misled, what: 'start' }] }).join('\n')).toContain(
      'was given "another"',
    );
  });

  it('sees a movement that is missing, doubled or of another amount', () => {
    const { records } = result.evidence;
    const [first, ...rest] = records.movements;
    if (first === undefined) throw new Error('no credits were moved');
    for (const movements of [
      rest,
      [first, ...records.movements],
      [{ ...first, used_delta: first.used_delta + 1 }, ...rest],
    ])
      expect(violations({ records: { ...records, movements } }).join('\n')).toContain('reserved for once');
    const credits = { ...records.credits, reserved: 1 };
    expect(violations({ records: { ...records, credits } }).join('\n')).toContain('balances are the sum');
  });
});
