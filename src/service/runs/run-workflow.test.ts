import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble, type Assembly } from '../../app/assemble.js';
import type { WorkflowDefinition } from '../../core/workflow/definition.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';

const SEARCH: WorkflowDefinition = {
  id: 'search',
  name: 'Search',
  description: 'Says what it would look for.',
  input: {
    type: 'object',
    required: ['text', 'pages'],
    properties: { text: { type: 'string' }, pages: { type: 'integer', maximum: 50, default: 10 } },
  },
  nodes: [{ id: 'look', kind: 'transform', with: { seen: '{{ input.pages }}' } }],
};

let assembly: Assembly;
let caller: Principal;

beforeAll(async () => {
  assembly = await assemble({ data: ':memory:', monthlyCredits: 100, maxActiveRuns: 10 });
  await assembly.catalog.replaceAll([{ definition: SEARCH, handlers: {}, hash: 'a'.repeat(64) }]);
  await assembly.start();
  caller = { organizationId: assembly.defaultOrganizationId, keyId: null, scopes: ['run'] };
});
afterAll(() => assembly.close({ graceMs: 0 }));

function start(input: Json, idempotencyKey?: string) {
  const key = idempotencyKey === undefined ? {} : { idempotencyKey };
  return assembly.services.runWorkflow(caller, { workflowId: 'search', input, ...key });
}

describe('cancelling a run', () => {
  const SLOW: WorkflowDefinition = { ...SEARCH, id: 'slow', nodes: [{ id: 'wait', kind: 'wait', for: '1h' }] };

  it('twice, or several times at once, gives the cancelled run each time', async () => {
    await assembly.catalog.replaceAll(
      [SEARCH, SLOW].map((definition) => ({ definition, handlers: {}, hash: definition.id.padEnd(64, 'a') })),
    );
    const { run } = await assembly.services.runWorkflow(caller, { workflowId: 'slow', input: { text: 'x' } });
    const cancel = () => assembly.services.cancelRun(caller, { runId: run.id });
    const first = await Promise.all([cancel(), cancel(), cancel()]);
    expect(first).toMatchObject([{ status: 'cancelled' }, { status: 'cancelled' }, { status: 'cancelled' }]);
    expect(await cancel()).toMatchObject({ id: run.id, status: 'cancelled', version: first[0].version });
  });

  it('that has ended otherwise is a conflict that says how it ended', async () => {
    const { run } = await start({ text: 'bread' });
    await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 });
    await expect(assembly.services.cancelRun(caller, { runId: run.id })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('it has ended and is completed') as string,
    });
  });
});

describe('the input of a run', () => {
  it('has its defaults filled in, in its record and for expressions', async () => {
    const { run } = await start({ text: 'bread' });
    expect(await assembly.services.getRunInput(caller, { runId: run.id })).toMatchObject({
      input: { text: 'bread', pages: 10 },
    });
    expect(await assembly.services.waitForRun(caller, { runId: run.id, timeoutMs: 10_000 })).toMatchObject({
      status: 'completed',
      output: { seen: 10 },
    });
  });

  it('is refused for what no default makes good', async () => {
    await expect(start({ pages: 51 })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: '/text' }, { path: '/pages' }],
    });
  });

  it('counts as it was given for an idempotency key', async () => {
    const first = await start({ text: 'bread' }, 'once');
    expect(await start({ text: 'bread' }, 'once')).toMatchObject({ run: { id: first.run.id }, created: false });
    await expect(start({ text: 'bread', pages: 10 }, 'once')).rejects.toMatchObject({ code: 'conflict' });
  });
});
