import type { AttemptBounds } from '../core/handlers/handler-workers.js';
import type { StepOutcome } from '../core/run/events.js';
import type { Json } from '../core/json.js';
import type { OutboundFetch } from '../core/ports/outbound.js';
import { loopbackOutbound } from './loopback-outbound.js';
import { parseJson } from '../core/text/parse-json.js';
import { silentLogger } from '../core/ports/logger.js';
import {
  NodeFailure,
  type Handler,
  type HandlerContext,
  type NodeContext,
  type RunItemsOptions,
} from '../core/handlers/node-kind.js';

export interface NodeReports {
  readonly progress: { readonly percent: number; readonly message: string | null }[];
  readonly findings: string[];
}

/** What a node kind works with, its input as a handler declares it. */
type ContextOf<Input> = HandlerContext<Input> & Omit<NodeContext, keyof HandlerContext>;

/**
 * A context to try a node kind or a handler with, outside of any run, and what was reported. The input is `{}` when
 * none is given.
 */
export function createNodeContext<Input = Json>(given: {
  readonly input?: Input;
  readonly fields?: { readonly [name: string]: Json };
  readonly role?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: () => void;
  readonly handler?: Handler;
  /** Epoch milliseconds; 0 when not given. */
  readonly now?: number;
  readonly startRun?: NodeContext['startRun'];
  readonly emit?: NodeContext['emit'];
  /** Goes to this machine too when not given. */
  readonly fetch?: OutboundFetch;
  readonly runItems?: (options: RunItemsOptions) => Promise<readonly StepOutcome[]>;
}): { readonly context: ContextOf<Input>; readonly reports: NodeReports } {
  const reports: NodeReports = { progress: [], findings: [] };
  const { handler, runItems, role = null } = given;
  const context: ContextOf<Input> = {
    input: given.input ?? ({} as Input),
    fields: given.fields ?? {},
    signal: given.signal ?? new AbortController().signal,
    progress: (percent, message) => {
      reports.progress.push({ percent, message: message ?? null });
      given.onProgress?.();
    },
    findings: (text) => void reports.findings.push(text),
    log: silentLogger,
    idempotencyKey: 'run-1:node-1',
    attempt: 1,
    instruction: null,
    node: { id: 'node-1', role, label: role },
    run: { id: 'run-1', workflowId: 'w', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
    organization: { id: 'org-1', name: 'Acme' },
    handler: () =>
      handler === undefined
        ? Promise.reject(new NodeFailure('no handler', { kind: 'handler_missing' }))
        : Promise.resolve(handler),
    step: async (_key, work) => await work(),
    toolStep: async (_key, work) => await work(),
    parseJson: (text, options) => parseJson(typeof text === 'string' ? text : text.join(''), options),
    generate: () => Promise.reject(new NodeFailure('no models')),
    callModel: () => Promise.reject(new NodeFailure('no models')),
    fetch: given.fetch ?? loopbackOutbound.fetch,
    secrets: { get: () => Promise.reject(new NodeFailure('no secrets')) },
    mcp: {
      list: () => Promise.reject(new NodeFailure('no MCP servers')),
      call: () => Promise.reject(new NodeFailure('no MCP servers')),
    },
    timeoutMs: null,
    now: () => given.now ?? 0,
    emit: given.emit ?? (() => Promise.reject(new NodeFailure('no events'))),
    startRun: given.startRun ?? (() => Promise.reject(new NodeFailure('no runs'))),
    list: () => [],
    runChild: () => Promise.reject(new NodeFailure('no runs')),
    describeWorkflow: () => null,
    checkJson: () => [],
    runNodes: () => Promise.reject(new NodeFailure('no nodes inside')),
    runRounds: () => Promise.reject(new NodeFailure('no nodes inside')),
    runItems: runItems ?? (() => Promise.reject(new NodeFailure('no inner node'))),
  };
  return { context, reports };
}

/** Of an attempt that nothing bounds, and that was never cut off. */
export const NO_BOUNDS: AttemptBounds = {
  timeoutMs: null,
  onAbort: () => () => undefined,
  cutOffs: 0,
  beginWork: () => null,
  freshMs: null,
  noteCutOff: async () => undefined,
};
