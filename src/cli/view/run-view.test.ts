import { describe, expect, it } from 'vitest';
import { STUB_EVENTS, stubEvent, stubNode, stubRun } from '../../../test/support/http/rest-stub.js';
import type { ApiRun } from '../../api/api-types.js';
import { applyApiEvent } from '../../api/client/apply-api-event.js';
import { renderRunReport } from './run-report.js';
import { renderRunView } from './run-view.js';
import { createStyle, plainStyle } from '../terminal/style.js';
import { textWidth } from '../terminal/text-width.js';

const NOW = Date.parse('2026-11-21T12:00:10Z');
const TIMES = { started_at: '2026-11-21T12:00:02.000Z' };

const busy: ApiRun = stubRun({
  status: 'running',
  ...TIMES,
  nodes: [
    stubNode({ id: 'crawl', status: 'completed', progress: 100, ...TIMES, message: '12 pages' }),
    stubNode({
      id: 'a',
      role: 'a',
      label: 'Link Checker',
      status: 'running',
      progress: 41.7,
      message: 'page 5 of 12\u001B[2J',
      ...TIMES,
    }),
    stubNode({
      id: 'b',
      role: 'b',
      label: '検査官 Inspector',
      status: 'completed',
      progress: 100,
      findings: 'Two dead links.',
      ...TIMES,
    }),
    stubNode({
      id: 'c',
      role: 'c',
      label: 'Slow',
      status: 'failed',
      progress: 3,
      error: { kind: 'timeout', message: 'timed out' },
      ...TIMES,
    }),
    stubNode({
      id: 'd',
      role: 'd',
      label: 'Patient',
      status: 'waiting',
      progress: 9,
      error: { kind: 'network', message: 'reset' },
      waiting_until: '2026-11-21T12:00:12.500Z',
      ...TIMES,
    }),
    stubNode({ id: 'e', role: 'e', label: 'Left Out', status: 'skipped' }),
    stubNode({ id: 'score', kind: 'transform' }),
  ],
});

it('says what a pending run and a node wait for', () => {
  const run = stubRun({
    waiting_for: 'a free slot: 500 of 500 runs are active',
    nodes: [
      stubNode({
        id: 'a',
        role: 'a',
        label: 'A',
        status: 'running',
        held_up_by: 'the resource crm: 1 of 1 uses are under way',
      }),
    ],
  });
  const lines = renderRunView({
    run,
    now: NOW,
    width: 120,
    height: null,
    frame: null,
    notice: null,
    style: plainStyle,
  });
  expect(lines[2]).toBe('waits for a free slot: 500 of 500 runs are active');
  expect(lines.at(-1)).toMatch(/waits for the resource crm: 1 of 1 uses are under way$/);
  const started = applyApiEvent(run, stubEvent(99, 'run.started'));
  expect(started.waiting_for).toBeNull();
});

function view(run: ApiRun, width: number, more: { height?: number; frame?: number; notice?: string } = {}): string[] {
  return renderRunView({
    run,
    now: NOW,
    width,
    height: more.height ?? null,
    frame: more.frame ?? null,
    notice: more.notice ?? null,
    style: plainStyle,
  });
}

describe('renderRunView', () => {
  it('shows every agent and the other nodes that have begun, in the order of the workflow', () => {
    expect(view(busy, 80)).toEqual([
      'Site Checkup · running · 8.0 s',
      'run_0190b0c2-7f3a-7abc-8def-0123456789ab',
      '',
      '  ✓ crawl            ████████████████ 100%  12 pages',
      '  ▸ Link Checker     ██████▋░░░░░░░░░  41%  page 5 of 12 [2J',
      '  ✓ 検査官 Inspector ████████████████ 100%  Two dead links.',
      '  ✗ Slow             ▍░░░░░░░░░░░░░░░   3%  timed out',
      '  ◷ Patient          █▍░░░░░░░░░░░░░░   9%  again in 2.5 s: reset',
      '  - Left Out         ░░░░░░░░░░░░░░░░       skipped',
    ]);
  });

  it('never writes a line wider than it may, coloured or not', () => {
    for (let width = 20; width <= 140; width += 1) {
      for (const coloured of [true, false]) {
        const lines = renderRunView({
          run: busy,
          now: NOW,
          width,
          height: null,
          frame: 3,
          notice: 'a notice that is long enough to be cut on a narrow terminal',
          style: createStyle(coloured),
        });
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
      }
    }
  });

  it('leaves nodes out, and says so, where the terminal is too low for them', () => {
    const lines = view(busy, 80, { height: 8, notice: '1 of 5' });
    expect(lines).toHaveLength(8);
    expect(lines.slice(5)).toEqual(['  … and 4 more', '', '1 of 5']);
  });

  it('turns its spinner only while it is live', () => {
    expect(view(busy, 80, { frame: 0 })[4]).toContain('⠋');
    expect(view(busy, 80, { frame: 1 })[4]).toContain('⠙');
  });

  it('shows all nodes of a workflow without agents', () => {
    const run = stubRun({ nodes: [stubNode({ id: 'one' }), stubNode({ id: 'two' })] });
    expect(
      view(run, 80)
        .slice(3)
        .map((line) => line.split(' ')[3]),
    ).toEqual(['one', 'two']);
  });
});

describe('applyApiEvent', () => {
  it('makes the picture of a run from its events', () => {
    const run = STUB_EVENTS.slice(1).reduce(applyApiEvent, stubRun());
    expect(run).toMatchObject({
      status: 'completed',
      terminal: true,
      version: 9,
      started_at: '2026-11-21T12:00:02.000Z',
    });
    expect(run.nodes[0]).toMatchObject({
      status: 'completed',
      progress: 100,
      message: 'page 2 of 5',
      findings: 'Two dead links.',
    });
  });

  it('passes over events that the picture already holds', () => {
    const run = stubRun({ version: 5 });
    expect(applyApiEvent(run, stubEvent(5, 'run.started'))).toBe(run);
  });

  it('keeps retries, failures and what is skipped apart, and never lets progress fall', () => {
    const error = { kind: 'network', message: 'reset' };
    const run = [
      stubEvent(2, 'node.progress', 'links', { percent: 40, message: null }),
      stubEvent(3, 'node.progress', 'links', { percent: 10, message: 'again' }),
      stubEvent(4, 'node.retrying', 'links', { attempt: 1, error, until: '2026-11-21T12:00:30.000Z' }),
      stubEvent(5, 'node.skipped', 'seo', { reason: 'its condition does not hold' }),
    ].reduce(applyApiEvent, stubRun());
    expect(run.nodes[0]).toMatchObject({
      status: 'waiting',
      progress: 40,
      message: 'again',
      error,
      waiting_until: '2026-11-21T12:00:30.000Z',
    });
    expect(run.nodes[1]?.status).toBe('skipped');
    const failed = applyApiEvent(run, stubEvent(6, 'node.failed', 'links', { attempt: 2, error }));
    expect(failed.nodes[0]).toMatchObject({ status: 'failed', waiting_until: null });
  });

  it('takes events of kinds that it does not know', () => {
    expect(applyApiEvent(stubRun(), stubEvent(2, 'node.dreamt', 'links')).version).toBe(2);
  });
});

describe('renderRunReport', () => {
  it("says why the run and its nodes failed, and doesn't repeat findings that the summary holds", () => {
    const run: ApiRun = { ...busy, status: 'partial_complete', terminal: true, summary: 'In short: Two dead links.' };
    const text = renderRunReport({ run, width: 60, style: plainStyle }).join('\n');
    expect(text).toContain('Failed\n  Slow: timed out');
    expect(text).not.toContain('Findings');
    const failed = renderRunReport({
      run: { ...run, summary: null, error: { node_id: 'c', kind: 'timeout', message: 'timed out' } },
      width: 60,
      style: plainStyle,
    });
    expect(failed.slice(0, 2)).toEqual(['Failed in c', '  timed out']);
  });

  it('cuts a long output and says how to see all of it', () => {
    const run = stubRun({ output: Array.from({ length: 100 }, (_, index) => index) });
    const lines = renderRunReport({ run, width: 80, style: plainStyle });
    expect(lines.slice(25, 27)).toEqual([
      '  … and 78 more lines; all of it:',
      '  errand status run_0190b0c2-7f3a-7abc-8def-0123456789ab --output',
    ]);
  });
});
