import { describe, expect, it } from 'vitest';
import { contractUnderTest, saidBy } from '../../test/support/contracts/contract-under-test.js';
import { NASTY_SCHEMAS } from '../../test/support/contracts/nasty-schemas.js';
import { sampleWorkflow } from '../../test/support/runs/sample-records.js';
import { faultsOfTools } from '../../test/support/contracts/strict-hosts.js';
import type { JsonObject } from '../core/json.js';
import { nativeContract } from './native/native-contract.js';
import { mcpAppContract } from './published/mcp-app/mcp-app.js';
import { workflowsContract } from './published/workflows/workflows.js';

const LONG_ID = 'answers_the_questions_that_guests_of_our_house_have_asked_before_today';

const WORKFLOWS = [
  sampleWorkflow({ id: 'plain' }),
  sampleWorkflow({ id: LONG_ID }),
  sampleWorkflow({ id: `${LONG_ID}_too` }),
  sampleWorkflow({ id: 'get_credits' }),
  sampleWorkflow({ id: 'workflow_get_credits' }),
  sampleWorkflow({
    id: 'wordy',
    description: 'words '.repeat(2_000),
    credits: 7,
    estimated_duration: '3 s '.repeat(500),
  }),
  ...Object.entries(NASTY_SCHEMAS)
    // A workflow with one of these is refused when it is loaded: references lead nowhere, or there are too many
    // properties.
    .filter(([id]) => id !== 'lost' && id !== 'wide')
    .map(([id, input]) => sampleWorkflow({ id: `nasty_${id}`, input })),
];

interface ListedTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly annotations: JsonObject;
}

async function listTools(contract = nativeContract): Promise<readonly ListedTool[]> {
  const { rpc } = await contractUnderTest(contract, {
    workflows: WORKFLOWS.toSorted((a, b) => (a.version.workflowId < b.version.workflowId ? -1 : 1)),
  });
  const { result, error } = await rpc('tools/list');
  expect(error).toBeUndefined();
  return result?.['tools'] as unknown as ListedTool[];
}

describe.each([
  ['native', nativeContract],
  ['workflows', workflowsContract],
  ['mcp-app', mcpAppContract],
] as const)('the tools of %s', (_, contract) => {
  it('are taken by the strictest host', async () => {
    const tools = await listTools(contract);
    const shown = tools.map(({ name, description, inputSchema }) => ({ name, description, parameters: inputSchema }));
    expect(faultsOfTools(shown)).toEqual([]);
  });

  it('have short plain names, titles and every hint', async () => {
    for (const { name, title, annotations } of await listTools(contract)) {
      expect(name).toMatch(/^[a-z0-9_]{1,50}$/);
      expect(title).not.toBe('');
      expect(annotations).toEqual({
        title,
        readOnlyHint: expect.any(Boolean) as boolean,
        destructiveHint: expect.any(Boolean) as boolean,
        idempotentHint: expect.any(Boolean) as boolean,
        openWorldHint: expect.any(Boolean) as boolean,
      });
    }
  });
});

describe('the tool of a workflow', () => {
  it('keeps its cost and how it is waited for, however long its description is', async () => {
    const wordy = (await listTools()).find(({ name }) => name === 'wordy');
    expect(wordy?.description.length).toBeLessThanOrEqual(1_024);
    expect(wordy?.description).toMatch(
      /^words words .*…\n\nCosts 7 credits\. Usually takes 3 s .*… ?\. Waits up to 25 s .*next\.$/s,
    );
  });

  it('says what its arguments cannot', async () => {
    const either = (await listTools()).find(({ name }) => name === 'nasty_either');
    expect(either?.description).toContain(
      'Give mail, or phone. The input has further rules that these arguments do not show',
    );
  });

  it('is called by the name that it is listed with, and the whole schema holds', async () => {
    const { rpc, services } = await contractUnderTest(nativeContract, { workflows: WORKFLOWS });
    await services.setMonthlyLimit(1_000);
    const call = async (name: string, args: JsonObject) =>
      saidBy(await rpc('tools/call', { name, arguments: args, task: {} }));
    for (const { name } of (await listTools()).filter(({ name: listed }) => listed.startsWith('answers_'))) {
      expect(await call(name, { url: 'u' })).toBe('ok');
    }
    expect(await call(LONG_ID, { url: 'u' })).toBe('ok');
    expect(await call('workflow-get_credits', { url: 'u' })).toBe('ok');
    expect(await call('nasty_either', {})).toContain('error');
    expect(await call('nasty_either', { mail: 'm' })).toBe('ok');
    expect(await call('nasty_names', { first_name: 'Ada', Strasse_2: 'x' })).toBe('ok');
    expect(await call('nasty_a_text', { input: 'hello' })).toBe('ok');
  });
});
