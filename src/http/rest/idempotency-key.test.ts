import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack } from '../../../test/support/http/native-stack.js';
import { bearer, post } from '../../../test/support/http/http-fixture.js';
import { SCOPES } from '../../core/tenant/principal.js';

type Stack = Awaited<ReturnType<typeof startNativeStack>>;
type Answer = Record<string, unknown>;

let stack: Stack;
let headers: { readonly authorization: string };
let other: { readonly authorization: string };

beforeAll(async () => {
  stack = await startNativeStack();
  const { caller } = await stack.newCaller();
  const manager = { ...caller, scopes: SCOPES };
  const make = async () => (await stack.services.createKey(manager, { name: 'manager', scopes: SCOPES })).key;
  [headers, other] = [bearer(await make()), bearer(await make())];
});
afterAll(() => stack.close());

interface Answered {
  readonly status: number;
  readonly body: Answer;
  readonly replayed: boolean;
}

async function send(path: string, body: object, key: string | null, from = headers): Promise<Answered> {
  const all = key === null ? from : { ...from, 'idempotency-key': key };
  const response = await post(new URL(`/api/v1${path}`, stack.url).href, body, all);
  const replayed = response.headers.get('idempotency-replayed') === 'true';
  return { status: response.status, body: (await response.json()) as Answer, replayed };
}

const GREET = { workflow_id: 'greet', input: { name: 'Ada' } };

describe('the header Idempotency-Key', () => {
  it('gives a repeated start the run of the first', async () => {
    const first = await send('/runs', GREET, 'start-1');
    const again = await send('/runs', GREET, 'start-1');
    expect([first.status, first.replayed, again.status, again.replayed]).toEqual([201, false, 200, true]);
    expect(again.body['run_id']).toBe(first.body['run_id']);
    const another = await send('/runs', { ...GREET, input: { name: 'Bo' } }, 'start-1');
    expect([another.status, another.body]).toMatchObject([409, { error: { code: 'conflict' } }]);
  });

  it('is the same key as the field, bare or in quotes, and must not say another', async () => {
    const { body } = await send('/runs', { ...GREET, idempotency_key: 'field-1' }, null);
    for (const [field, header] of [
      [undefined, 'field-1'],
      [undefined, '"field-1"'],
      ['field-1', 'field-1'],
      ['field-1', '"field-1"'],
    ] as const) {
      const request = field === undefined ? GREET : { ...GREET, idempotency_key: field };
      expect((await send('/runs', request, header)).body['run_id']).toBe(body['run_id']);
    }
    const refused = await send('/runs', { ...GREET, idempotency_key: 'field-2' }, 'field-1');
    expect([refused.status, refused.body]).toMatchObject([
      400,
      { error: { code: 'invalid_input', problems: [{ path: '/idempotency_key' }] } },
    ]);
  });

  it.each(['""', '" x"', 'x'.repeat(201), 'é'])('is refused when it is no key: %j', async (key) => {
    for (const [path, body] of [
      ['/runs', GREET],
      ['/keys', { name: 'x' }],
    ] as const) {
      expect(await send(path, body, key)).toMatchObject({ status: 400, body: { error: { code: 'invalid_input' } } });
    }
  });

  it('gives a repeated rerun the run of the first', async () => {
    const { body } = await send('/runs', { ...GREET, wait_seconds: 20 }, null);
    const rerun = (request: object) => send(`/runs/${String(body['run_id'])}/rerun`, request, 'rerun-1');
    const [first, again] = [await rerun({}), await rerun({})];
    expect([first.status, again.status, again.body['run_id']]).toEqual([201, 200, first.body['run_id']]);
    expect((await rerun({ input: { name: 'Bo' } })).status).toBe(409);
  });

  it('retries a run once', async () => {
    const failed = (await send('/runs', { workflow_id: 'fails', input: {}, wait_seconds: 20 }, null)).body;
    expect(failed['status']).toBe('failed');
    const path = `/runs/${String(failed['run_id'])}/retry`;
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(path, {}, 'retry-1')));
    expect(answers.map(({ status, body }) => [status, body['retries']])).toEqual(answers.map(() => [200, 1]));
    await expect
      .poll(async () => (await send(path, {}, 'retry-1')).body)
      .toMatchObject({ status: 'failed', retries: 1 });
    expect((await send(path, {}, 'retry-2')).body['retries']).toBe(2);
  });

  it('makes a key once, and shows it again to its maker alone', async () => {
    const request = { name: 'ci', scopes: ['run'] };
    const [first, again] = [await send('/keys', request, 'key-1'), await send('/keys', request, 'key-1')];
    expect([first.status, again.status, again.replayed]).toEqual([201, 200, true]);
    expect(again.body).toEqual(first.body);
    expect(first.body['key']).toMatch(/^sk_live_[0-9A-Za-z]{32}$/);
    const usable = await fetch(new URL('/api/v1/runs', stack.url), { headers: bearer(String(first.body['key'])) });
    expect(usable.status).toBe(200);
    for (const [body, from] of [
      [{ ...request, scopes: ['run', 'manage'] }, headers],
      [{ ...request, name: 'cd' }, headers],
      [request, other],
    ] as const) {
      expect(await send('/keys', body, 'key-1', from)).toMatchObject({
        status: 409,
        body: { error: { code: 'conflict' } },
      });
    }
    const more = await send('/keys', request, 'key-2');
    expect([more.status, more.body['key'] === first.body['key']]).toEqual([201, false]);
  });

  it('makes one key of calls at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('/keys', { name: 'race' }, 'race')));
    expect(new Set(answers.map(({ body }) => body['key'])).size).toBe(1);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  });

  it('makes an organization once', async () => {
    const request = { slug: 'acme', monthly_credits: 5 };
    const [first, again] = [
      await send('/organizations', request, 'org-1'),
      await send('/organizations', request, 'org-1'),
    ];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect((await send('/organizations', { slug: 'bcme' }, 'org-1')).status).toBe(409);
    expect((await send('/organizations', request, 'org-2')).status).toBe(409);
    expect((await send('/keys', { name: 'x' }, 'org-1')).status).toBe(409);
  });

  it('is remembered over a restart', async () => {
    const before = await send('/keys', { name: 'kept' }, 'kept-1');
    stack = await stack.restart();
    const after = await send('/keys', { name: 'kept' }, 'kept-1');
    expect([after.status, after.body['key']]).toEqual([200, before.body['key']]);
  });
});
