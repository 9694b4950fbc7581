import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import { hashWorkflow } from './hash.js';

const definition: WorkflowDefinition = {
  id: 'a',
  name: 'A',
  description: 'a',
  nodes: [{ id: 'n', kind: 'transform' }],
};

describe('the hash of a workflow', () => {
  it('is the same for the same definition and handlers, however they are ordered', () => {
    const { id, ...rest } = definition;
    expect(hashWorkflow({ definition: { ...rest, id }, handlers: {} })).toBe(
      hashWorkflow({ definition, handlers: {} }),
    );
  });

  it('changes with a handler', () => {
    const withHandler = (bundle: string): string =>
      hashWorkflow({ definition, handlers: { n: { kind: 'bundle', bundle, export: 'default' } } });
    expect(withHandler('a')).not.toBe(withHandler('b'));
  });
});
