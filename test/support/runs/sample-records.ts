import type { WorkflowDefinition, WorkflowRecord } from '../../../src/core/workflow/definition.js';
import { pendingNode, type NodeExecution, type NodeStatus } from '../../../src/core/run/node-execution.js';
import { pendingRun, type Run } from '../../../src/core/run/run.js';

/** Records for tests, whole and plausible; each test changes what it is about. */

export const CREATED_AT = Date.UTC(2026, 10, 21, 20, 16, 5, 123);

export function sampleWorkflow(definition: Partial<WorkflowDefinition> = {}): WorkflowRecord {
  const whole: WorkflowDefinition = {
    id: 'site_checkup',
    name: 'Site Checkup',
    description: 'Five agents examine a web site.',
    credits: 25,
    estimated_duration: '10-30 s',
    input: { type: 'object', required: ['url'], properties: { url: { type: 'string' } }, additionalProperties: false },
    output: { type: 'object', required: ['score'], properties: { score: { type: 'number' } } },
    nodes: [
      { id: 'crawl', kind: 'transform' },
      { id: 'links', kind: 'transform', role: 'link-checker', label: 'Link Checker' },
      { id: 'seo', kind: 'transform', role: 'seo-inspector', label: 'SEO Inspector' },
    ],
    ...definition,
  };
  return {
    version: {
      workflowId: whole.id,
      version: 1,
      hash: '0'.repeat(64),
      definition: whole,
      handlers: {},
      createdAt: CREATED_AT,
    },
    createdAt: CREATED_AT,
    updatedAt: CREATED_AT + 60_000,
  };
}

export function sampleRun(changes: Partial<Run> = {}): Run {
  const run = pendingRun({
    id: '0193512f-4d2b-7c3a-9f00-0123456789ab',
    organizationId: 'org-a',
    workflowId: 'site_checkup',
    workflowName: 'Site Checkup',
    workflowVersion: 1,
    creditsReserved: 25,
    createdAt: CREATED_AT,
    nodes: [sampleNode('crawl', {}), sampleAgent('links', 'pending'), sampleAgent('seo', 'pending')],
  });
  return { ...run, ...changes };
}

/** Ids in their order; of up to 100 runs. */
export function sampleId(index: number): string {
  return `0193512f-4d2b-7c3a-9f00-0000000000${String(index).padStart(2, '0')}`;
}

export function sampleNode(id: string, changes: Partial<NodeExecution>): NodeExecution {
  return { ...pendingNode({ id, kind: 'code' }), ...changes };
}

export function sampleAgent(id: string, status: NodeStatus): NodeExecution {
  const started = status !== 'pending' && status !== 'skipped';
  const ended = status === 'completed' || status === 'failed' || status === 'skipped' || status === 'cancelled';
  return sampleNode(id, {
    role: `${id}-inspector`,
    label: `${id} Inspector`,
    status,
    attempt: started ? 1 : 0,
    progress: status === 'completed' ? 100 : started ? 40 : 0,
    findings: status === 'completed' ? 'Two dead links.' : null,
    error: status === 'failed' || status === 'waiting' ? { kind: 'timeout', message: 'It took too long.' } : null,
    waitingUntil: status === 'waiting' ? CREATED_AT + 9_000 : null,
    startedAt: started ? CREATED_AT + 100 : null,
    completedAt: ended ? CREATED_AT + 2_000 : null,
  });
}

/** A run in each state that it can be in, as the engine leaves it. */
export const SAMPLE_RUNS = {
  pending: sampleRun(),
  running: sampleRun({
    status: 'running',
    startedAt: CREATED_AT + 50,
    nodes: [
      sampleNode('crawl', { status: 'completed', progress: 100 }),
      sampleAgent('links', 'running'),
      sampleAgent('seo', 'waiting'),
    ],
  }),
  completed: sampleRun({
    status: 'completed',
    startedAt: CREATED_AT + 50,
    completedAt: CREATED_AT + 350,
    output: { score: 87 },
    summary: 'Scored 87.',
    creditsConsumed: 25,
    nodes: [sampleNode('crawl', {}), sampleAgent('links', 'completed'), sampleAgent('seo', 'completed')],
  }),
  partlyWithOutput: sampleRun({
    status: 'partial_complete',
    startedAt: CREATED_AT + 50,
    completedAt: CREATED_AT + 12_345,
    output: { score: 40 },
    summary: 'Half of it.',
    creditsConsumed: 13,
    nodes: [sampleNode('crawl', {}), sampleAgent('links', 'completed'), sampleAgent('seo', 'failed')],
  }),
  partlyWithoutOutput: sampleRun({
    status: 'partial_complete',
    startedAt: CREATED_AT + 50,
    completedAt: CREATED_AT + 12_345,
    outputError: 'The result does not fit the output schema: /score is missing',
    creditsConsumed: 13,
    nodes: [sampleNode('crawl', {}), sampleAgent('links', 'completed'), sampleAgent('seo', 'failed')],
  }),
  failed: sampleRun({
    status: 'failed',
    startedAt: CREATED_AT + 50,
    completedAt: CREATED_AT + 900,
    error: { kind: 'error', message: 'No company found for email x@example.org', nodeId: 'crawl' },
    nodes: [sampleNode('crawl', { status: 'failed' }), sampleAgent('links', 'skipped'), sampleAgent('seo', 'failed')],
  }),
  cancelled: sampleRun({
    status: 'cancelled',
    startedAt: CREATED_AT + 50,
    completedAt: CREATED_AT + 900,
    nodes: [sampleNode('crawl', {}), sampleAgent('links', 'cancelled'), sampleAgent('seo', 'cancelled')],
  }),
  cancelledBeforeStart: sampleRun({ status: 'cancelled', completedAt: CREATED_AT + 900 }),
} satisfies Record<string, Run>;
