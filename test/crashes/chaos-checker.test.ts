import { beforeAll, describe, expect, it } from 'vitest';
import { chaos, type ChaosResult } from '../../chaos/chaos.js';
import { check, type Evidence } from '../../chaos/checks/check.js';
import { completedItem } from '../../chaos/checks/stretches.js';
import type { ApiEvent, ApiRun } from '../../src/api/api-types.js';
import type { Acknowledgement, Execution } from '../../chaos/journal.js';
import type { RunRecord } from '../../chaos/records.js';

let result: ChaosResult;

beforeAll(async () => {
  // No server is ended, and nothing is cancelled, retried or rerun by chance: every run ends as its workflow must, and
  // one of each workflow gets the second chance that is its first.
  const calm = { kills: 0, seconds: 0, terms: 0, cancels: 0, chances: 0 };
  const options = { ...calm, seed: 7, active: 20, orders: 18, patienceMs: 2_000, say: () => undefined };
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

  function findRecord(workflow: string, what: string, fits: (record: ApiRun) => boolean): RunRecord {
    for (const run of result.evidence.records.runs.values())
      if (run.record.workflow_id === workflow && fits(run.record)) return run;
    throw new Error(`no run of ${workflow} was ${what}`);
  }

  /** One that a caller started: no child run, and no rerun. */
  const ordered = (workflow: string): RunRecord =>
    findRecord(workflow, 'ordered', ({ parent, rerun_of }) => parent === null && rerun_of === null);

  const retried = (workflow: string): RunRecord => findRecord(workflow, 'retried', ({ retries }) => retries === 1);

  /** One that begins at a node. */
  const resumed = (workflow: string): RunRecord =>
    findRecord(workflow, 'rerun from a node', ({ rerun_of }) => typeof rerun_of?.from_node === 'string');

  /** With another event instead of each of a kind. */
  function rewritten(record: RunRecord, kind: string, rewrite: (event: ApiEvent) => ApiEvent): Partial<Evidence> {
    return changed({ ...record, log: record.log.map((event) => (event.kind === kind ? rewrite(event) : event)) });
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
    const { run, log: whole } = ordered('quick');
    const entry: Acknowledgement = { what: 'cancelled', at: 0, run, version: whole.length };
    expect(violations({ told: [...result.evidence.told, entry] })).toEqual([
      expect.stringContaining('cancels acknowledged are kept'),
    ]);
    const forgotten = rewritten(retried('halted'), 'run.cancelled', (event) => ({ ...event, kind: 'run.failed' }));
    expect(violations(forgotten).join('\n')).toContain('cancels acknowledged are kept');
  });

  it('sees a finished node that ran again, and one that ran after what depends on it', () => {
    const { run } = ordered('quick');
    const again = { ...executionOf(run, 'a'), what: 'start' as const, at: executionOf(run, 'b').at };
    expect(violations({ executions: [...result.evidence.executions, again] }).join('\n')).toContain(`${run} a`);
    const other = { ...again, at: 0, key: 'another' };
    expect(violations({ executions: [...result.evidence.executions, other] }).join('\n')).toContain('idempotency key');
  });

  it('lets two processes be at the same work for as long as it is told, and no longer', () => {
    const { run } = ordered('quick');
    const late = { ...executionOf(run, 'a'), what: 'start' as const, at: executionOf(run, 'b').at + 1_000 };
    const executions = [...result.evidence.executions, late];
    expect(violations({ executions, overlap: 60_000_000 })).toEqual([]);
    expect(violations({ executions, overlap: 500 }).join('\n')).toContain(`${run} a`);
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

  it('sees an ended run that went on though nobody had sent a retry of it', () => {
    const { run } = retried('mend');
    const unsent = result.evidence.told.filter((entry) => entry.what !== 'retrying' || entry.run !== run);
    expect(violations({ told: unsent }).join('\n')).toContain(`${run} was taken up again`);
    const ofAnotherEnd = result.evidence.told.map((entry) =>
      entry.what === 'retrying' && entry.run === run ? { ...entry, version: entry.version - 1 } : entry,
    );
    expect(violations({ told: ofAnotherEnd }).join('\n')).toContain(`${run} was taken up again`);
  });

  it('sees an end that changed though a retry that was sent did not take effect', () => {
    const { run, seen, log } = ordered('quick');
    const { at } = seen;
    const entries: Acknowledgement[] = [
      { ...seen, sent: at, at: at + 1 },
      { what: 'retrying', at: at + 2, run, version: log.length, calls: 1 },
      { ...seen, sent: at + 3, at: at + 4, end: '{"status":"failed"}', status: 'failed' },
    ];
    expect(violations({ told: [...result.evidence.told, ...entries] }).join('\n')).toContain(
      'ends seen have not changed',
    );
  });

  it('sees a retry that was forgotten, and two that were taken at once', () => {
    const entry = told('retried');
    const record = result.evidence.records.runs.get(entry.run);
    if (record === undefined) throw new Error('the run that was retried is gone');
    const log = record.log.slice(0, entry.version - 1);
    expect(violations(changed({ ...record, log })).join('\n')).toContain('retries acknowledged are kept');
    expect(violations({ told: [...result.evidence.told, entry] })).toEqual([
      `of retries at once one is taken: ${entry.run} at ${entry.version}: 2 were`,
    ]);
    const at = retried('halted').run;
    expect(result.evidence.told.find(({ what, run }) => what === 'retrying' && run === at)).toMatchObject({ calls: 2 });
  });

  it('sees a retry that takes up too much, and one that takes up too little', () => {
    const found = retried('heal');
    for (const data of [
      { resumed: ['bad'], reset: ['end', 'good'] },
      { resumed: ['bad'], reset: [] },
    ])
      expect(violations(rewritten(found, 'run.retried', (event) => ({ ...event, data }))).join('\n')).toContain(
        'retries took up what had failed and what depends on it',
      );
  });

  it('sees a node, and an item, that had completed before a retry and ran again after it', () => {
    const found = retried('mend');
    const { run, log } = found;
    const { at } = executionOf(run, 'last');
    const again = { ...executionOf(run, 'first'), what: 'start' as const, at };
    const what = 'nothing ran that stood at a retry';
    expect(violations({ executions: [...result.evidence.executions, again] }).join('\n')).toContain(what);
    const retry = log.findIndex(({ kind }) => kind === 'run.retried');
    const index = (event: ApiEvent): number | null =>
      event.kind === 'step.completed' ? completedItem(event.data) : null;
    // None may have come so far before another failed.
    const done = log.find((event) => index(event) !== null)!;
    const before = [...log.slice(0, retry), ...(log.indexOf(done) < retry ? [] : [done])];
    const after = log.slice(retry).filter((event) => event !== done);
    const { executions } = result.evidence;
    const ofItem = executions.find((line) => line.run === run && line.node === 'each' && line.item === index(done));
    if (ofItem === undefined) throw new Error(`${run} has no execution of ${JSON.stringify(done)}`);
    const tampered = {
      ...changed({ ...found, log: [...before, ...after] }),
      executions: [...executions, { ...ofItem, at }],
    };
    expect(violations(tampered).join('\n')).toContain(what);
  });

  it('sees a retried run that came to another end than it must', () => {
    const found = retried('mend');
    const failed = { ...found.log.at(-1), kind: 'run.failed' } as ApiEvent;
    const log = [...found.log.slice(0, -1), failed];
    expect(violations(changed({ ...found, log })).join('\n')).toContain('ended as their workflow must');
    const uncounted = { ...found.record, retries: 0 };
    expect(violations(changed({ ...found, record: uncounted })).join('\n')).toContain('what their logs end with');
  });

  it('lets a run fail as crashed where servers were killed as often as it says', () => {
    const found = ordered('quick');
    const message = 'The server died 2 times while this was at work. Find out what ends it before you retry the run';
    const data = { error: { kind: 'crashed', message } };
    const tampered = rewritten(found, 'run.completed', (event) => ({ ...event, kind: 'run.failed', data }));
    const { at } = result.evidence.told.find((entry) => entry.what === 'accepted' && entry.run === found.run)!;
    const what = 'ended as their workflow must';
    expect(violations({ ...tampered, kills: [at, at] }).join('\n')).not.toContain(what);
    expect(violations({ ...tampered, kills: [at, at - 1] }).join('\n')).toContain(what);
  });

  it('sees a rerun of another run, from another node, or with another input', () => {
    const found = resumed('flaky');
    const { rerun_of } = found.record;
    for (const other of [null, { ...rerun_of, run_id: 'run_another' }, { ...rerun_of, from_node: 'another' }]) {
      const record = { ...found.record, rerun_of: other } as ApiRun;
      expect(violations(changed({ ...found, record })).join('\n')).toContain('reruns of what they were ordered as');
    }
    const data = { input: { ms: -1 }, instruction: null };
    expect(violations(rewritten(found, 'run.created', (event) => ({ ...event, data }))).join('\n')).toContain(
      'the input that they were ordered with',
    );
  });

  it('sees a run from a node on that took over something else, or ran what it had taken over', () => {
    const found = resumed('partial');
    const taken = found.log.filter(({ kind }) => kind === 'node.completed' || kind === 'node.failed').slice(0, 2);
    expect(taken.map(({ node_id }) => node_id)).toEqual(['good', 'bad']);
    const data = { output: { token: 'another' }, attempt: 1 };
    const log = found.log.map((event) => (event === taken[0] ? { ...event, data } : event));
    const what = 'have the outcomes of the earlier run';
    expect(violations(changed({ ...found, log })).join('\n')).toContain(what);
    const without = found.log.filter((event) => event !== taken[1]);
    expect(violations(changed({ ...found, log: without })).join('\n')).toContain(what);
    const { executions } = result.evidence;
    const ran = { ...executionOf(found.run, 'end'), what: 'start' as const, node: 'good' };
    expect(violations({ executions: [...executions, ran] }).join('\n')).toContain('or was taken over');
  });

  it('sees a child run too many', () => {
    const child = findRecord('parent', 'ordered', ({ rerun_of }) => rerun_of === null).record.nodes[1]?.child_run_id;
    const record = result.evidence.records.runs.get((child ?? '').replace('run_', ''));
    if (record === undefined) throw new Error('no child run was started');
    const second = { ...record, run: 'second', record: { ...record.record, run_id: 'run_second' } };
    expect(violations(changed(second)).join('\n')).toContain('nodes started one child run');
  });

  it('sees a retried run whose credits were not reserved or settled anew', () => {
    const { run } = retried('heal');
    const { records } = result.evidence;
    const own = records.movements.filter(({ run_id }) => run_id === `run_${run}`);
    expect(own.toReversed().map(({ reserved_delta, used_delta }) => [reserved_delta, used_delta])).toEqual([
      [4, 0],
      [-4, 2],
      [2, 0],
      [-2, 2],
    ]);
    for (const one of own) {
      const movements = records.movements.filter((movement) => movement !== one);
      expect(violations({ records: { ...records, movements } }).join('\n')).toContain(`${run} (heal, completed)`);
    }
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

  it('sees that a shared budget was exceeded, and a run that it should not have covered', () => {
    const found = ordered('shares');
    const { nodes } = found.record;
    const third = (changes: object) =>
      changed({
        ...found,
        record: { ...found.record, nodes: nodes.map((node) => (node.id === 'three' ? { ...node, ...changes } : node)) },
      });
    for (const changes of [{ child_run_id: 'run_x' }, { error: { kind: 'error', message: 'another' } }])
      expect(violations(third(changes)).join('\n')).toContain('shared budgets are not exceeded');
    const { records } = result.evidence;
    const more = records.movements.map((row) =>
      row.run_id === `run_${found.run}` && row.kind === 'settle' ? { ...row, used_delta: row.used_delta + 1 } : row,
    );
    expect(violations({ records: { ...records, movements: more } }).join('\n')).toContain('shared budgets');
  });

  it('sees a retry that failed, for want of shared credits too, unless a run is there that its node does not know of', () => {
    const found = retried('mend');
    const failed = found.log.map((event) =>
      event.kind === 'run.completed'
        ? { ...event, kind: 'run.failed' as const, data: { error: { kind: 'budget_exceeded', message: 'x' } } }
        : event,
    );
    const wanting = failed.map((event, index) => {
      const isLast =
        event.kind === 'node.completed' && index === failed.findLastIndex(({ kind }) => kind === event.kind);
      return isLast ? { ...event, kind: 'node.failed' as const, data: { error: { kind: 'budget_exceeded' } } } : event;
    });
    const said = `${found.run} (mend), retried 1 times, was failed`;
    for (const log of [failed, wanting]) expect(violations(changed({ ...found, log })).join('\n')).toContain(said);
    const node = wanting.findLast(({ kind }) => kind === 'node.failed')?.node_id ?? '';
    const child = ordered('quick');
    const unknown = {
      ...child,
      run: 'unknown',
      record: { ...child.record, run_id: 'run_unknown', parent: { run_id: found.record.run_id, node_id: node } },
    };
    const runs = new Map(result.evidence.records.runs)
      .set(found.run, { ...found, log: wanting })
      .set('unknown', unknown);
    expect(violations({ records: { ...result.evidence.records, runs } }).join('\n')).not.toContain(said);
  });

  it('misses top-ups and bulk jobs, and sees those that nobody asked for', () => {
    const { records } = result.evidence;
    const [row] = records.movements;
    if (row === undefined) throw new Error('no credits were moved');
    const asked = { path: '', busy: false, isAcknowledged: true, jobId: 'job' };
    const topUp = { ...asked, kind: 'top_up' as const, key: 'other-1', body: { credits: 5 } };
    const made = { ...row, kind: 'top_up' as const, run_id: null, reserved_delta: 0, used_delta: 0 };
    const inLedger = { ...made, topped_up_delta: 5, idempotency_key: 'other-1' };
    const withTopUps = (...rows: (typeof inLedger)[]): Partial<Evidence> => ({
      others: [topUp],
      records: { ...records, movements: [...rows, ...records.movements] },
    });
    expect(violations(withTopUps(inLedger))).toEqual([]);
    for (const rows of [[], [inLedger, inLedger], [{ ...inLedger, topped_up_delta: 6 }]])
      expect(violations(withTopUps(...rows)).join('\n')).toContain('top-ups acknowledged');
    const stray = { ...inLedger, idempotency_key: 'other-2' };
    expect(violations(withTopUps(inLedger, stray)).join('\n')).toContain('top-ups there were asked for');
    const job = { ...asked, kind: 'bulk_job' as const, key: 'other-3', body: {} };
    expect(violations({ others: [job] }).join('\n')).toContain('bulk jobs acknowledged');
  });

  it('sees a batch that was started in part, and one that was started twice', () => {
    const batch = told('batch');
    expect(batch.outcomes).toEqual(batch.keys.map(() => 'started'));
    const what = 'batches were started whole, and once';
    const answered = (changes: object): string =>
      violations({
        told: result.evidence.told.map((entry) => (entry === batch ? { ...batch, ...changes } : entry)),
      }).join('\n');
    const { outcomes, runs } = batch;
    expect(answered({ outcomes: ['repeated', ...outcomes.slice(1)] })).toContain(what);
    expect(answered({ outcomes: outcomes.slice(1) })).toContain(what);
    expect(answered({ runs: [runs[1], ...runs.slice(1)] })).toContain(what);
    expect(violations({ told: [...result.evidence.told, batch] }).join('\n')).toContain(what);
    const again = { ...batch, outcomes: outcomes.map(() => 'repeated') };
    expect(violations({ told: [...result.evidence.told, again] })).toEqual([]);
  });

  it('sees a second run of a delivery to a hook', () => {
    const delivered = result.evidence.told.filter((entry) => entry.what === 'accepted' && entry.workflow === 'quick');
    const found = result.evidence.records.runs.get(delivered[0]?.run ?? '');
    if (found === undefined) throw new Error('no run was started through the hook');
    expect(violations(changed({ ...found, run: 'second' })).join('\n')).toContain('is a second run of some key');
  });

  it('sees an event that did not reach its run, one that came twice, and one that is another', () => {
    const found = result.evidence.records.runs.get(told('event').run);
    if (found === undefined) throw new Error('no run was sent an event');
    const heard = found.log.findIndex(({ kind, node_id }) => kind === 'node.completed' && node_id === 'heard');
    const event = found.log[heard];
    if (event === undefined) throw new Error('the event was not heard');
    for (const instead of [[], [event, event], [{ ...event, data: { ...event.data, output: 'another' } }]])
      expect(violations(changed({ ...found, log: found.log.toSpliced(heard, 1, ...instead) })).join('\n')).toContain(
        'events acknowledged reached the run',
      );
  });
});
