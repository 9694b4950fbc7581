import { testOfficialClients, type OfficialClient } from '../../../test/support/contracts/official-clients.js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { outputFaults, faultsOf, publishedContract } from '../../../test/support/contracts/contract-schemas.js';
import {
  bearer,
  KEY_A,
  KEY_B,
  limitOf,
  post,
  startFixture,
  toolCall,
  type Fixture,
} from '../../../test/support/http/http-fixture.js';
import { CREATED_AT, SAMPLE_RUNS, sampleId, sampleWorkflow } from '../../../test/support/runs/sample-records.js';
import { ErrandError } from '../../core/errors.js';
import { renderRunId } from '../../mcp/published/workflows/workflows-render.js';

const WORKFLOWS = [
  sampleWorkflow(),
  sampleWorkflow({ id: 'agent_twice', name: 'Prefixed', input: { type: 'string', minLength: 3 }, credits: 0 }),
  sampleWorkflow({ id: 'anything', name: 'Anything', input: { type: 'object' }, credits: 0 }),
];

let fixture: Fixture;
let url: string;

beforeAll(async () => {
  fixture = await startFixture({ workflows: WORKFLOWS });
  url = `${fixture.url}/mcp/workflows`;
});
afterAll(() => fixture.close());
beforeEach(() => fixture.services.renew());

interface ToolAnswer {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly structuredContent: Record<string, unknown>;
  readonly isError?: boolean;
}

async function call(name: string, args: object, key = KEY_A): Promise<ToolAnswer> {
  const response = await post(url, toolCall(name, args), bearer(key));
  expect(response.status).toBe(200);
  const { result } = (await response.json()) as { result: ToolAnswer };
  expect(JSON.parse(result.content[0]?.text ?? '')).toEqual(result.structuredContent);
  return result;
}

async function succeed(name: string, args: object = {}, key = KEY_A): Promise<Record<string, unknown>> {
  const result = await call(name, args, key);
  expect(result.isError).toBeUndefined();
  expect(outputFaults('workflows', name, result.structuredContent)).toEqual([]);
  return result.structuredContent;
}

async function fail(name: string, args: object, key = KEY_A): Promise<Record<string, unknown>> {
  const result = await call(name, args, key);
  expect(result.isError).toBe(true);
  expect(faultsOf(result.structuredContent, publishedContract('workflows').error)).toEqual([]);
  return result.structuredContent;
}

describe('contract A, to the official clients', () => {
  const TOOLS = Object.keys(publishedContract('workflows').tools);

  async function driveEveryTool(client: OfficialClient): Promise<string[]> {
    const called = new Set<string>();
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(TOOLS);
    const callTool = async (name: string, args: Record<string, unknown>) => {
      called.add(name);
      const result = await client.callTool({ name, arguments: args });
      return { structured: result['structuredContent'], isError: result['isError'] === true };
    };
    const listed = await callTool('list_workflows', {});
    expect(outputFaults('workflows', 'list_workflows', listed.structured)).toEqual([]);
    const got = await callTool('get_workflow', { workflow_id: 'agent_site_checkup' });
    expect(outputFaults('workflows', 'get_workflow', got.structured)).toEqual([]);
    const input = { url: 'https://example.org' };
    const started = await callTool('run_workflow', { workflow_id: 'agent_site_checkup', input_data: input });
    expect(outputFaults('workflows', 'run_workflow', started.structured)).toEqual([]);
    for (const [index, sample] of Object.values(SAMPLE_RUNS).entries()) {
      const run = await fixture.services.put({ ...sample, id: sampleId(index) });
      const status = await callTool('get_run_status', { run_id: renderRunId(run.id) });
      expect(outputFaults('workflows', 'get_run_status', status.structured)).toEqual([]);
    }
    const missing = await callTool('get_run_status', { run_id: 'agent_run_0' });
    expect(missing).toMatchObject({ isError: true, structured: { error_type: 'not_found' } });
    return [...called];
  }

  testOfficialClients({ url: () => url, tools: TOOLS, endings: ['', '/'], drive: driveEveryTool });
});

describe('contract A, list_workflows and get_workflow', () => {
  it('pages, and counts all', async () => {
    const page = await succeed('list_workflows', { limit: 1, offset: 1 });
    expect(page).toMatchObject({ total: 3, workflows: [{ id: 'agent_anything' }] });
    expect(page).toMatchObject({ offset: 1, limit: 1, has_more: true });
    expect(await succeed('list_workflows', { offset: 50 })).toEqual({
      workflows: [],
      total: 3,
      offset: 50,
      limit: 50,
      has_more: false,
      source: 'errand.workflows@v1',
    });
    expect(await succeed('list_workflows', { offset: 2, limit: 1 })).toMatchObject({ has_more: false });
  });

  it('takes a limit above 100 as 100', async () => {
    expect(await succeed('list_workflows', { limit: 1_000_000 })).toMatchObject({ limit: 100, total: 3 });
  });

  it('takes the prefixed id and the bare slug', async () => {
    const prefixed = await succeed('get_workflow', { workflow_id: 'agent_site_checkup' });
    expect(await succeed('get_workflow', { workflow_id: 'site_checkup' })).toEqual(prefixed);
    expect(await succeed('get_workflow', { workflow_id: 'agent_twice' })).toMatchObject({ name: 'Prefixed' });
  });

  it('says that a workflow is not found', async () => {
    expect(await fail('get_workflow', { workflow_id: 'nope' })).toMatchObject({ error_type: 'not_found' });
    expect(await fail('run_workflow', { workflow_id: 'agent_nope' })).toMatchObject({ error_type: 'not_found' });
  });

  it('takes numbers that come as text', async () => {
    expect(await succeed('list_workflows', { limit: '1', offset: '2' })).toMatchObject({ limit: 1, offset: 2 });
  });

  it.each([{ limit: 0 }, { limit: '0' }, { limit: 'five' }, { limit: 1.5 }, { offset: -1 }, { more: 1 }])(
    'refuses the arguments %j, naming the path',
    async (args) => {
      const error = await fail('list_workflows', args);
      expect(error['error_type']).toBe('invalid_input');
      expect(error['message']).toContain(`/${Object.keys(args)[0]}`);
    },
  );
});

describe('contract A, run_workflow', () => {
  const inputOf = async (runId: unknown): Promise<unknown> => {
    const newest = await fixture.services.newest();
    expect(renderRunId(newest?.run.id ?? '')).toBe(runId);
    return newest?.input;
  };

  it.each([
    ['an object', { url: 'u' }, { url: 'u' }],
    ['a text that is JSON', '{"url":"u"}', { url: 'u' }],
  ])('takes %s as input', async (_, input_data, expected) => {
    const { run_id, status } = await succeed('run_workflow', { workflow_id: 'site_checkup', input_data });
    expect(status).toBe('pending');
    expect(await inputOf(run_id)).toEqual(expected);
  });

  it.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['the text null', 'null', {}],
    ['a text that is no JSON', 'just words', { input: 'just words' }],
  ])('takes %s as input of a workflow that wants an object', async (_, input_data, expected) => {
    const { run_id } = await succeed('run_workflow', { workflow_id: 'anything', input_data });
    expect(await inputOf(run_id)).toEqual(expected);
  });

  it('gives a text that is no JSON as it is to a workflow that wants a string', async () => {
    const { run_id } = await succeed('run_workflow', { workflow_id: 'agent_agent_twice', input_data: 'words' });
    expect(await inputOf(run_id)).toBe('words');
  });

  it('refuses input that does not fit, naming each path, and leaves no run', async () => {
    const error = await fail('run_workflow', { workflow_id: 'site_checkup', input_data: { url: 5 } });
    expect(error['error_type']).toBe('invalid_input');
    expect(error['message']).toContain('/url');
    expect(await fail('run_workflow', { workflow_id: 'site_checkup', input_data: 'words' })).toMatchObject({
      error_type: 'invalid_input',
    });
    expect(await fixture.services.count()).toBe(0);
  });

  it.each([5, true, ['a']])('refuses input_data of a wrong type: %j', async (input_data) => {
    const error = await fail('run_workflow', { workflow_id: 'anything', input_data });
    expect(error).toMatchObject({ error_type: 'invalid_input' });
    expect(error['message']).toContain('/input_data');
  });

  it('says when a run cannot be dispatched', async () => {
    fixture.services.stub('runWorkflow', async () => {
      throw new ErrandError('unavailable', 'The engine takes on nothing.');
    });
    expect(await fail('run_workflow', { workflow_id: 'anything' })).toEqual({
      error_type: 'execution_error',
      message: 'The engine takes on nothing.',
    });
  });

  it('says when the credits do not suffice', async () => {
    await fixture.services.setMonthlyLimit(10);
    const error = await fail('run_workflow', { workflow_id: 'site_checkup', input_data: { url: 'u' } });
    expect(error).toMatchObject({ error_type: 'insufficient_credits' });
    expect(await fixture.services.count()).toBe(0);
  });

  it('hides what went wrong inside behind an id', async () => {
    fixture.services.stub('runWorkflow', async () => {
      throw new Error('secret: /etc/passwd');
    });
    const error = await fail('run_workflow', { workflow_id: 'anything' });
    expect(error['error_type']).toBe('execution_error');
    expect(error['message']).toMatch(/log has it under [0-9a-f-]{36}/);
    expect(error['message']).not.toContain('secret');
  });
});

describe('contract A, get_run_status', () => {
  it('answers the same, byte for byte, for a run that is not there and one of another organization', async () => {
    const run = await fixture.services.put(SAMPLE_RUNS.completed);
    const body = toolCall('get_run_status', { run_id: renderRunId(run.id) });
    const foreign = await (await post(url, body, bearer(KEY_B))).text();
    await fixture.services.renew();
    const missing = await (await post(url, body, bearer(KEY_B))).text();
    expect(foreign).toBe(missing);
    expect(foreign).toContain('not_found');
  });

  it('answers the same for an id of a wrong form', async () => {
    for (const run_id of ['', 'x', SAMPLE_RUNS.failed.id, `run_${SAMPLE_RUNS.failed.id}`, 'agent_run_'.repeat(500)]) {
      expect(await fail('get_run_status', { run_id })).toMatchObject({ error_type: 'not_found' });
    }
  });

  it('refuses an id that is no text', async () => {
    expect(await fail('get_run_status', { run_id: 5 })).toMatchObject({ error_type: 'invalid_input' });
    expect(await fail('get_run_status', {})).toMatchObject({ error_type: 'invalid_input' });
  });

  it('shows the moments in whole seconds', async () => {
    await fixture.services.put(SAMPLE_RUNS.completed);
    expect(await succeed('get_run_status', { run_id: renderRunId(SAMPLE_RUNS.completed.id) })).toMatchObject({
      created_at: '2026-11-21T20:16:05Z',
      duration_seconds: 0.3,
    });
    expect(CREATED_AT % 1000).not.toBe(0);
  });
});

describe('contract A, keys and limits', () => {
  const BAD_HEADERS = [
    undefined,
    '',
    'Bearer',
    'Bearer x',
    `Basic ${KEY_A}`,
    `Bearer ${KEY_A}x`,
    `Bearer ${KEY_A} ${KEY_A}`,
  ];

  it.each(BAD_HEADERS)('refuses every message with the Authorization %j', async (authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    for (const method of ['initialize', 'ping', 'tools/list', 'tools/call', 'nope']) {
      const response = await post(url, { jsonrpc: '2.0', id: 'q', method }, headers);
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        jsonrpc: '2.0',
        id: 'q',
        error: { code: -32000, data: { error_type: 'auth_error' } },
      });
    }
  });

  it('names protected-resource metadata that is really there', async () => {
    for (const path of ['', '/']) {
      const response = await post(url + path, 'not even JSON', {});
      expect(response.status).toBe(401);
      const named = /resource_metadata="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1] ?? '';
      const metadata = (await (await fetch(named)).json()) as { resource: string };
      expect(metadata.resource).toBe(url + path);
    }
  });

  it('counts calls against the limit for reading', async () => {
    const limited = await startFixture({ limits: { mutating: limitOf(0), reading: limitOf(1) } });
    const call1 = await post(`${limited.url}/mcp/workflows`, toolCall('list_workflows'));
    expect(await call1.json()).not.toHaveProperty('result.isError');
    const call2 = await post(`${limited.url}/mcp/workflows`, toolCall('run_workflow', { workflow_id: 'x' }));
    expect(await call2.json()).toMatchObject({ result: { structuredContent: { error_type: 'rate_limited' } } });
    await limited.close();
  });
});
