import { describe, expect, it } from 'vitest';
import { publishedContract } from '../../../test/support/contracts/contract-schemas.js';
import type { JsonObject } from '../../core/json.js';
import { mcpAppContract } from '../published/mcp-app/mcp-app.js';
import { workflowsContract } from '../published/workflows/workflows.js';

/** The contract's schema as it is advertised: without `multipleOf`, which naive validators get wrong. */
function withoutMultipleOf(schema: JsonObject): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (key === 'multipleOf' ? undefined : value)));
}

describe('contract A', () => {
  const published = publishedContract('workflows');

  it('has exactly the published tools', () => {
    expect(workflowsContract.tools.fixed.map((tool) => tool.name)).toEqual(Object.keys(published.tools));
  });

  it.each(workflowsContract.tools.fixed)(
    'advertises the published schemas of $name',
    ({ name, inputSchema, outputSchema }) => {
      expect(inputSchema).toEqual(published.tools[name]?.input);
      expect(outputSchema).toEqual({
        type: 'object',
        anyOf: [withoutMultipleOf(published.tools[name]?.output ?? {}), published.error],
      });
    },
  );
});

describe('contract B', () => {
  const published = publishedContract('mcp-app');

  it('has exactly the published tools', () => {
    expect(mcpAppContract.tools.fixed.map((tool) => tool.name)).toEqual(Object.keys(published.tools));
  });

  it.each(mcpAppContract.tools.fixed)(
    'advertises the published input schema of $name',
    ({ name, inputSchema, outputSchema }) => {
      expect(inputSchema).toEqual(published.tools[name]?.input);
      expect(outputSchema).toBeNull();
    },
  );
});
