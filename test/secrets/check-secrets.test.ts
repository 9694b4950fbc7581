import { describe, expect, it } from 'vitest';
import { nodeKinds } from '../../src/nodes/registry.js';
import { checkDefinition } from '../../src/workflow/check/check-definition.js';

describe('the check of secrets', () => {
  const faultsOf = (secrets: unknown, node: object, more: object = {}): string[] =>
    checkDefinition({
      definition: { id: 'w', name: 'W', description: 'D.', secrets, nodes: [{ id: 'a', ...node }], ...more },
      kinds: nodeKinds,
    }).map(({ path, message }) => `${path}: ${message}`);
  const http = (key: string) => ({ kind: 'http', with: { url: 'https://x.example', headers: { key } } });

  it('takes those that the workflow names, in http, mcp and llm nodes, also inside a map', () => {
    const text = '{{ secrets.crm }}';
    expect(faultsOf(['crm'], http(text))).toEqual([]);
    expect(faultsOf(['crm'], { kind: 'mcp', server: 's', tool: 't', with: { text } })).toEqual([]);
    expect(faultsOf(['crm'], { kind: 'llm', prompt: text })).toEqual([]);
    expect(faultsOf(['crm'], { kind: 'map', over: [1], do: http(text) })).toEqual([]);
  });

  it.each([
    ['crm', http('x'), {}, 'secrets: must be a list of names of secrets, not a string'],
    [['CRM'], http('x'), {}, 'secrets[0]: must be lower-case letters'],
    [['crm'], http('{{ secrets.crn }}'), {}, 'reads the secret "crn", which is not among "secrets"'],
    [undefined, http('{{ secrets.crm }}'), {}, 'reads the secret "crm", which is not among "secrets"'],
    [['crm'], http('{{ secrets }}'), {}, 'reads secrets without their names'],
    [['crm'], http('{{ $lookup(secrets, input.x) }}'), {}, 'reads secrets without their names'],
    [
      ['crm'],
      { kind: 'transform', with: '{{ secrets.crm }}' },
      {},
      'reads secrets, which only nodes of the kinds http',
    ],
    [['crm'], { ...http('x'), when: 'secrets.crm' }, {}, 'reads secrets, which only nodes'],
    [['crm'], { ...http('x'), on_error: { use: '{{ secrets.crm }}' } }, {}, 'reads secrets, which only nodes'],
    [['crm'], http('x'), { result: '{{ secrets.crm }}' }, 'reads secrets, which only nodes'],
  ])('%j and %j: one fault', (secrets, node, more, fault) => {
    const faults = faultsOf(secrets, node, more);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });
});
