import type { StepOutcome } from '../core/events.js';
import type { Json } from '../core/json.js';
import { silentLogger } from '../core/logger.js';
import { NodeFailure, type Handler, type NodeContext, type RunItemsOptions } from '../core/node-kind.js';

export interface NodeReports {
  readonly progress: { readonly percent: number; readonly message: string | null }[];
  readonly findings: string[];
}

/** A context to try a node kind with, outside of any run, and what the node reported. */
export function createNodeContext(given: {
  readonly input?: Json;
  readonly fields?: { readonly [name: string]: Json };
  readonly signal?: AbortSignal;
  readonly handler?: Handler;
  readonly runItems?: (options: RunItemsOptions) => Promise<readonly StepOutcome[]>;
}): { readonly context: NodeContext; readonly reports: NodeReports } {
  const reports: NodeReports = { progress: [], findings: [] };
  const { handler, runItems } = given;
  const context: NodeContext = {
    input: given.input ?? {},
    fields: given.fields ?? {},
    signal: given.signal ?? new AbortController().signal,
    progress: (percent, message) => void reports.progress.push({ percent, message: message ?? null }),
    findings: (text) => void reports.findings.push(text),
    log: silentLogger,
    idempotencyKey: 'run-1:node-1',
    attempt: 1,
    instruction: null,
    node: { id: 'node-1', role: null, label: null },
    run: { id: 'run-1', workflowId: 'w', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
    organization: { id: 'org-1', name: 'Acme' },
    handler: () =>
      handler === undefined
        ? Promise.reject(new NodeFailure('no handler', { kind: 'handler_missing' }))
        : Promise.resolve(handler),
    runItems: runItems ?? (() => Promise.reject(new NodeFailure('no inner node'))),
  };
  return { context, reports };
}
