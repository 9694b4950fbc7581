import { describe, expect, it } from 'vitest';
import { nodeKinds } from '../../src/nodes/registry.js';
import { checkDefinition } from '../../src/workflow/check/check-definition.js';

const INPUT = {
  type: 'object',
  properties: {
    customer: { type: 'object', properties: { id: { type: 'integer' } }, additionalProperties: false },
    lines: { type: 'array' },
  },
  additionalProperties: false,
};

function faultsOf(searchable: unknown): readonly string[] {
  const nodes = [{ id: 'a', kind: 'transform' }];
  const definition = { id: 'w', name: 'W', description: 'w', input: INPUT, searchable, nodes };
  return checkDefinition({ definition, kinds: nodeKinds }).map(({ path, message }) => `${path} ${message}`);
}

describe('searchable fields', () => {
  it('are taken where they lead to one value, or to what the schema does not say', () => {
    expect(faultsOf(['input.customer.id', 'output.anything.at.all'])).toEqual([]);
  });

  it.each([
    ['input.customer.id', 'searchable must be a list of at most 20 fields, not a string'],
    [Array.from({ length: 21 }, (_, n) => `output.f${n}`), 'searchable must be a list of at most 20 fields, not 21'],
    [['customer.id'], 'searchable[0] must be a field of the input or the output, such as input.customer.id'],
    [['input'], 'searchable[0] must be a field of the input or the output, such as input.customer.id'],
    [['output.a', 'output.a'], 'searchable[1] is there twice'],
    [['input.custmer.id'], 'searchable[0] the input has no "custmer"; did you mean "customer"?'],
    [['input.customer'], 'searchable[0] must be one value (text, a number, true or false), not an object'],
    [['input.lines'], 'searchable[0] must be one value (text, a number, true or false), not an array'],
  ])('%j is a fault', (searchable, fault) => {
    expect(faultsOf(searchable)).toEqual([fault]);
  });
});
