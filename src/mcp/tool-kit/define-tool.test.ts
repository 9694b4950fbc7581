import { describe, expect, it } from 'vitest';
import {
  contractUnderTest,
  saidBy,
  type ContractUnderTest,
} from '../../../test/support/contracts/contract-under-test.js';
import { SAMPLE_RUNS, sampleWorkflow } from '../../../test/support/runs/sample-records.js';
import type { Json, JsonObject } from '../../core/json.js';
import { nativeContract } from '../native/native-contract.js';
import { mcpAppContract } from '../published/mcp-app/mcp-app.js';
import { workflowsContract } from '../published/workflows/workflows.js';

const WORKFLOWS = [
  sampleWorkflow(),
  sampleWorkflow({
    id: 'pages',
    credits: 0,
    input: {
      type: 'object',
      additionalProperties: false,
      properties: {
        count: { type: 'integer', default: 10 },
        deep: { type: 'boolean' },
        tags: { type: 'array', items: { type: 'string' } },
        note: { type: 'string' },
      },
    },
  }),
  sampleWorkflow({ id: 'words', credits: 0, input: { type: 'string' } }),
  sampleWorkflow({ id: 'numbers', credits: 0, input: { type: 'array', items: { type: 'number' } } }),
  sampleWorkflow({ id: 'open', credits: 0, input: { type: 'object' } }),
];

const RUN = `run_${SAMPLE_RUNS.completed.id}`;
/** What n8n's agents add to the arguments of every tool. */
const ADDED = { toolCallId: 'call_1', sessionId: 's', action: 'sendMessage', chatInput: 'hi' };
const NULLS = { instruction: null, idempotency_key: null, priority: null, wait_seconds: null };

async function start(contract = nativeContract): Promise<ContractUnderTest> {
  const test = await contractUnderTest(contract, { workflows: WORKFLOWS });
  await test.services.put({ ...SAMPLE_RUNS.completed, workflowId: 'open' });
  return test;
}

const newest = async ({ services }: ContractUnderTest): Promise<Json | undefined> => (await services.newest())?.input;

describe('the arguments of Errand’s own tools', () => {
  it.each<[string, JsonObject]>([
    ['run_workflow', { workflow_id: 'open', input: null, ...NULLS }],
    ['run_workflow', { workflow_id: 'open', input: '', instruction: '', idempotency_key: '', priority: '' }],
    ['run_workflow', { workflow_id: 'open', input: null, input_data: null, configuration: null }],
    ['run_workflow', { workflow_id: 'open', wait_seconds: '0', priority: '5', ...ADDED }],
    ['run_workflow', { workflow_id: 'open', priority: 'high', idempotency_key: 'null' }],
    ['get_run_status', { run_id: RUN, wait_seconds: null, since_version: null, detail: null }],
    ['get_run_status', { run_id: RUN, since_version: '3', wait_seconds: '0', detail: '', ...ADDED }],
    ['list_runs', { status: null, workflow_id: null, limit: null, offset: null }],
    ['list_runs', { status: '', limit: '5', offset: ' 0 ' }],
    ['list_workflows', { limit: null, offset: '1', ...ADDED }],
    ['rerun', { run_id: RUN, input: null, from_node: null, same_version: null, ...NULLS }],
    ['rerun', { run_id: RUN, input: '', from_node: '', same_version: 'True' }],
    ['get_credits', ADDED],
    ['get_workflow', { workflow_id: 'open', ...ADDED }],
  ])('of %s are taken as hosts send them: %j', async (name, args) => {
    expect(saidBy(await (await start()).call(name, args))).toBe('ok');
  });

  it.each<[string, JsonObject, string]>([
    ['list_runs', { limit: '0' }, '/limit must be >= 1'],
    ['list_runs', { limit: 'five' }, '/limit must be integer'],
    ['list_runs', { status: 'done' }, '/status must be one of'],
    ['get_run_status', { run_id: null }, '/run_id must be string'],
    ['get_run_status', { run_id: '' }, 'No run has the id ""'],
    ['get_run_status', { run_id: RUN, wait_seconds: '26' }, '/wait_seconds must be <= 25'],
    ['run_workflow', { workflow_id: 'open', priority: 'urgent' }, '/priority'],
    ['rerun', { run_id: RUN, same_version: 'maybe' }, '/same_version must be boolean'],
  ])('of %s are refused where no reading is plain: %j', async (name, args, said) => {
    expect(saidBy(await (await start()).call(name, args))).toContain(said);
  });

  it('count an empty filter as none', async () => {
    const { result } = await (await start()).call('list_runs', { workflow_id: '' });
    expect(result?.structuredContent).toMatchObject({ total: 1 });
  });
});

describe('the input of a run', () => {
  it.each<[string, string, Json, Json]>([
    ['an object', 'open', { a: '1' }, { a: '1' }],
    ['an object as text', 'open', '{"a":1}', { a: 1 }],
    ['text for an object', 'open', 'just words', { input: 'just words' }],
    [
      'text inside',
      'pages',
      { count: '3', deep: 'true', tags: '["a"]', note: '5' },
      { count: 3, deep: true, tags: ['a'], note: '5' },
    ],
    ['null inside', 'pages', { count: null, note: null }, { count: 10 }],
    ['text inside an object as text', 'pages', '{"count":"3"}', { count: 3 }],
    ['a text', 'words', 'hello', 'hello'],
    ['a text that is JSON', 'words', '42', '42'],
    ['an object that holds a text', 'words', { input: 'hello' }, 'hello'],
    ['a list', 'numbers', [1, 2], [1, 2]],
    ['a list as text', 'numbers', '[1, "2"]', [1, 2]],
    ['an object that holds a list', 'numbers', { input: [1] }, [1]],
    ['an object that holds a list as text', 'numbers', { input: '[1]' }, [1]],
  ])('is read as it was meant: %s', async (_, workflow_id, input, read) => {
    const test = await start();
    expect(saidBy(await test.call('run_workflow', { workflow_id, input }))).toBe('ok');
    expect(await newest(test)).toEqual(read);
  });

  it('is refused where it is JSON that cannot be kept', async () => {
    const lossy = '{"id":12345678901234567890}';
    const said = saidBy(await (await start()).call('run_workflow', { workflow_id: 'open', input: lossy }));
    expect(said).toContain('cannot be kept exactly');
  });

  it('speaks of what is wrong inside a text that is JSON', async () => {
    const said = saidBy(await (await start()).call('run_workflow', { workflow_id: 'pages', input: '{"count":"x"}' }));
    expect(said).toContain('/count');
  });

  it('is read for a workflow’s own tool too, without what a closed one does not name', async () => {
    const test = await start();
    const call = (args: JsonObject) => test.rpc('tools/call', { name: 'pages', arguments: args, task: {} });
    expect(saidBy(await call({ count: '3', ...ADDED }))).toBe('ok');
    expect(await newest(test)).toEqual({ count: 3 });
    expect(saidBy(await call({ count: null, note: '' }))).toBe('ok');
    expect(await newest(test)).toEqual({ count: 10, note: '' });
    expect(saidBy(await call({ count: 'x' }))).toContain('/count');
  });
});

describe('the arguments of the published contracts', () => {
  it.each<[JsonObject, string]>([
    [{ limit: null, offset: null }, 'ok'],
    [{ limit: 5, ...ADDED }, 'ok'],
    [{ limit: '5' }, 'ok'],
    [{ more: 1 }, '/more is not known here'],
  ])('of workflows: %j', async (args, said) => {
    expect(saidBy(await (await start(workflowsContract)).call('list_workflows', args))).toContain(said);
  });

  it.each<[Json, Json]>([
    [null, {}],
    ['', { input: '' }],
    ['{"a":1}', { a: 1 }],
  ])('of workflows, input_data %j', async (input_data, read) => {
    const test = await start(workflowsContract);
    expect(saidBy(await test.call('run_workflow', { workflow_id: 'open', input_data }))).toBe('ok');
    expect(await newest(test)).toEqual(read);
  });

  it.each<[string, JsonObject, string]>([
    ['list_workflow_runs', { status: null, workflowId: '', limit: '5', offset: null, ...ADDED }, 'ok'],
    ['run_workflow', { workflowId: 'open', configuration: null }, 'ok'],
    ['run_workflow', { workflowId: 'open', configuration: '{"a":1}' }, 'ok'],
    ['run_workflow', { workflowId: 'open', configuration: 'x' }, '/configuration must be object'],
    ['get_credits', ADDED, 'ok'],
  ])('of mcp-app, %s %j', async (name, args, said) => {
    expect(saidBy(await (await start(mcpAppContract)).call(name, args))).toContain(said);
  });
});
