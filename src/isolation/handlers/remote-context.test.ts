import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HandlersUnderTest } from '../../../test/support/runs/handlers-under-test.js';
import type { GenerateRequest, HandlerContext } from '../../core/handlers/node-kind.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { Json } from '../../core/json.js';
import { ForbiddenAddress } from '../../core/ports/outbound.js';

const CODE = `
export const all = (context) => {
  const { input, idempotencyKey, attempt, instruction, node, run, organization } = { ...context };
  return { input, idempotencyKey, attempt, instruction, node, run, organization };
};
export async function reports({ progress, findings }) {
  progress(10, 'first'); progress(20, 'second'); findings('one'); findings('two');
  await new Promise((resolve) => setTimeout(resolve, 30));
  progress(90);
}
export const wrongReport = ({ progress }) => progress('half');
export async function steps({ step }) {
  const one = await step('one', async () => ({ made: 'here' }));
  const again = await step('one', () => { throw new Error('done twice'); });
  class Own extends Error {}
  const failure = new Own('of the author');
  const same = await step('two', () => { throw failure; }).catch((error) => error === failure);
  return { one, again, same };
}
export const notJson = ({ step }) => step('s', () => ({ at: [1, NaN] }));
export const generated = async ({ generate }) => {
  const texts = [];
  const first = await generate({ prompt: 'hello', onText: (text) => texts.push(text) });
  const second = await generate({ prompt: 'again' });
  return { first, second, texts };
};
export const failing = ({ generate }) => generate({ prompt: 'fail' }).catch((error) => {
  const { name, kind, retryable, retryAfterMs, message } = error;
  return { name, kind, retryable, retryAfterMs, message };
});
export const fetched = async ({ fetch, input }) => {
  const form = new FormData();
  form.set('a', 'b');
  const response = await fetch(input.url, { method: 'POST', headers: { 'x-one': '1' }, body: form });
  const { status, url, redirected, ok } = response;
  return { status, url, redirected, ok, type: response.headers.get('x-type'), text: await response.text() };
};
export const streamed = async ({ fetch, input }) => {
  const { body } = await fetch(input.url + '/endless');
  let bytes = 0;
  for await (const piece of body) { bytes += piece.length; if (bytes > 200000) break; }
  return bytes > 200000;
};
export const aborted = async ({ fetch, input }) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('enough')), 50);
  return fetch(input.url + '/never', { signal: stop.signal }).catch((error) => error.message);
};
export const forbidden = ({ fetch }) => fetch('http://x').catch(({ name, kind, what }) => ({ name, kind, what }));
export const logs = async ({ log }) => {
  log.info({ error: new Error('inner'), n: 1 }, 'logged');
  console.log('printed');
  process.stderr.write('half a ');
  process.stderr.write('line\\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
};
export const signalled = ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
export const throws = ({ input }) => {
  if (input.what === 'text') throw 'only a text';
  throw Object.assign(new RangeError('too far'), { kind: 'of_its_own', retryable: false });
};
export const unfit = ({ input }) => input.what === 'NaN' ? { at: NaN } : input.what === 'date' ? { at: new Date(0) } : new Map();
export const nothing = () => undefined;
export const echo = ({ input, step }) => step('echo', () => input);
export const large = () => 'x'.repeat(2_000_000);
`;

describe.each(['process', 'thread'] as const)('what a handler in a %s is given', (kind) => {
  let handlers: HandlersUnderTest;
  let file: string;
  const server = createServer((request, response) => {
    if (request.url === '/never') return;
    if (request.url === '/endless') {
      const write = (): void => {
        while (response.write('y'.repeat(10_000)));
        response.once('drain', write);
      };
      write();
      return;
    }
    response.setHeader('x-type', String(request.headers['content-type']).slice(0, 19));
    request.pipe(response);
  });
  let url: string;

  beforeAll(async () => {
    handlers = new HandlersUnderTest(kind);
    file = handlers.write(CODE);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    handlers.close();
    server.close();
    server.closeAllConnections();
  });

  it('is all that is promised, of a copy of the context too', async () => {
    expect(await handlers.call(file, 'all', { input: { a: [1] } })).toEqual({
      input: { a: [1] },
      idempotencyKey: 'run-1:node-1',
      attempt: 1,
      instruction: null,
      node: { id: 'node-1', role: null, label: null },
      run: { id: 'run-1', workflowId: 'w', workflowVersion: 1, createdAt: '2026-01-01T00:00:00.000Z' },
      organization: { id: 'org-1', name: 'Acme' },
    });
  });

  it('takes reports, of those of one turn the newest', async () => {
    const { result, reports } = handlers.start(file, 'reports');
    await result;
    expect(reports.progress).toEqual([
      { percent: 20, message: 'second' },
      { percent: 90, message: null },
    ]);
    expect(reports.findings).toEqual(['two']);
    await expect(handlers.call(file, 'wrongReport')).rejects.toThrow('progress() takes a number from 0 to 100');
  });

  it('does the work of steps over there, and remembers it here', async () => {
    const remembered = new Map<string, unknown>();
    const step: HandlerContext['step'] = async <T>(key: string, work: () => Promise<T> | T) => {
      if (!remembered.has(key)) remembered.set(key, await work());
      return remembered.get(key) as T;
    };
    expect(await handlers.call(file, 'steps', { context: { step } })).toEqual({
      one: { made: 'here' },
      again: { made: 'here' },
      same: true,
    });
    expect([...remembered]).toEqual([['one', { made: 'here' }]]);
    await expect(handlers.call(file, 'notJson', { context: { step } })).rejects.toMatchObject({
      kind: 'invalid_output',
      message: expect.stringContaining('at[1] is NaN') as string,
    });
  });

  it('asks models with keys of its own count, and hands on their text', async () => {
    const asked: GenerateRequest[] = [];
    const generate = (async (request: GenerateRequest) => {
      asked.push({ ...request });
      if (request.prompt === 'fail') throw new NodeFailure('busy', { kind: 'model_rate_limited', retryAfterMs: 5 });
      request.onText?.('some');
      return { model: 'm', text: 'some', output: 'some', usage: {} };
    }) as unknown as HandlerContext['generate'];
    const given = await handlers.call(file, 'generated', { context: { generate } });
    expect(given).toMatchObject({ first: { text: 'some' }, second: { model: 'm' }, texts: ['some'] });
    expect(asked.map(({ key, prompt }) => [key, prompt])).toEqual([
      ['generate-1', 'hello'],
      ['generate-2', 'again'],
    ]);
    expect(await handlers.call(file, 'failing', { context: { generate } })).toEqual({
      name: 'NodeFailure',
      kind: 'model_rate_limited',
      retryable: true,
      retryAfterMs: 5,
      message: 'busy',
    });
  });

  it('fetches by way of the server, body by body', async () => {
    const answer = (await handlers.call(file, 'fetched', { input: { url } })) as { readonly [name: string]: Json };
    expect(answer).toMatchObject({
      status: 200,
      ok: true,
      redirected: false,
      type: 'multipart/form-data',
      url: `${url}/`,
    });
    expect(answer['text']).toContain('name="a"');
    expect(await handlers.call(file, 'streamed', { input: { url } })).toBe(true);
    expect(await handlers.call(file, 'aborted', { input: { url } })).toBe('enough');
  });

  it('is told of addresses that may not be asked', async () => {
    const fetch = (): Promise<Response> => Promise.reject(new ForbiddenAddress('10.0.0.1 is private', true));
    expect(await handlers.call(file, 'forbidden', { context: { fetch } })).toEqual({
      name: 'ForbiddenAddress',
      kind: 'forbidden_address',
      what: '10.0.0.1 is private',
    });
  });

  it('logs, and what it prints is logged, as its own', async () => {
    await handlers.call(file, 'logs');
    const own = handlers.lines.filter(({ fields }) => fields['own'] === true);
    expect(own.map(({ level, message }) => [level, message])).toEqual([
      ['info', 'logged'],
      ['warn', 'printed'],
      ['warn', 'half a line'],
    ]);
    expect(own[0]?.fields).toMatchObject({ n: 1, error: { type: 'Error', message: 'inner' } });
  });

  it('hears that it is given up', async () => {
    const { result, abort } = handlers.start(file, 'signalled');
    setTimeout(() => abort(new NodeFailure('too long', { kind: 'timeout' })), 100);
    await expect(result).rejects.toMatchObject({ name: 'NodeFailure', kind: 'timeout', message: 'too long' });
  });

  it('throws what it threw', async () => {
    await expect(handlers.call(file, 'throws')).rejects.toMatchObject({
      name: 'RangeError',
      kind: 'of_its_own',
      retryable: false,
      message: 'too far',
    });
    await expect(handlers.call(file, 'throws', { input: { what: 'text' } })).rejects.toThrow('only a text');
  });

  it('returns JSON, or fails with its place', async () => {
    await expect(handlers.call(file, 'unfit', { input: { what: 'NaN' } })).rejects.toMatchObject({
      kind: 'invalid_output',
      message: expect.stringContaining('at is NaN') as string,
    });
    expect(await handlers.call(file, 'unfit', { input: { what: 'date' } })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    await expect(handlers.call(file, 'unfit')).rejects.toMatchObject({ kind: 'invalid_output' });
    expect(await handlers.call(file, 'nothing')).toBeNull();
    expect(await handlers.call(file, 'large')).toHaveLength(2_000_000);
    const rows = Array.from({ length: 50_000 }, (_, row) => ({ row, text: `row ${row}` }));
    expect(await handlers.call(file, 'echo', { input: rows })).toEqual(rows);
  });
});
