import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeKinds } from '../nodes/registry.js';
import { checkDefinition } from '../workflow/check-definition.js';
import { parseSource } from '../workflow/parse-source.js';
import { packageRoot } from './package-root.js';

const guide = readFileSync(join(packageRoot, 'docs', 'workflows.md'), 'utf8');
const blocks = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');

/** A block may be a whole workflow, a node, or fields of a node; nodes that it needs are put beside it. */
function complete(text: string): unknown {
  const { value, faults } = parseSource({ text, format: 'yaml' });
  expect(faults).toEqual([]);
  if (!Array.isArray(value) && typeof value === 'object' && value !== null && 'nodes' in value) return value;
  const nodes: unknown[] = Array.isArray(value) ? value : [{ id: 'a', kind: 'transform', ...(value as object) }];
  const needed = ['crawl', 'links', 'seo'].filter((id) => text.includes(`nodes.${id}.`));
  const others = needed.map((id) => ({ id, kind: 'transform' }));
  return { id: 'w', name: 'W', description: 'w', nodes: [...others, ...nodes] };
}

it.each(blocks)('the guide shows a workflow without faults: %s', (text) => {
  expect(checkDefinition({ definition: complete(text), kinds: nodeKinds })).toEqual([]);
});

it('the guide names every node kind and each of its fields', () => {
  expect(blocks.length).toBeGreaterThan(4);
  for (const kind of nodeKinds.values()) {
    expect(guide).toContain(`### ${kind.kind}`);
    for (const field of Object.keys(kind.fields)) expect(guide).toContain(`\`${field}\``);
  }
});
