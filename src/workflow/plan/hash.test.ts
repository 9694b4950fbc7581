import { describe, expect, it } from 'vitest';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import { canonicalJson, hashWorkflow } from './hash.js';

const definition: WorkflowDefinition = {
  id: 'a',
  name: 'A',
  description: 'a',
  nodes: [{ id: 'n', kind: 'transform' }],
};

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  });
});

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
