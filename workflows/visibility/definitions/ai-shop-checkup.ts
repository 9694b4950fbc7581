import { defineWorkflow } from 'errand';
import { profileSchema } from '../lib/profile.js';
import {
  agent,
  ATTEMPTS,
  ended,
  MODEL_RETRY,
  OBJECT_OR_NULL,
  readSite,
  REPORTED,
  reportNode,
  resultSchema,
  SITE_INPUT,
} from './shared.js';

const simulator = agent('simulator', 'ai-simulator', 'AI Simulator', {
  uses: './agents/checkup/ai-simulator.ts',
  with: { profile: '{{ input }}', attempts: ATTEMPTS },
  retry: MODEL_RETRY,
  budget: { calls: 80, cost: 1 },
  timeout: '10m',
});
const brand = agent('brand', 'brand-monitor', 'Brand Monitor', {
  uses: './agents/checkup/brand-monitor.ts',
  with: { profile: '{{ input }}' },
  retry: MODEL_RETRY,
  budget: { calls: 10, cost: 0.25 },
});
const pages = agent('pages', 'site-reader', 'Site Reader', {
  uses: './agents/checkup/site-reader.ts',
  needs: ['site'],
  with: { profile: '{{ input }}', ...SITE_INPUT },
});
const structured = agent('structured_data', 'structured-data-inspector', 'Structured Data Inspector', {
  uses: './agents/checkup/structured-data-inspector.ts',
  needs: ['site'],
  with: { profile: '{{ input }}', ...SITE_INPUT },
});
const reputation = agent('reputation', 'reputation-reader', 'Reputation Reader', {
  uses: './agents/reputation/reputation-reader.ts',
  needs: ['reviews'],
  with: {
    profile: '{{ input }}',
    reviews: '{{ nodes.reviews.output.details.reviews }}',
    average: '{{ nodes.reviews.output.details.average }}',
    reviews_error: '{{ nodes.reviews.error }}',
  },
  retry: MODEL_RETRY,
  budget: { calls: 40, cost: 0.5 },
});

export const aiShopCheckup = defineWorkflow({
  id: 'ai_shop_checkup',
  name: 'AI Shop Checkup',
  description:
    'Five agents find out how well customers and AI assistants can find a local business: they ask assistants what customers ask, read the site, its structured data and its reviews, and score all of it.',
  credits: 25,
  estimated_duration: '3-5 min',
  models: ['default'],
  budget: { calls: 130, cost: 2 },
  timeout: '30m',
  input: profileSchema(),
  output: resultSchema({
    ai: OBJECT_OR_NULL,
    brand: OBJECT_OR_NULL,
    site: OBJECT_OR_NULL,
    structured_data: OBJECT_OR_NULL,
    reputation: OBJECT_OR_NULL,
  }),
  nodes: [
    readSite,
    {
      id: 'reviews',
      kind: 'code',
      uses: './agents/reputation/collect-reviews.ts',
      with: { profile: '{{ input }}' },
      timeout: '3m',
      on_error: 'continue',
    },
    simulator,
    brand,
    pages,
    structured,
    reputation,
    reportNode(['simulator', 'brand', 'pages', 'structured_data', 'reputation'], './agents/checkup/checkup-report.ts', {
      agents: {
        simulator: ended(simulator),
        brand: ended(brand),
        site: ended(pages),
        structured_data: ended(structured),
        reputation: ended(reputation),
      },
    }),
  ],
  ...REPORTED,
});
