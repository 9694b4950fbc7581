import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, TASKS } from '../../test/support/http/mcp-fixture.js';
import { type NativeStack, type StackKey, startNativeStack } from '../../test/support/http/native-stack.js';

let stack: NativeStack;
beforeAll(async () => {
  stack = await startNativeStack();
});
afterAll(() => stack.close());

const SECRET = 'said when it is over';

interface Opened {
  /** What is still to be read of the answer. */
  readonly rest: Promise<string>;
}

/** What a key can have open: each opens it on a run that asks, and resolves once the server has it. */
const OPENINGS: { readonly [name: string]: (key: StackKey, runId: string) => Promise<Opened> } = {
  'the event stream of a run': async ({ headers }, runId) => {
    const url = new URL(`/api/v1/runs/${runId}/events`, stack.url);
    return await firstOf(await fetch(url, { headers: { ...headers, accept: 'text/event-stream' } }));
  },
  'a waiting GET': async ({ headers }, runId) => {
    const url = new URL(`/api/v1/runs/${runId}?wait_seconds=25`, stack.url);
    return await waiting(fetch(url, { headers }));
  },
  'a waiting tool call': async ({ headers }, runId) =>
    await waiting(
      ask(
        stack.url.href,
        'tools/call',
        { name: 'get_run_status', arguments: { run_id: runId, wait_seconds: 25 } },
        { headers },
      ),
    ),
  'a subscription': async ({ headers }, runId) => {
    const params = { notifications: { taskIds: [runId], resourceSubscriptions: [`errand://runs/${runId}`] } };
    return await firstOf(await ask(stack.url.href, 'subscriptions/listen', params, { headers, capabilities: TASKS }));
  },
  'a stream of list changes': async ({ headers }) =>
    await waiting(fetch(stack.url, { headers: { ...headers, accept: 'text/event-stream' } })),
  "a wait for a task's result": async ({ headers }, runId) =>
    await waiting(
      fetch(stack.url, {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2025-11-25',
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks/result', params: { taskId: runId } }),
      }),
    ),
};

async function firstOf(response: Response): Promise<Opened> {
  const reader = response.body?.getReader();
  if (reader === undefined) throw new Error('the answer has no body');
  await reader.read();
  return { rest: readRest(reader) };
}

async function readRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
}

/** A call that is answered later: another call with the same connection pool shows that the server has it by now. */
async function waiting(answer: Promise<Response>): Promise<Opened> {
  await fetch(new URL('/healthz', stack.url));
  return { rest: answer.then((response) => response.text()) };
}

async function startRelease() {
  const { caller, organization } = await stack.newCaller();
  const { run } = await stack.services.runWorkflow(caller, { workflowId: 'release', input: {} });
  await stack.services.waitForRun(caller, { runId: run.id, sinceVersion: 3, timeoutMs: 10_000 });
  const answer = () =>
    stack.services.answerRun(caller, {
      runId: run.id,
      nodeId: 'approve',
      answer: { approved: true, remark: SECRET },
    });
  return { organization, runId: `run_${run.id}`, answer };
}

describe.each(Object.entries(OPENINGS))('%s', (_, open) => {
  it('ends when its key is revoked, and tells nothing of what comes then', async () => {
    const { organization, runId, answer } = await startRelease();
    const key = await stack.newKey(organization);
    const { rest } = await open(key, runId);
    await key.revoke();
    await answer();
    expect(await rest).not.toContain(SECRET);
  });

  it('ends when its key expires', async () => {
    const { organization, runId } = await startRelease();
    const key = await stack.newKey(organization, Date.now() + 400);
    const { rest } = await open(key, runId);
    expect(await rest).not.toContain('completed');
  });
});

describe('a key that ends', () => {
  it('is told to waiting calls as a key that is not valid', async () => {
    const { organization, runId } = await startRelease();
    const key = await stack.newKey(organization);
    const answer = fetch(new URL(`/api/v1/runs/${runId}?wait_seconds=25`, stack.url), { headers: key.headers });
    await fetch(new URL('/healthz', stack.url));
    await key.revoke();
    const response = await answer;
    expect(response.status).toBe(401);
    expect(await response.text()).toContain('unauthenticated');
  });

  it('leaves what other keys of its organization have open', async () => {
    const { organization, runId, answer } = await startRelease();
    const [key, other] = [await stack.newKey(organization), await stack.newKey(organization)];
    const { rest } = await OPENINGS['the event stream of a run']!(key, runId);
    await other.revoke();
    await answer();
    expect(await rest).toContain(SECRET);
  });
});
