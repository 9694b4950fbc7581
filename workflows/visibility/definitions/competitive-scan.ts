import { defineWorkflow } from 'errand';
import { profileSchema } from '../lib/profile.js';
import { agent, ATTEMPTS, ended, MODEL_RETRY, OBJECT_OR_NULL, REPORTED, reportNode, resultSchema } from './shared.js';

const reader = agent('reader', 'competitor-reader', 'Competitor Reader', {
  uses: './agents/competitors/competitor-reader.ts',
  with: { profile: '{{ input }}' },
  timeout: '10m',
});
const scout = agent('scout', 'answer-scout', 'AI Answer Scout', {
  uses: './agents/competitors/answer-scout.ts',
  with: { profile: '{{ input }}', attempts: ATTEMPTS },
  retry: MODEL_RETRY,
  budget: { calls: 40, cost: 0.75 },
  timeout: '10m',
});
const analyst = agent('analyst', 'gap-analyst', 'Gap Analyst', {
  uses: './agents/competitors/gap-analyst.ts',
  needs: ['reader', 'scout'],
  with: { profile: '{{ input }}', presences: '{{ nodes.reader.output }}', voice: '{{ nodes.scout.output }}' },
});
const planner = agent('planner', 'campaign-planner', 'Campaign Planner', {
  uses: './agents/competitors/campaign-planner.ts',
  needs: ['analyst'],
  with: { profile: '{{ input }}', comparison: '{{ nodes.analyst.output }}' },
  retry: MODEL_RETRY,
  budget: { calls: 20, cost: 0.5 },
});

export const competitiveScan = defineWorkflow({
  id: 'competitive_scan',
  name: 'Conquest Campaign',
  description:
    'Reads competitors’ sites, asks AI assistants whom they recommend, compares both with a local business’s own, and plans a campaign of four weeks to overtake them.',
  credits: 20,
  estimated_duration: '3-5 min',
  models: ['default'],
  budget: { calls: 60, cost: 2 },
  timeout: '30m',
  input: profileSchema(['competitors']),
  output: resultSchema({
    own: OBJECT_OR_NULL,
    competitors: { type: 'array', items: { type: 'object', required: ['name', 'site', 'pages', 'services'] } },
    share_of_voice: OBJECT_OR_NULL,
    comparison: OBJECT_OR_NULL,
    campaign: { type: ['object', 'null'], required: ['headline', 'weeks', 'needs_a_look'] },
  }),
  nodes: [
    reader,
    scout,
    analyst,
    planner,
    reportNode(['planner'], './agents/competitors/campaign-report.ts', {
      agents: { reader: ended(reader), scout: ended(scout), analyst: ended(analyst), planner: ended(planner) },
    }),
  ],
  ...REPORTED,
});
