import { defineWorkflow, type NodeSpec } from 'errand';
import { profileSchema } from '../lib/profile.js';
import { agent, ended, MODEL_RETRY, readSite, REPORTED, reportNode, resultSchema, SITE_INPUT } from './shared.js';

const reader = agent('reader', 'menu-reader', 'Menu Reader', {
  uses: './agents/content/menu-reader.ts',
  needs: ['site'],
  with: { profile: '{{ input }}', ...SITE_INPUT },
});
const writer: NodeSpec = {
  id: 'writer',
  kind: 'map',
  role: 'service-writer',
  label: 'Service Writer',
  needs: ['reader'],
  over: '{{ [nodes.reader.output.details.entries] }}',
  concurrency: 3,
  do: {
    kind: 'code',
    uses: './agents/content/draft-service.ts',
    with: { profile: '{{ input }}', entry: '{{ item }}' },
    retry: MODEL_RETRY,
    timeout: '5m',
  },
  budget: { calls: 120, cost: 1.5 },
  on_error: 'continue',
};
const editor = agent('editor', 'menu-editor', 'Menu Editor', {
  uses: './agents/content/menu-editor.ts',
  needs: ['writer'],
  when: 'nodes.writer.output',
  with: { profile: '{{ input }}', drafts: '{{ nodes.writer.output }}' },
});

export const contentRefresh = defineWorkflow({
  id: 'content_refresh',
  name: 'Service Menu Update',
  description:
    'Looks at what a local business’s site says of each service, drafts a text for every one of them, and puts them together as a menu with structured data.',
  credits: 15,
  estimated_duration: '4-6 min',
  models: ['default'],
  timeout: '30m',
  input: profileSchema(),
  output: resultSchema({
    services: { type: 'array', items: { type: 'object', required: ['service', 'now', 'draft'] } },
    menu: { type: ['object', 'null'], required: ['markdown', 'json_ld', 'script'] },
  }),
  nodes: [
    readSite,
    reader,
    writer,
    editor,
    {
      ...reportNode(['reader', 'writer', 'editor'], './agents/content/menu-report.ts', {
        reader: ended(reader),
        writer: { drafts: '{{ nodes.writer.output }}', error: '{{ nodes.writer.error }}' },
        editor: ended(editor),
      }),
      join: 'any',
    },
  ],
  ...REPORTED,
});
