import { defineWorkflow, type NodeSpec } from 'errand';
import { ISSUE_SCHEMA } from '../lib/reports/issue.js';
import { profileSchema } from '../lib/profile.js';
import { agent, MODEL_RETRY, OBJECT_OR_NULL, REPORTED } from './shared.js';

/** Another workflow of the pack, paid for by this one. */
function child(id: string, workflow: string, role: string, label: string, when?: string): NodeSpec {
  return {
    id,
    kind: 'workflow',
    workflow,
    credits: 'included',
    role,
    label,
    with: '{{ input }}',
    timeout: '40m',
    on_error: 'continue',
    ...(when === undefined ? {} : { when }),
  };
}

const children = [
  child('checkup', 'ai_shop_checkup', 'ai-shop-checkup', 'AI Shop Checkup'),
  child('fixes', 'fix_visibility', 'fix-visibility', 'Fix My Visibility'),
  child('campaign', 'competitive_scan', 'competitive-scan', 'Conquest Campaign', 'input.business.competitors'),
  child('menu', 'content_refresh', 'content-refresh', 'Service Menu Update'),
  child('reputation', 'reputation_shield', 'reputation-shield', 'Reputation Shield', 'input.business.reviews'),
];
const ids = children.map(({ id }) => id);
const outputs = Object.fromEntries(ids.map((id) => [id, `{{ nodes.${id}.output }}`]));

export const fullService = defineWorkflow({
  id: 'full_service',
  name: 'Full Detail',
  description:
    'Everything for a local business’s visibility in one go: checkup, fixes, service menu, and, where competitors and reviews are given, campaign and reputation; all of it made into one plan of four weeks.',
  credits: 45,
  estimated_duration: '8-12 min',
  models: ['default'],
  timeout: '1h',
  input: profileSchema(),
  output: {
    type: 'object',
    required: ['business', 'score', 'plan', 'tasks', 'failed', ...ids],
    properties: {
      business: { type: 'string' },
      score: { type: ['integer', 'null'], minimum: 0, maximum: 100, description: 'The average of the parts.' },
      plan: {
        type: 'object',
        required: ['opening', 'steps', 'made_by'],
        properties: {
          opening: { type: 'string' },
          steps: { type: 'array', items: { ...ISSUE_SCHEMA, description: 'A task, with its week (1 to 4) and why.' } },
          made_by: { enum: ['advisor', 'severity'] },
        },
      },
      tasks: { type: 'array', items: ISSUE_SCHEMA, description: 'What all parts found, worst first, each once.' },
      failed: { type: 'array', items: { type: 'object', required: ['agent', 'reason'] } },
      ...Object.fromEntries(ids.map((id) => [id, OBJECT_OR_NULL])),
    },
  },
  nodes: [
    ...children,
    agent('advisor', 'service-advisor', 'Service Advisor', {
      uses: './agents/full-service/service-advisor.ts',
      needs: ids,
      join: 'any',
      with: { profile: '{{ input }}', children: outputs },
      retry: MODEL_RETRY,
      budget: { calls: 20, cost: 0.5 },
    }),
    {
      id: 'report',
      kind: 'code',
      uses: './agents/full-service/full-report.ts',
      needs: ['advisor'],
      timeout: '1m',
      with: {
        profile: '{{ input }}',
        children: outputs,
        advisor: '{{ nodes.advisor.output }}',
        errors: Object.fromEntries([...ids, 'advisor'].map((id) => [id, `{{ nodes.${id}.error }}`])),
      },
    },
  ],
  ...REPORTED,
});
