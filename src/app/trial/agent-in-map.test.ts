import { expect, it } from 'vitest';
import { defineWorkflow } from '../../workflow/define-workflow.js';
import { testWorkflow } from './test-workflow.js';

const child = defineWorkflow({
  id: 'look_up',
  name: 'Look up',
  description: 'Looks somebody up.',
  input: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  nodes: [{ id: 'pause', kind: 'wait', for: '1h' }],
  result: { found: '{{ input.name }}' },
});

const parent = defineWorkflow({
  id: 'all',
  name: 'All',
  description: 'An agent for each, which runs a workflow.',
  input: { type: 'object' },
  nodes: [
    {
      id: 'each',
      kind: 'map',
      over: ['Ada', 'Bob'],
      concurrency: 1,
      do: { kind: 'agent', goal: 'Find {{ item }}.', tools: [{ workflow: 'look_up' }] },
    },
  ],
  result: '{{ nodes.each.output }}',
});

it('an agent inside a map waits for the workflows that it runs, item by item', async () => {
  const answersOf = (name: string) => [
    { toolCalls: [{ name: 'look_up', input: { name } }] },
    { text: `Found ${name}.` },
  ];
  const test = await testWorkflow([parent, child], { models: [...answersOf('Ada'), ...answersOf('Bob')] });
  try {
    const first = await test.run();
    expect(first.status).toBe('running');
    const second = await test.advance(first, '1h');
    expect(second.status).toBe('running');
    const ended = await test.advance(second, '1h');
    expect(ended).toMatchObject({ status: 'completed', output: ['Found Ada.', 'Found Bob.'] });
    expect(test.prompts).toHaveLength(4);
    expect(test.calls('look_up:pause')).toHaveLength(2);
  } finally {
    await test.close();
  }
});
