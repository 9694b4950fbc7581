import { defineWorkflow } from 'errand';
import { profileSchema } from '../lib/profile.js';
import { agent, ended, MODEL_RETRY, OBJECT_OR_NULL, REPORTED, reportNode, resultSchema } from './shared.js';

const collector = agent('collector', 'review-collector', 'Review Collector', {
  uses: './agents/reputation/collect-reviews.ts',
  with: { profile: '{{ input }}' },
});
const analyst = agent('analyst', 'sentiment-analyst', 'Sentiment Analyst', {
  uses: './agents/reputation/reputation-reader.ts',
  needs: ['collector'],
  when: 'nodes.collector.output',
  with: {
    profile: '{{ input }}',
    reviews: '{{ nodes.collector.output.details.reviews }}',
    average: '{{ nodes.collector.output.details.average }}',
  },
  retry: MODEL_RETRY,
  budget: { calls: 40, cost: 0.75 },
});
const writer = agent('writer', 'reply-writer', 'Reply Writer', {
  uses: './agents/reputation/reply-writer.ts',
  needs: ['collector', 'analyst'],
  when: 'nodes.collector.output',
  with: {
    profile: '{{ input }}',
    reviews: '{{ nodes.collector.output.details.reviews }}',
    judged: '{{ nodes.analyst.output.details.judged }}',
  },
  retry: MODEL_RETRY,
  budget: { calls: 40, cost: 0.75 },
});

export const reputationShield = defineWorkflow({
  id: 'reputation_shield',
  name: 'Reputation Shield',
  description:
    'Gathers a local business’s reviews, finds out what customers praise and complain about, and drafts the owner’s answers, those to unhappy customers first.',
  credits: 15,
  estimated_duration: '2-3 min',
  models: ['default'],
  timeout: '30m',
  input: profileSchema(['reviews']),
  output: resultSchema({
    average: { type: ['number', 'null'] },
    ratings: { type: 'object', additionalProperties: { type: 'integer' } },
    sentiments: OBJECT_OR_NULL,
    themes: {
      type: 'array',
      items: { type: 'object', required: ['theme', 'positive', 'mixed', 'negative', 'reviews'] },
    },
    reviews: {
      type: 'array',
      items: { type: 'object', required: ['id', 'text', 'rating', 'author', 'source', 'sentiment', 'themes', 'reply'] },
    },
  }),
  nodes: [
    collector,
    analyst,
    writer,
    {
      ...reportNode(['collector', 'analyst', 'writer'], './agents/reputation/reputation-report.ts', {
        agents: { collector: ended(collector), analyst: ended(analyst), writer: ended(writer) },
      }),
      join: 'any',
    },
  ],
  ...REPORTED,
});
