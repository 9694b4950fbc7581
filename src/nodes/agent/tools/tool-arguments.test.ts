import { describe, expect, it } from 'vitest';
import { NASTY_SCHEMAS } from '../../../../test/support/contracts/nasty-schemas.js';
import { RunUnderTest } from '../../../../test/support/runs/run-under-test.js';
import { calls, ScriptedModels, type Said } from '../../../../test/support/runs/scripted-models.js';
import { faultsOfTools } from '../../../../test/support/contracts/strict-hosts.js';
import type { Json, JsonSchema } from '../../../core/json.js';
import type { McpTools } from '../../../core/ports/mcp-tools.js';

const LONG_ID = 'answers_the_questions_that_guests_of_our_house_have_asked_before_today';

function agentRun(tools: readonly { readonly [field: string]: unknown }[], ...said: readonly Said[]) {
  const test = new RunUnderTest([{ id: 'scout', kind: 'agent', goal: 'Find it', tools }]);
  const models = new ScriptedModels(...said);
  test.models = models;
  const addWorkflow = (id: string, inputSchema: JsonSchema, description = 'Does it.'): void => {
    test.children.descriptions.set(id, { name: id, description, inputSchema, outputSchema: null });
  };
  const shown = () =>
    (models.asked[0]?.tools ?? []).map(({ name, description, inputSchema }) => ({
      name,
      description,
      parameters: inputSchema,
    }));
  return { test, models, addWorkflow, shown };
}

describe('what a model is shown of an agent’s tools', () => {
  it('is taken by the strictest provider, whatever the schemas are', async () => {
    const ids = [...Object.keys(NASTY_SCHEMAS), LONG_ID, `${LONG_ID}_too`];
    const { test, addWorkflow, shown } = agentRun([...ids.map((workflow) => ({ workflow })), { mcp: 'tools' }], 'done');
    for (const id of ids) addWorkflow(id, NASTY_SCHEMAS[id] ?? {}, 'words '.repeat(1_000));
    test.mcp = {
      list: async () =>
        Object.entries(NASTY_SCHEMAS).map(([name, inputSchema], index) => ({
          name: `${index}. ${name}${'!'.repeat(index)}`,
          description: 'x'.repeat(5_000),
          inputSchema,
        })),
      call: async () => ({ text: '', content: [], isError: false }),
    } satisfies McpTools;
    await test.drive();
    expect(shown().length).toBe(2 + ids.length + Object.keys(NASTY_SCHEMAS).length);
    expect(faultsOfTools(shown())).toEqual([]);
  });

  it('holds a workflow’s input under "input" where that is no object', async () => {
    const { test, addWorkflow, shown } = agentRun([{ workflow: 'spell' }], 'done');
    addWorkflow('spell', { type: 'string' });
    await test.drive();
    expect(shown().at(-1)).toEqual({
      name: 'spell',
      description: 'spell: Does it.',
      parameters: {
        type: 'object',
        properties: { input: { type: 'string' } },
        required: ['input'],
        additionalProperties: false,
      },
    });
  });
});

describe('the arguments that a model gives', () => {
  const given = async (inputSchema: JsonSchema, args: Json): Promise<Json | undefined> => {
    const { test, addWorkflow } = agentRun([{ workflow: 'child' }], calls(['child', args]), 'done');
    addWorkflow('child', inputSchema);
    const driving = test.drive();
    await test.clock.advance(100);
    const [child] = test.children.started;
    test.children.change('child-1', { status: 'completed', output: null });
    test.control.haveLook();
    await driving;
    return child?.input;
  };

  it.each<[string, JsonSchema, Json, Json]>([
    ['a text under "input"', { type: 'string' }, { input: 'hello' }, 'hello'],
    ['a bare text', { type: 'string' }, 'hello', 'hello'],
    ['a list as text under "input"', { type: 'array', items: { type: 'number' } }, { input: [1, '2'] }, [1, 2]],
    ['other names', NASTY_SCHEMAS['names'] ?? {}, { first_name: 'Ada' }, { 'first name': 'Ada' }],
    ['JSON for anything', { properties: { any: {} } }, { any: '{"a":1}' }, { any: { a: 1 } }],
    [
      'null and text',
      { type: 'object', properties: { n: { type: 'number' }, s: { type: 'string' } } },
      { n: '5', s: null },
      { n: 5 },
    ],
  ])('are read as they were meant: %s', async (_, schema, args, read) => {
    expect(await given(schema, args)).toEqual(read);
  });

  it('go to an MCP server under the names that it has for them', async () => {
    const { test, models } = agentRun(
      [{ mcp: 'tools' }],
      calls(['2fa', { first_name: 'Ada' }], ['_2fa', { first_name: 'Ada' }]),
      'done',
    );
    const called: Json[] = [];
    test.mcp = {
      list: async () => [
        {
          name: '2fa',
          description: 'd',
          inputSchema: { type: 'object', properties: { 'first name': { type: 'string' } } },
        },
      ],
      call: async ({ arguments: args }) => {
        called.push(args);
        return { text: 'ok', content: [], isError: false };
      },
    } satisfies McpTools;
    await test.drive();
    expect(called).toEqual([{ 'first name': 'Ada' }]);
    expect(models.asked[1]?.messages.at(-1)).toMatchObject({ results: [{ isError: true }, { output: 'ok' }] });
  });

  it('are told to be wrong by the tool’s own schema', async () => {
    const { test, addWorkflow, models } = agentRun([{ workflow: 'either' }], calls(['either', {}]), 'done');
    addWorkflow('either', NASTY_SCHEMAS['either'] ?? {});
    await test.drive();
    expect(JSON.stringify(models.asked[1]?.messages.at(-1))).toContain('the required property \\"mail\\" is missing');
    expect(test.children.started).toEqual([]);
  });
});
