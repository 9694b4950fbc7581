import type { Json, JsonSchema, NodeSpec } from 'errand';
import { ISSUE_SCHEMA } from '../lib/reports/issue.js';

/** How often an agent that asks models is tried in all. */
export const ATTEMPTS = 3;

/** Of agents that ask models: what may pass is tried again, and answers that came are kept. */
export const MODEL_RETRY = {
  attempts: ATTEMPTS,
  initial: '2s',
  max: '30s',
  on: ['model_rate_limited', 'model_overloaded', 'model_bad_answer', 'network', 'timeout', 'invalid_output'],
} as const;

/** An agent: what it does not achieve, the others go on without. */
export function agent(id: string, role: string, label: string, rest: Omit<NodeSpec, 'id' | 'kind'>): NodeSpec {
  return { id, kind: 'code', role, label, timeout: '5m', on_error: 'continue', ...rest };
}

/** Reads the shop's site for the agents that need it; whoever asks for it sees `site` or `site_error`. */
export const readSite: NodeSpec = {
  id: 'site',
  kind: 'code',
  uses: './agents/read-site.ts',
  with: { url: '{{ input.business.site }}', max_pages: 15 },
  retry: { attempts: 2, initial: '1s' },
  timeout: '3m',
  on_error: 'continue',
};

export const SITE_INPUT = { site: '{{ nodes.site.output }}', site_error: '{{ nodes.site.error }}' };

/** What a node that is an agent came to, for the node that writes the report. */
export function ended(node: Pick<NodeSpec, 'id' | 'role' | 'label'>): { readonly [name: string]: Json } {
  const { id, role = id, label = id } = node;
  return { role, label, report: `{{ nodes.${id}.output }}`, error: `{{ nodes.${id}.error }}` };
}

/** The workflow's result and summary, written by its last node. */
export function reportNode(needs: readonly string[], uses: string, input: { readonly [name: string]: Json }): NodeSpec {
  return { id: 'report', kind: 'code', uses, needs, timeout: '1m', with: { profile: '{{ input }}', ...input } };
}

export const REPORTED = {
  result: '{{ nodes.report.output.result }}',
  summary: '{{ nodes.report.output.summary }}',
};

const SCORE = { type: ['integer', 'null'], minimum: 0, maximum: 100 };

/** What the results of all workflows have in common, and what one has beyond that. */
export function resultSchema(more: { readonly [name: string]: Json }): JsonSchema {
  return {
    type: 'object',
    required: ['business', 'score', 'agents', 'issues', 'failed', ...Object.keys(more)],
    properties: {
      business: { type: 'string' },
      score: { ...SCORE, description: 'The average of the agents that judged something.' },
      agents: {
        type: 'object',
        description: 'By role; an agent that failed is absent.',
        additionalProperties: {
          type: 'object',
          required: ['score', 'findings'],
          properties: { score: SCORE, findings: { type: 'string' } },
        },
      },
      issues: { type: 'array', items: ISSUE_SCHEMA, description: 'Worst first.' },
      failed: {
        type: 'array',
        items: {
          type: 'object',
          required: ['agent', 'reason'],
          properties: { agent: { type: 'string' }, reason: { type: 'string' } },
        },
      },
      ...more,
    },
  };
}

export const OBJECT_OR_NULL = { type: ['object', 'null'] };
