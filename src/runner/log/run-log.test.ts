import { describe, expect, it } from 'vitest';
import { ErrandError } from '../../core/errors.js';
import type { RunEvent } from '../../core/run/events.js';
import { silentLogger } from '../../core/ports/logger.js';
import { pendingNode } from '../../core/run/node-execution.js';
import { pendingRun, type Run } from '../../core/run/run.js';
import { ManualClock, settle } from '../../testing/manual-clock.js';
import { CommitRefused, RunAbandoned, RunLog } from './run-log.js';

const run = pendingRun({
  id: '0197a000-0000-7000-8000-000000000001',
  organizationId: 'o',
  workflowId: 'w',
  workflowName: 'W',
  workflowVersion: 1,
  creditsReserved: 0,
  createdAt: 1_000,
  nodes: [pendingNode({ id: 'a', kind: 'code' })],
});

function setUp(rest: { readonly lastAt?: number } = {}) {
  const clock = new ManualClock();
  const commits: { run: Run; events: readonly RunEvent[] }[] = [];
  const gate = { fail: 0, hold: null as Promise<void> | null, refuse: false, supersede: false };
  let refusals = 0;
  let losses = 0;
  const log = new RunLog({
    run,
    clock,
    logger: silentLogger,
    epoch: 1,
    ...rest,
    recorder: {
      async record(changes) {
        if (gate.hold !== null) await gate.hold;
        if (gate.fail > 0) {
          gate.fail -= 1;
          throw new ErrandError('unavailable', 'disk full');
        }
        if (gate.refuse) throw new RangeError('Invalid string length');
        if (gate.supersede) return 'superseded';
        commits.push(changes);
        return 'kept';
      },
    },
    onRefused: () => (refusals += 1),
    onSuperseded: () => (losses += 1),
  });
  return { clock, commits, gate, log, refusals: () => refusals, losses: () => losses };
}

describe('RunLog', () => {
  it('numbers events without gaps and commits them together with the record they make', async () => {
    const { log, commits } = setUp();
    log.append({ kind: 'run.started' });
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    await log.commit();
    expect(commits).toHaveLength(1);
    expect(commits[0]?.events.map((event) => event.seq)).toEqual([2, 3]);
    expect(commits[0]?.run).toMatchObject({ version: 3, status: 'running' });
  });

  it('gathers what is appended during a commit into the next one', async () => {
    const { log, commits, gate } = setUp();
    let release = (): void => undefined;
    gate.hold = new Promise((resolve) => {
      release = resolve;
    });
    log.append({ kind: 'run.started' });
    const first = log.commit();
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    log.append({ kind: 'node.completed', nodeId: 'a', attempt: 1, output: 1 });
    const second = log.commit();
    await settle();
    expect(commits).toHaveLength(0);
    release();
    await Promise.all([first, second]);
    expect(commits.map((commit) => commit.events.map((event) => event.seq))).toEqual([[2], [3, 4]]);
  });

  it('tells what an item and the nodes in it have said before its end, and what their node has said after it', async () => {
    const { log, commits } = setUp();
    for (const nodeId of ['a', 'a[1]', 'a[1].b', 'a[10]']) log.stageProgress(nodeId, 50, null);
    log.append({ kind: 'step.completed', nodeId: 'a', key: 'a[1]@2', outcome: { status: 'completed', output: 1 } });
    await log.commit();
    const told = commits.flatMap(({ events }) => events.map((event) => ('key' in event ? event.key : event)));
    expect(told).toMatchObject([
      { nodeId: 'a[1]' },
      { nodeId: 'a[1].b' },
      'a[1]@2',
      { nodeId: 'a' },
      { nodeId: 'a[10]' },
    ]);
  });

  it('makes one event of many reports of progress', async () => {
    const { log, commits, clock } = setUp();
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    await log.commit();
    for (const percent of [10, 40, 30]) log.stageProgress('a', percent, `at ${percent}`);
    log.stageFindings('a', 'two so far');
    await clock.advance(50);
    expect(commits[1]?.events).toMatchObject([
      { kind: 'node.progress', percent: 40, message: 'at 30' },
      { kind: 'node.findings', findings: 'two so far' },
    ]);
  });

  it('puts the last findings before the end of their node', async () => {
    const { log, commits } = setUp();
    log.stageFindings('a', 'three in all');
    log.append({ kind: 'node.completed', nodeId: 'a', attempt: 1, output: null });
    await log.commit();
    expect(commits[0]?.events.map((event) => event.kind)).toEqual(['node.findings', 'node.completed']);
    expect(commits[0]?.run.nodes[0]?.findings).toBe('three in all');
  });

  it('tries a commit again until it is through, and loses nothing', async () => {
    const { log, commits, gate, clock } = setUp();
    gate.fail = 3;
    log.append({ kind: 'run.started' });
    let through = false;
    const commit = log.commit().then(() => {
      through = true;
    });
    await clock.advance(100);
    expect(through).toBe(false);
    await clock.advance(1_000);
    await commit;
    expect(commits.map((one) => one.events.map((event) => event.kind))).toEqual([['run.started']]);
  });

  it('does not try a commit again that the store refuses: drops what is not committed, and says so', async () => {
    const { log, commits, gate, clock, refusals } = setUp();
    log.append({ kind: 'run.started' });
    await log.commit();
    gate.refuse = true;
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    const first = log.commit().catch((error: unknown) => error);
    log.append({ kind: 'node.completed', nodeId: 'a', attempt: 1, output: 'large' });
    const second = log.commit().catch((error: unknown) => error);
    expect(await Promise.all([first, second])).toEqual([expect.any(CommitRefused), expect.any(CommitRefused)]);
    expect(refusals()).toBe(1);
    gate.refuse = false;
    log.append({ kind: 'node.failed', nodeId: 'a', attempt: 1, error: { kind: 'error', message: 'unheard' } });
    expect(log.run).toBe(commits[0]?.run);
    expect(log.takeRefusal()?.message).toBe('Invalid string length');
    log.append({ kind: 'run.failed', error: { kind: 'not_recordable', message: 'too long', nodeId: null } });
    await log.commit();
    expect(commits[1]?.events).toMatchObject([{ kind: 'run.failed', seq: 3 }]);
    expect(clock.waiting).toBe(0);
  });

  it('is abandoned, and says so, once another driver has the run', async () => {
    const { log, commits, gate, refusals, losses } = setUp();
    log.append({ kind: 'run.started' });
    gate.supersede = true;
    const first = log.commit().catch((error: unknown) => error);
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    const second = log.commit().catch((error: unknown) => error);
    expect(await Promise.all([first, second])).toEqual([expect.any(RunAbandoned), expect.any(RunAbandoned)]);
    expect([losses(), refusals(), commits]).toEqual([1, 0, []]);
  });

  it('splits what is too much for one commit, in order, each part with the record that it makes', async () => {
    const { log, commits } = setUp();
    for (let index = 0; index < 2_500; index += 1) {
      const outcome = { status: 'completed', output: index } as const;
      log.append({ kind: 'step.completed', nodeId: 'a', key: `a[${index}]`, outcome });
    }
    log.append({ kind: 'node.completed', nodeId: 'a', attempt: 1, output: 'all' });
    await log.commit();
    expect(commits.map(({ events }) => events.length)).toEqual([1_000, 1_000, 501]);
    expect(commits.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(
      Array.from({ length: 2_501 }, (_, index) => index + 2),
    );
    expect(commits.map(({ run: { version, nodes } }) => [version, nodes[0]?.status])).toEqual([
      [1_001, 'pending'],
      [2_001, 'pending'],
      [2_502, 'completed'],
    ]);
  });

  it('puts a long output into a commit with little else', async () => {
    const { log, commits } = setUp();
    for (let index = 0; index < 5; index += 1) {
      const outcome = { status: 'completed', output: ['x'.repeat(1_500_000)] } as const;
      log.append({ kind: 'step.completed', nodeId: 'a', key: `a[${index}]`, outcome });
    }
    await log.commit();
    expect(commits).toHaveLength(5);
  });

  it('rejects commits that are not through when it is abandoned', async () => {
    const { log, gate, clock } = setUp();
    gate.fail = Infinity;
    log.append({ kind: 'run.started' });
    const outcome = log.commit().catch((error: unknown) => error);
    await settle();
    log.abandon();
    expect(await outcome).toBeInstanceOf(RunAbandoned);
    expect(clock.waiting).toBe(0);
  });

  it('hears nothing after the end of the run', async () => {
    const { log, commits } = setUp();
    log.append({ kind: 'run.cancelled', reason: 'enough' });
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    log.stageProgress('a', 50, null);
    await log.commit();
    await log.commit();
    expect(commits.flatMap((commit) => commit.events.map((event) => event.kind))).toEqual(['run.cancelled']);
  });

  it('keeps its times from falling when the clock jumps back', async () => {
    const { log, commits, clock } = setUp();
    log.append({ kind: 'run.started' });
    const started = clock.now();
    clock.jumpTo(started - 3_600_000);
    log.append({ kind: 'node.started', nodeId: 'a', attempt: 1 });
    await log.commit();
    expect(commits[0]?.events.map((event) => event.at)).toEqual([started, started]);
  });

  it('goes on from the times of an earlier driver though the clock was set back between', async () => {
    const lastAt = Date.UTC(2030, 0, 1);
    const { log, commits } = setUp({ lastAt });
    log.append({ kind: 'run.started' });
    await log.commit();
    expect(commits[0]?.events.map((event) => event.at)).toEqual([lastAt]);
  });
});
