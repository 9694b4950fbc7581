import { defineWorkflow } from 'errand';
import { profileSchema } from '../lib/profile.js';
import { agent, ended, MODEL_RETRY, readSite, REPORTED, reportNode, resultSchema, SITE_INPUT } from './shared.js';

const WRITER = { retry: MODEL_RETRY, budget: { calls: 20, cost: 0.5 } };

const gaps = agent('gaps', 'gap-finder', 'Gap Finder', {
  uses: './agents/fixes/gap-finder.ts',
  needs: ['site'],
  with: { profile: '{{ input }}', ...SITE_INPUT },
});
const titles = agent('titles', 'title-writer', 'Title Writer', {
  uses: './agents/fixes/title-writer.ts',
  needs: ['gaps'],
  with: { profile: '{{ input }}', site: '{{ nodes.site.output }}', gaps: '{{ nodes.gaps.output }}' },
  ...WRITER,
});
const schema = agent('schema', 'schema-writer', 'Structured Data Writer', {
  uses: './agents/fixes/schema-writer.ts',
  with: { profile: '{{ input }}' },
  ...WRITER,
});
const faq = agent('faq', 'faq-writer', 'FAQ Writer', {
  uses: './agents/fixes/faq-writer.ts',
  with: { profile: '{{ input }}' },
  ...WRITER,
});
const content = agent('content', 'content-planner', 'Content Planner', {
  uses: './agents/fixes/content-planner.ts',
  needs: ['gaps'],
  with: { profile: '{{ input }}', gaps: '{{ nodes.gaps.output }}' },
  ...WRITER,
});
const drafts = { titles: ended(titles), schema: ended(schema), faq: ended(faq), content: ended(content) };
const verifier = agent('verifier', 'fix-verifier', 'Fix Verifier', {
  uses: './agents/fixes/fix-verifier.ts',
  needs: ['titles', 'schema', 'faq', 'content'],
  with: { profile: '{{ input }}', drafts },
});

export const fixVisibility = defineWorkflow({
  id: 'fix_visibility',
  name: 'Fix My Visibility',
  description:
    'Finds what a local business’s site lacks for being found, and drafts it: titles and descriptions, structured data, questions with answers and plans for missing pages, each verified against the profile.',
  credits: 20,
  estimated_duration: '4-6 min',
  models: ['default'],
  budget: { calls: 80, cost: 2 },
  timeout: '30m',
  input: profileSchema(),
  output: resultSchema({
    fixes: {
      type: 'object',
      required: ['pages', 'local_business', 'faq', 'briefs', 'ready', 'needs_a_look'],
      properties: {
        pages: { type: 'array', items: { type: 'object', required: ['url', 'title', 'description'] } },
        local_business: { type: ['object', 'null'], required: ['json_ld', 'script'] },
        faq: { type: ['object', 'null'], required: ['faqs', 'script'] },
        briefs: { type: 'array', items: { type: 'object', required: ['service', 'title', 'answers', 'outline'] } },
        ready: { type: 'array', items: { type: 'string' } },
        needs_a_look: { type: 'array', items: { type: 'object', required: ['draft', 'problem'] } },
      },
    },
  }),
  nodes: [
    readSite,
    gaps,
    titles,
    schema,
    faq,
    content,
    verifier,
    reportNode(['verifier'], './agents/fixes/fix-report.ts', { gaps: ended(gaps), drafts, verifier: ended(verifier) }),
  ],
  ...REPORTED,
});
