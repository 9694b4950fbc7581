import { beforeEach, describe, expect, it } from 'vitest';
import { applyEvent } from '../../../core/run/apply-event.js';
import type { RunEventBody } from '../../../core/run/events.js';
import { pendingNode } from '../../../core/run/node-execution.js';
import { LONG_PAUSE_MS, pendingRun, type Run } from '../../../core/run/run.js';
import { RunPlaces } from './run-places.js';
import { RunSpans } from './run-spans.js';
import type { SpanRecord } from './recorder.js';
import { createSampler } from './sampling.js';
import { Tracer } from './tracer.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
const DAYS = 72 * LONG_PAUSE_MS;

let recorded: SpanRecord[];
let spans: RunSpans;
let run: Run;

beforeEach(() => {
  recorded = [];
  const tracer = new Tracer({ record: (span) => recorded.push(span), sampler: createSampler('always_on', 1) });
  spans = new RunSpans(tracer, new RunPlaces());
  run = pendingRun({
    id: 'r',
    organizationId: 'o',
    workflowId: 'order',
    workflowName: 'Order',
    workflowVersion: 1,
    creditsReserved: 0,
    createdAt: 1_000,
    nodes: ['ask', 'send'].map((id) => pendingNode({ id, kind: id === 'ask' ? 'ask' : 'http' })),
  });
  run = { ...run, trace: { traceparent: `00-${TRACE}-${CALLER}-01` } };
});

/** Records these, each in a commit of its own. */
function record(...bodies: readonly (readonly [at: number, body: RunEventBody])[]): void {
  for (const [at, body] of bodies) {
    const event = { ...body, seq: run.version + 1, at };
    run = applyEvent(run, event);
    spans.observe(run, [event]);
  }
}

interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | null;
  readonly failure: string | null;
  /** The ids of the spans that it links to. */
  readonly links: readonly string[];
}

function finishedSpans(): readonly SeenSpan[] {
  return recorded.map(([name, , , , traceId, spanId, , , parentId, , , failure, links]) => {
    return { name, traceId, spanId, parentId, failure, links: (links ?? []).map((link) => link.spanId) };
  });
}

function spansNamed(name: string): readonly SeenSpan[] {
  return finishedSpans().filter((span) => span.name === name);
}

const asked: RunEventBody = {
  kind: 'node.waiting',
  nodeId: 'ask',
  attempt: 1,
  wait: { for: 'answer', until: null, question: { message: 'Well?', schema: {} } },
};
const completed = (nodeId: string): RunEventBody => ({ kind: 'node.completed', nodeId, attempt: 1, output: 1 });
const ended: RunEventBody = { kind: 'run.completed', output: 1, summary: null, creditsConsumed: 0 };

describe('the trace of a run', () => {
  it('goes on after a pause of days in a trace of its own, which links back', () => {
    record(
      [1_000, { kind: 'run.started' }],
      [1_000, { kind: 'node.started', nodeId: 'ask', attempt: 1 }],
      [1_000, asked],
      [DAYS, { kind: 'node.answered', nodeId: 'ask', attempt: 1, answer: 1, by: 'caller' }],
      [DAYS, completed('ask')],
      [DAYS, { kind: 'node.started', nodeId: 'send', attempt: 1 }],
      [DAYS + 1_000, completed('send')],
      [DAYS + 1_000, ended],
    );
    const [whole] = spansNamed('invoke_workflow order');
    const [again, ...more] = spansNamed('resume order');
    expect(more).toEqual([]);
    expect(whole?.traceId).toBe(TRACE);
    expect(whole?.parentId).toBe(CALLER);
    expect(again?.traceId).not.toBe(TRACE);
    expect(again?.parentId).toBeNull();
    expect(again?.links).toEqual([whole?.spanId]);
    const [ask] = spansNamed('ask ask');
    const [send] = spansNamed('http send');
    expect(ask?.parentId).toBe(whole?.spanId);
    expect(send?.parentId).toBe(again?.spanId);
    expect(send?.traceId).toBe(again?.traceId);
  });

  it('does not end with a short wait', () => {
    record(
      [1_000, { kind: 'node.started', nodeId: 'ask', attempt: 1 }],
      [1_000, asked],
      [LONG_PAUSE_MS, { kind: 'node.answered', nodeId: 'ask', attempt: 1, answer: 1, by: 'caller' }],
      [LONG_PAUSE_MS, completed('ask')],
      [LONG_PAUSE_MS, ended],
    );
    expect(new Set(finishedSpans().map((span) => span.traceId))).toEqual(new Set([TRACE]));
  });

  it('has a span for an attempt where it is not the only one, or something of it has a span of its own', () => {
    record(
      [1_000, { kind: 'node.started', nodeId: 'ask', attempt: 1 }],
      [2_000, completed('ask')],
      [2_000, { kind: 'node.started', nodeId: 'send', attempt: 1 }],
      [3_000, { kind: 'node.retrying', nodeId: 'send', attempt: 1, error: { kind: 'x', message: 'no' }, until: 3_000 }],
      [3_000, { kind: 'node.started', nodeId: 'send', attempt: 2 }],
      [4_000, { ...completed('send'), attempt: 2 } as RunEventBody],
    );
    const [ask] = spansNamed('ask ask');
    const [send] = spansNamed('http send');
    const parents = [...spansNamed('attempt 1'), ...spansNamed('attempt 2')].map((span) => span.parentId);
    expect(parents).toEqual([send?.spanId, send?.spanId]);
    expect(ask?.spanId).not.toBe(send?.spanId);
  });

  it('has another span for what came of a retry, which links to the run', () => {
    const failed: RunEventBody = { kind: 'run.failed', error: { kind: 'error', message: 'no', nodeId: 'send' } };
    record(
      [1_000, { kind: 'node.started', nodeId: 'send', attempt: 1 }],
      [2_000, { kind: 'node.failed', nodeId: 'send', attempt: 1, error: { kind: 'error', message: 'no' } }],
      [2_000, failed],
      [DAYS, { kind: 'run.retried', resumed: ['send'], reset: [] }],
      [DAYS, { kind: 'node.started', nodeId: 'send', attempt: 1 }],
      [DAYS + 1_000, completed('send')],
      [DAYS + 1_000, ended],
    );
    const [first, second] = spansNamed('invoke_workflow order');
    expect(second?.links).toEqual([first?.spanId]);
    expect(second?.traceId).toBe(spansNamed('resume order')[0]?.traceId);
    const [failure, success] = spansNamed('http send');
    expect([failure?.failure, success?.failure]).toEqual(['no', null]);
    expect(success?.spanId).not.toBe(failure?.spanId);
  });

  it('has the same ids when another process goes on with the run, and sends again what ended shortly before', () => {
    record(
      [1_000, { kind: 'node.started', nodeId: 'ask', attempt: 1 }],
      [2_000, completed('ask')],
      [60_000, { kind: 'node.started', nodeId: 'send', attempt: 1 }],
      [61_000, completed('send')],
    );
    const [before] = spansNamed('http send');
    recorded.length = 0;
    spans.takenOver(run);
    expect(spansNamed('ask ask')).toEqual([]);
    expect(spansNamed('http send')).toEqual([before]);
    // Whether it had asked anybody is not known any more.
    expect(spansNamed('attempt 1').map((span) => span.parentId)).toEqual([before?.spanId]);
  });
});
