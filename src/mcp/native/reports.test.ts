import { describe, expect, it } from 'vitest';
import { sampleAgent, SAMPLE_RUNS, sampleRun } from '../../../test/support/runs/sample-records.js';
import type { Run } from '../../core/run/run.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { Throttle } from './live/throttle.js';
import { ProgressReports } from './live/progress-reports.js';
import { statusMessage } from './views/run-words.js';

function running(progress: number, version: number): Run {
  return sampleRun({ status: 'running', version, nodes: [{ ...sampleAgent('a', 'running'), progress }] });
}

function start() {
  const clock = new ManualClock();
  const sent: { progress: number; message?: string }[] = [];
  const notify = { progress: (report: (typeof sent)[number]) => void sent.push(report), log: () => {}, send: () => {} };
  const reports = new ProgressReports({
    run: running(0, 1),
    notify,
    clock,
    describe: async (run) => statusMessage(run),
  });
  return { clock, sent, reports };
}

describe('reports on a run', () => {
  it('come at the start, then with changes, the newest of those that come too fast', async () => {
    const { clock, sent, reports } = start();
    for (let percent = 1; percent <= 40; percent++) reports.take(running(percent, percent + 1));
    await clock.advance(0);
    expect(sent.map(({ progress }) => progress)).toEqual([0]);
    await clock.advance(250);
    expect(sent.map(({ progress }) => progress)).toEqual([0, 40]);
    await clock.advance(1_000);
    reports.take(running(50, 60));
    await clock.advance(0);
    expect(sent.at(-1)).toMatchObject({ progress: 50, total: 100, message: '0 of 1 agent done; a Inspector 50 %' });
  });

  it('come every few seconds where nothing happens, each higher than the one before, and none after the end', async () => {
    const { clock, sent, reports } = start();
    for (let second = 0; second < 600; second++) await clock.advance(1_000);
    const numbers = sent.map(({ progress }) => progress);
    expect(numbers).toHaveLength(121);
    expect(numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))).toBe(true);
    expect(numbers.at(-1)).toBeLessThan(100);
    reports.stop();
    expect(clock.waiting).toBe(0);
  });
});

describe('changes passed on at a pace', () => {
  it('are the newest of those that come too fast, and the end at once', async () => {
    const clock = new ManualClock();
    const told: number[] = [];
    const paced = new Throttle(clock, ({ version }) => void told.push(version));
    paced.take(running(1, 2));
    paced.take(running(2, 3));
    paced.take(running(3, 4));
    expect(told).toEqual([2]);
    await clock.advance(250);
    expect(told).toEqual([2, 4]);
    paced.take(running(4, 5));
    paced.take({ ...SAMPLE_RUNS.completed, version: 6 });
    expect(told).toEqual([2, 4, 6]);
    expect(clock.waiting).toBe(0);
  });
});
