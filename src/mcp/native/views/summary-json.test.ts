import { describe, expect, it } from 'vitest';
import { CREATED_AT, SAMPLE_RUNS } from '../../../../test/support/runs/sample-records.js';
import { NO_WAITS, type WaitReasons } from '../../../core/ports/engine.js';
import type { JsonObject } from '../../../core/json.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { renderRunStatus } from './native-render.js';
import { runText } from './run-text.js';
import { summaryJson } from './summary-json.js';
import { renderRunId } from '../../../core/render/run-id.js';

const RUNS: [string, Run][] = Object.entries(SAMPLE_RUNS);
const HELD: WaitReasons = { run: 'a free slot: 500 of 500 runs are active', nodes: new Map() };

describe('summaryJson', () => {
  it.each(RUNS)('says what is so at that moment, however often it was asked before: %s', (_, run) => {
    const texts = new Set<string>();
    for (const waits of [NO_WAITS, HELD, NO_WAITS]) {
      for (const seconds of [1, 1, 2, 5, 60, 3_600, 1]) {
        const view = { run, waits, now: CREATED_AT + seconds * 1_000 };
        const json = summaryJson(view);
        expect(JSON.parse(json)).toEqual({
          content: [{ type: 'text', text: runText(run, { ...view, runId: renderRunId(run.id) }) }],
          structuredContent: JSON.parse(JSON.stringify(renderRunStatus({ ...view, detail: 'summary' }))) as JsonObject,
        });
        if (waits === NO_WAITS) texts.add(json);
      }
    }
    // When to look again at a run under way changes with time.
    expect(texts.size > 1).toBe(!isTerminal(run.status));
  });

  it('gives the same text again when nothing has changed', () => {
    const view = { run: SAMPLE_RUNS.completed, waits: NO_WAITS, now: CREATED_AT };
    expect(summaryJson({ ...view, now: CREATED_AT + 60_000 })).toBe(summaryJson(view));
  });
});
