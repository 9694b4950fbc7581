import { describe, expect, it } from 'vitest';
import { outputFaults } from '../../test/support/contracts/contract-schemas.js';
import {
  contractUnderTest,
  type ContractUnderTest,
  type RpcAnswer,
} from '../../test/support/contracts/contract-under-test.js';
import { SAMPLE_RUNS, sampleAgent, sampleNode, sampleWorkflow } from '../../test/support/runs/sample-records.js';
import type { Json, JsonObject } from '../core/json.js';
import type { Run } from '../core/run/run.js';
import type { Contract } from './contract/contract.js';
import { nativeContract } from './native/native-contract.js';
import { mcpAppContract } from './published/mcp-app/mcp-app.js';
import { renderRunId as renderRunIdOfA } from './published/workflows/workflows-render.js';
import { workflowsContract } from './published/workflows/workflows.js';

/** What the hosts that take least take: about 25,000 tokens. */
const MAX_ANSWER = 100_000;
const LONG = Array.from({ length: 60_000 }, (_, index) => index).join(' ');
const { id } = SAMPLE_RUNS.completed;
const RUN = `run_${id}`;
const RESOURCE = `errand://runs/${RUN}`;

const WORKFLOWS = [
  sampleWorkflow({ id: 'open', output: { type: 'object' } }),
  sampleWorkflow({ id: 'text', output: { type: 'string' } }),
  ...Array.from({ length: 120 }, (_, index) =>
    sampleWorkflow({ id: `w${index}`, description: 'words '.repeat(1_000) }),
  ),
];

async function start(changes: Partial<Run>, contract: Contract = nativeContract): Promise<ContractUnderTest> {
  const { output: _, ...undeclared } = sampleWorkflow({ id: 'undeclared' }).version.definition;
  const record = sampleWorkflow({ id: 'undeclared' });
  const workflows = [{ ...record, version: { ...record.version, definition: undeclared } }, ...WORKFLOWS];
  const test = await contractUnderTest(contract, { workflows });
  await test.services.put({ ...SAMPLE_RUNS.completed, workflowId: 'open', ...changes });
  return test;
}

const sizeOf = (answer: RpcAnswer): number => JSON.stringify(answer).length;
const structureOf = (answer: RpcAnswer): JsonObject =>
  (answer.result as { structuredContent: JsonObject }).structuredContent;

describe('an answer with a long output', () => {
  const cut = { shown_characters: 2_000, total_characters: expect.any(Number) as number, resource: RESOURCE };

  it.each<[string, JsonObject]>([
    ['get_run_status', { run_id: RUN }],
    ['get_run_status', { run_id: RUN, detail: 'agents' }],
    ['get_run_status', { run_id: RUN, detail: 'full' }],
  ])('of %s %j is cut, and names the resource that has all of it', async (name, args) => {
    const test = await start({ output: { text: LONG } });
    const answer = await test.call(name, args);
    expect(sizeOf(answer)).toBeLessThan(MAX_ANSWER);
    expect(structureOf(answer)).toMatchObject({ output_cut: cut });
    expect(JSON.stringify(answer.result?.['content'])).toContain(RESOURCE);
    const { contents } = (await test.rpc('resources/read', { uri: RESOURCE })).result as {
      contents: { text: string }[];
    };
    expect(JSON.parse(contents[0]?.text ?? '')).toMatchObject({ output: { text: LONG } });
  });

  it.each<Json>([{ text: LONG }, LONG, [LONG]])('of a workflow’s tool and of its task is cut', async (output) => {
    const test = await start({ output });
    const { result } = await test.rpc('tasks/result', { taskId: RUN });
    expect(JSON.stringify(result).length).toBeLessThan(MAX_ANSWER);
    expect(result).toMatchObject({ structuredContent: { run_id: RUN, status: 'completed', output_cut: cut } });
    const run = await test.rpc('tasks/result', { taskId: `${RUN}.run_workflow` });
    expect(sizeOf(run)).toBeLessThan(MAX_ANSWER);
    expect(structureOf(run)).toMatchObject({ output_cut: cut });
  });

  it('is never said twice beyond a few thousand characters', async () => {
    const output = { text: 'x'.repeat(15_000) };
    const test = await start({ output });
    const { result } = await test.rpc('tasks/result', { taskId: RUN });
    expect(result).toMatchObject({ structuredContent: output });
    const { content } = result as unknown as { content: { text: string }[] };
    expect(content[1]?.text).toMatch(/^Output, the first 4000 of 15011 characters \(all of it: errand:/);
  });
});

describe('an answer about very many nodes', () => {
  const findings = 'f'.repeat(4_000);
  const agents = Array.from({ length: 1_000 }, (_, index) => ({
    ...sampleAgent(`a${index}`, index % 100 === 99 ? 'failed' : 'completed'),
    findings,
    error: { kind: 'x', message: 'e'.repeat(2_000) },
  }));

  it('shows those that have failed and the first of the others, and says how many more there are', async () => {
    const test = await start({ nodes: agents });
    for (const detail of ['agents', 'full']) {
      const answer = await test.call('get_run_status', { run_id: RUN, detail });
      expect(sizeOf(answer)).toBeLessThan(MAX_ANSWER);
      const { agents: shown, agents_left_out } = structureOf(answer) as {
        agents: { id: string }[];
        agents_left_out: number;
      };
      expect([shown.length, agents_left_out]).toEqual([100, 900]);
      expect(shown.map(({ id: agent }) => agent)).toEqual(expect.arrayContaining(['a0', 'a99', 'a999']));
    }
  });

  it('says of few agents all that they found', async () => {
    const test = await start({ nodes: agents.slice(0, 5) });
    const answer = await test.call('get_run_status', { run_id: RUN, detail: 'agents' });
    expect(structureOf(answer)['agents']).toMatchObject(Array.from({ length: 5 }, () => ({ findings })));
  });

  it('cuts what nodes gave, and names the resource that has it', async () => {
    const nodes = Array.from({ length: 20 }, (_, index) => sampleNode(`n${index}`, { status: 'completed' }));
    const test = await start({ nodes });
    test.services.stub('listNodeOutputs', async function* () {
      for (const node of nodes) yield { nodeId: node.id, output: node.id + 'y'.repeat(9_000) };
    });
    const answer = await test.call('get_run_status', { run_id: RUN, detail: 'full' });
    expect(sizeOf(answer)).toBeLessThan(MAX_ANSWER / 2);
    const [first] = structureOf(answer)['nodes'] as unknown as { output_cut: { resource: string } }[];
    const uri = first?.output_cut.resource ?? '';
    expect(uri).toBe(`${RESOURCE}/nodes/n0`);
    const { contents } = (await test.rpc('resources/read', { uri })).result as { contents: { text: string }[] };
    expect(JSON.parse(contents[0]?.text ?? '')).toBe(`n0${'y'.repeat(9_000)}`);
    expect((await test.rpc('resources/read', { uri: `${RESOURCE}/nodes/nope` })).error?.message).toBe(
      'Resource not found',
    );
  });
});

describe('the questions of a run', () => {
  const asking = (count: number, message: string, schema: JsonObject): Partial<Run> => ({
    ...SAMPLE_RUNS.running,
    id,
    nodes: Array.from({ length: count }, (_, index) =>
      sampleNode(`q${index}`, {
        status: 'waiting',
        waitingFor: 'answer',
        question: { message, schema, default: 'x'.repeat(30_000) },
      }),
    ),
  });
  const enumOf = (count: number): JsonObject => ({
    enum: Array.from({ length: count }, (_, index) => `value ${index}`),
  });

  it('are told as long as there is room, and how many more there are', async () => {
    const test = await start(asking(150, 'm'.repeat(4_000), enumOf(100)));
    const answer = await test.call('get_run_status', { run_id: RUN, detail: 'full' });
    expect(sizeOf(answer)).toBeLessThan(MAX_ANSWER);
    const { questions, questions_left_out } = structureOf(answer) as {
      questions: JsonObject[];
      questions_left_out: number;
    };
    expect([questions.length, questions_left_out]).toEqual([20, 130]);
    // Without its schema nobody can answer.
    expect(questions[0]).toEqual({
      node_id: 'q0',
      message: expect.stringMatching(/^m+…$/) as string,
      schema: enumOf(100),
    });
  });

  it('are told whole where there is one, but for what only the resource has room for', async () => {
    const test = await start(asking(1, 'm'.repeat(4_000), enumOf(1_000)));
    const answer = await test.call('get_run_status', { run_id: RUN });
    expect(structureOf(answer)['questions']).toEqual([
      { node_id: 'q0', message: 'm'.repeat(4_000), schema: enumOf(1_000) },
    ]);
    const long = await start(asking(1, 'm', enumOf(3_000)));
    expect(structureOf(await long.call('get_run_status', { run_id: RUN }))['questions']).toMatchObject([
      { schema: {} },
    ]);
  });
});

describe('lists', () => {
  it('of runs say less of each the more there are', async () => {
    const test = await start({});
    for (let index = 100; index < 200; index++) {
      const failed = { ...SAMPLE_RUNS.failed, error: { kind: 'x', message: 'm'.repeat(2_000), nodeId: null } };
      const run = index % 2 === 0 ? failed : { ...SAMPLE_RUNS.completed, summary: 's'.repeat(4_000) };
      await test.services.put({ ...run, id: `0193512f-4d2b-7c3a-9f00-000000000${index}` });
    }
    expect(sizeOf(await test.call('list_runs', { limit: 100 }))).toBeLessThan(MAX_ANSWER);
  });

  it('of workflows cut what each says of itself', async () => {
    expect(sizeOf(await (await start({})).call('list_workflows', {}))).toBeLessThan(MAX_ANSWER);
    expect(sizeOf(await (await start({})).call('list_workflows', { limit: 100 }))).toBeLessThan(MAX_ANSWER);
  });
});

describe('contract workflows, with a long output', () => {
  const statusOf = async (changes: Partial<Run>) => {
    const test = await start(changes, workflowsContract);
    const answer = await test.call('get_run_status', { run_id: renderRunIdOfA(id) });
    expect(outputFaults('workflows', 'get_run_status', structureOf(answer))).toEqual([]);
    return answer;
  };

  it.each(['undeclared', 'open'])('cuts it where the output schema allows it: %s', async (workflowId) => {
    const answer = await statusOf({ workflowId, output: { text: LONG } });
    expect(sizeOf(answer)).toBeLessThan(MAX_ANSWER);
    expect(structureOf(answer)).toMatchObject({
      output: { output_cut: { shown_characters: 2_000, resource: RESOURCE } },
    });
  });

  it('gives it whole where only that fits the output schema', async () => {
    expect(structureOf(await statusOf({ workflowId: 'text', output: LONG }))).toMatchObject({ output: LONG });
    expect(structureOf(await statusOf({ workflowId: 'gone', output: LONG }))).toMatchObject({ output: LONG });
  });
});

describe.each([
  ['native', nativeContract],
  ['workflows', workflowsContract],
  ['mcp-app', mcpAppContract],
] as const)('the answer of %s to arguments that are huge', (_, contract) => {
  const text = 'x'.repeat(100_000);
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_item, index) => [`k${index}`, text.slice(0, 3)]));
  const HUGE: readonly Json[] = [text, { [text]: many }, Object.keys(many), '[1,'.repeat(30_000)];

  it.each(contract.tools.fixed)('is short: $name', async ({ name, inputSchema }) => {
    const test = await start({ status: 'running' }, contract);
    const names = Object.keys(inputSchema['properties'] as JsonObject);
    const required: JsonObject = {
      run_id: RUN,
      runId: RUN,
      workflow_id: 'text',
      workflowId: 'text',
      node_id: 'crawl',
      answer: 1,
    };
    const used = Object.fromEntries(Object.entries(required).filter(([key]) => names.includes(key)));
    for (const huge of HUGE) {
      for (const args of [...names.map((key) => ({ ...used, [key]: huge })), { ...used, ...many }, { [text]: huge }]) {
        expect(sizeOf(await test.call(name, args))).toBeLessThan(MAX_ANSWER);
      }
    }
    for (const params of [{ name: text }, { name, arguments: text }, { name, arguments: {}, _meta: many }]) {
      expect(JSON.stringify(await test.rpc('tools/call', params)).length).toBeLessThan(MAX_ANSWER);
    }
  });
});
