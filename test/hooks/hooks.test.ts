import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiHook, ApiNewHook } from '../../src/api/hook-types.js';
import { send } from './sender.js';
import { KEY, ServerProcess } from '../support/server/server-process.js';

const ECHO = `
id: echo
name: Echo
description: Gives what it was given.
nodes:
  - { id: say, kind: transform, with: '{{ input }}' }
`;
const STRICT = `
id: strict
name: Strict
description: Wants an order.
input:
  type: object
  properties: { order: { type: integer } }
  required: [order]
nodes:
  - { id: say, kind: transform, with: 'order {{ input.order }}' }
`;
const SECRET = `whsec_${Buffer.from('a secret that is long enough').toString('base64')}`;

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-hooks-'));
  writeFileSync(join(folder, 'echo.yaml'), ECHO);
  writeFileSync(join(folder, 'strict.yaml'), STRICT);
  server = await ServerProcess.start({ data: join(folder, 'data'), workflows: folder, env: {} });
});
afterAll(async () => {
  await server.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, path: string, body?: unknown, key = KEY) =>
  server.api(path, { method, key, ...(body === undefined ? {} : { body }) });

async function make(values: object = {}): Promise<ApiNewHook> {
  const { status, body } = await call('POST', '/hooks', { workflow_id: 'echo', answer: 'result', ...values });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body as unknown as ApiNewHook;
}

const shown = async ({ id }: ApiNewHook): Promise<ApiHook> =>
  (await call('GET', `/hooks/${id}`)).body as unknown as ApiHook;

function signed(body: string, id: string, at = new Date()): { readonly [name: string]: string } {
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(SECRET).sign(id, at, body),
  };
}

describe('a hook', () => {
  it('starts a run for what is sent to its address, and answers with its result', async () => {
    const hook = await make();
    expect(hook).toMatchObject({ name: 'echo', signature: { kind: 'none' }, accepted: 0, last_run_id: null });
    const { status, body } = await send(hook, '{"order":7}');
    expect({ status, body }).toMatchObject({ status: 200, body: { status: 'completed', output: { order: 7 } } });
    expect(await shown(hook)).toMatchObject({ accepted: 1, refused: 0, last_run_id: body['run_id'] });
  });

  it('answers with the id of the run at once where nothing else is said', async () => {
    const hook = await make({ answer: 'at_once' });
    const { status, body } = await send(hook, '{}');
    expect({ status, body }).toMatchObject({ status: 202, body: { repeated: false } });
    const { body: run } = await call('GET', `/runs/${String(body['run_id'])}?wait_seconds=10`);
    expect(run).toMatchObject({ status: 'completed', output: {} });
  });

  it('maps body, headers and query by templates, and leaves credentials out', async () => {
    const input = {
      order: '{{ body.order.id }}',
      all: '{{ headers }}',
      from: '{{ query.from }}',
      tags: '{{ query.tag }}',
    };
    const headers = { 'content-type': 'application/json', authorization: 'Bearer x', cookie: 'a=b', 'x-shop': 'north' };
    const { body } = await send(await make({ input }), '{"order":{"id":3}}', headers, '?from=web&tag=a&tag=b');
    const output = body['output'] as { all: object };
    expect(output).toMatchObject({ order: 3, from: 'web', tags: ['a', 'b'], all: { 'x-shop': 'north' } });
    expect(output.all).not.toHaveProperty('authorization');
    expect(output.all).not.toHaveProperty('cookie');
  });

  it.each<[string, string | undefined, string, unknown]>([
    ['JSON', '{"a":[1]}', 'application/json; charset=utf-8', { a: [1] }],
    ['JSON of another kind', '{"a":1}', 'application/cloudevents+json', { a: 1 }],
    ['a form', 'a=1&b=x+y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'x y' }],
    ['a form that holds JSON', 'payload=%7B%22a%22%3A1%7D', 'application/x-www-form-urlencoded', { payload: { a: 1 } }],
    ['text', '{"a":1}', 'text/plain', '{"a":1}'],
    ['bytes of JSON', '{"a":1}', 'application/octet-stream', { a: 1 }],
  ])('reads %s', async (_, sent, type, expected) => {
    const { body } = await send(await make({ input: { got: '{{ body }}' } }), sent, { 'content-type': type });
    expect(body['output']).toEqual({ got: expected });
  });

  it('starts nothing for a delivery for which its condition does not hold', async () => {
    const hook = await make({ when: "headers.`x-github-event` = 'push'" });
    const other = await send(hook, '{}', { 'content-type': 'application/json', 'x-github-event': 'star' });
    expect(other).toMatchObject({ status: 202, body: { ignored: true } });
    const push = await send(hook, '{}', { 'content-type': 'application/json', 'x-github-event': 'push' });
    expect(push).toMatchObject({ status: 200 });
  });

  it('tells the sender and its owner why an input does not fit, and starts nothing', async () => {
    const hook = await make({ workflow_id: 'strict' });
    const { status, body } = await send(hook, '{"order":"many"}');
    expect({ status, body }).toMatchObject({ status: 400, body: { error: { code: 'invalid_input' } } });
    const { refused, last_refusal: refusal, last_run_id: run } = await shown(hook);
    expect({ refused, run }).toEqual({ refused: 1, run: null });
    expect(refusal).toContain('/order');
  });

  it('answers handshakes without a run', async () => {
    const graph = await send(await make(), undefined, {}, '?validationToken=abc');
    expect(graph).toMatchObject({ status: 200, text: 'abc' });
    const hub = await fetch(`${(await make()).url}?hub.mode=subscribe&hub.challenge=42`);
    expect([hub.status, await hub.text(), hub.headers.get('content-type')]).toEqual([
      200,
      '42',
      'text/plain; charset=utf-8',
    ]);
    const slack = await make({ signature: { kind: 'slack' }, secret: 'slack secret' });
    const body = '{"type":"url_verification","challenge":"3eZb"}';
    const time = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac('sha256', 'slack secret').update(`v0:${time}:${body}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${mac}`,
    };
    expect(await send(slack, body, headers)).toMatchObject({ status: 200, text: '3eZb' });
    expect(await send(slack, body, { ...headers, 'x-slack-signature': 'v0=00' })).toMatchObject({ status: 401 });
  });
});

describe('a delivery', () => {
  it('that comes again has the run of the first, whatever comes at once', async () => {
    const hook = await make({
      signature: { kind: 'standard_webhooks' },
      secret: SECRET,
      input: { at: '{{ $now() }}' },
    });
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(hook, '{"a":1}', signed('{"a":1}', 'msg_1'))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(new Set(answers.map(({ body }) => body['run_id'])).size).toBe(1);
    expect(answers.filter(({ body }) => body['repeated'] === false)).toHaveLength(1);
    const next = await send(hook, '{"a":1}', signed('{"a":1}', 'msg_2'));
    expect(next.body['run_id']).not.toBe(answers[0]?.body['run_id']);
  });

  it.each([
    ['an expression', '{{ body.number }}', '{"number":1,"x":1}', '{"number":1,"x":2}', '{"number":2}'],
    ['the hash of its body', '{{ body_hash }}', '{"a":1}', '{"a":1}', '{"a":1 }'],
  ])('is told from others by %s where the hook says so', async (_, deliveryId, first, same, other) => {
    const hook = await make({ delivery_id: deliveryId });
    const ids: unknown[] = [];
    for (const body of [first, same, other]) ids.push((await send(hook, body)).body['run_id']);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    const without = await send(await make({ delivery_id: '{{ body.number }}' }), '{}');
    expect(without).toMatchObject({ status: 400 });
  });

  it('is refused when it is signed wrongly, and only the owner learns how', async () => {
    const hook = await make({ signature: { kind: 'standard_webhooks' }, secret: SECRET });
    const late = await send(hook, '{}', signed('{}', 'msg_1', new Date(Date.now() - 400_000)));
    const other = await send(hook, '{} ', signed('{}', 'msg_2'));
    expect([late.status, other.status]).toEqual([401, 401]);
    expect(late.text).toBe(other.text);
    const { refused, last_refusal: refusal, accepted } = await shown(hook);
    expect({ refused, accepted }).toEqual({ refused: 2, accepted: 0 });
    expect(refusal).toContain('not that of the body');
    expect((await send(hook, '{}', signed('{}', 'msg_3'))).status).toBe(200);
  });

  it('is checked with the secret before too, as long as that is kept, and with none before one is set', async () => {
    const hook = await make({ signature: { kind: 'token', header: 'X-Token' } });
    const withToken = (token: string) => send(hook, '{}', { 'content-type': 'application/json', 'x-token': token });
    const put = (secret: string, keep = 60) =>
      call('PUT', `/hooks/${hook.id}/secret`, { secret, keep_old_for_seconds: keep });
    expect((await withToken('first secret')).status).toBe(401);
    expect((await shown(hook)).last_refusal).toContain('errand hooks set-secret');
    await put('first secret');
    const { status, body } = await put('second secret');
    expect({ status, body }).toMatchObject({ status: 200, body: { secrets: [{ expires_at: null }, {}] } });
    expect([(await withToken('first secret')).status, (await withToken('second secret')).status]).toEqual([200, 200]);
    await put('third secret', 0);
    expect([(await withToken('second secret')).status, (await withToken('third secret')).status]).toEqual([401, 200]);
  });
});

describe('hostile senders', () => {
  it('learn nothing of which addresses there are', async () => {
    const hook = await make();
    const [base] = hook.url.split('/ehk_');
    await call('PATCH', `/hooks/${hook.id}`, { enabled: false });
    const urls = [hook.url, `${base}/ehk_${'a'.repeat(43)}`, `${base}/x`, `${base}/${'y'.repeat(3_000)}`];
    const answers = await Promise.all(urls.map((url) => send({ url }, '{}')));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(404);
  });

  it.each<[string, string | Uint8Array<ArrayBuffer>, { readonly [name: string]: string }, number]>([
    ['more than a mebibyte', 'x'.repeat(1_048_577), { 'content-type': 'text/plain' }, 413],
    ['JSON that is none', '{"a":', { 'content-type': 'application/json' }, 400],
    ['deep JSON', '['.repeat(5_000) + ']'.repeat(5_000), { 'content-type': 'application/json' }, 400],
    ['no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), { 'content-type': 'application/json' }, 400],
    ['another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['a compressed body', '{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ['a picture', 'x', { 'content-type': 'image/png' }, 415],
    ['a form of very many fields', 'a=&'.repeat(2_000), { 'content-type': 'application/x-www-form-urlencoded' }, 413],
  ])('are refused who send %s', async (_, body, headers, status) => {
    const hook = await make();
    expect((await send(hook, body, headers)).status).toBe(status);
    expect((await send(hook, '{}')).status).toBe(200);
  });

  it('are held to a number of refusals and of requests in a minute, and others are not', async () => {
    const hook = await make({
      answer: 'at_once',
      signature: { kind: 'token', header: 'x-token' },
      secret: 'the secret',
    });
    const flood = await Promise.all(Array.from({ length: 80 }, () => send(hook, '{}')));
    expect(flood.filter(({ status }) => status === 401)).toHaveLength(60);
    expect(flood.filter(({ status }) => status === 429)).toHaveLength(20);
    const headers = { 'content-type': 'application/json', 'x-token': 'the secret' };
    expect((await send(hook, '{}', headers)).status).toBe(202);
    expect((await shown(hook)).refused).toBe(60);
    expect((await send(await make(), '{}')).status).toBe(200);
  });

  it('cannot set prototypes, or read what templates do not name', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const { body } = await send(await make({ input: { got: '{{ body }}' } }), '__proto__=1&constructor=2', form);
    expect(JSON.stringify(body['output'])).toBe('{"got":{"__proto__":"1","constructor":"2"}}');
    const refused = await call('POST', '/hooks', { workflow_id: 'echo', input: '{{ secrets.token }}' });
    expect(refused.status).toBe(400);
  });
});

describe('hooks over REST', () => {
  it('are shown without token and secret, changed, given another address, and deleted', async () => {
    const hook = await make({ signature: { kind: 'github' }, secret: 'the github secret' });
    const { url, ...rest } = hook;
    expect((await call('GET', '/hooks')).body['hooks']).toContainEqual(rest);
    expect(JSON.stringify(await shown(hook))).not.toContain('the github secret');
    const changed = await call('PATCH', `/hooks/${hook.id}`, { name: 'Pushes', signature: { kind: 'none' } });
    expect(changed.body).toMatchObject({ name: 'Pushes', signature: { kind: 'none' }, workflow_id: 'echo' });
    expect((await send({ url }, '{}')).status).toBe(200);
    const { body: rotated } = await call('POST', `/hooks/${hook.id}/rotate`, {});
    expect((await send({ url }, '{}')).status).toBe(404);
    expect((await send({ url: String(rotated['url']) }, '{}')).status).toBe(200);
    expect((await call('DELETE', `/hooks/${hook.id}`)).status).toBe(204);
    expect((await call('GET', `/hooks/${hook.id}`)).status).toBe(404);
    const { body: audit } = await call('GET', '/audit?limit=6');
    const entries = audit['entries'] as { action: string }[];
    const actions = entries.map(({ action }) => action).filter((action) => action.startsWith('hook.'));
    expect(actions.slice(0, 4).toSorted()).toEqual(['hook.create', 'hook.delete', 'hook.rotate_token', 'hook.update']);
    expect(JSON.stringify(audit)).not.toContain('ehk_');
  });

  it('are made once for an idempotency key, with the same address', async () => {
    const post = async () => {
      const response = await fetch(`${server.url}/api/v1/hooks`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'idempotency-key': 'once' },
        body: '{"workflow_id":"echo"}',
      });
      return { status: response.status, body: (await response.json()) as ApiNewHook };
    };
    const [first, second] = [await post(), await post()];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.url).toBe(first.body.url);
  });

  it.each([
    [{ workflow_id: 'none' }, 404, 'none'],
    [{ input: '{{ body.x-y }}' }, 400, 'backticks'],
    [{ input: { a: '{{ bdy }}' } }, 400, '/input/a'],
    [{ when: '{{ (' }, 400, '/when'],
    [{ name: '  ' }, 400, '/name'],
    [{ signature: { kind: 'magic' } }, 400, '/signature/kind'],
    [{ signature: { kind: 'hmac', header: 'a b' } }, 400, '/signature/header'],
    [{ signature: { kind: 'slack', tolerance_seconds: 99_999 } }, 400, 'tolerance_seconds'],
    [{ secret: 'short' }, 400, '/secret'],
    [{ input: 'x'.repeat(20_001) }, 400, '20000'],
  ])('with %j are refused with the place of the fault', async (fault, status, text) => {
    const answer = await call('POST', '/hooks', { workflow_id: 'echo', ...fault });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(text);
  });

  it('need the scope manage, and belong to their organization', async () => {
    const hook = await make();
    await call('POST', '/organizations', { slug: 'other', monthly_credits: 100 });
    const { body } = await call('POST', '/keys', { name: 'x', scopes: ['run', 'manage'], organization: 'other' });
    const other = String(body['key']);
    expect((await call('GET', `/hooks/${hook.id}`, undefined, other)).status).toBe(404);
    expect((await call('DELETE', `/hooks/${hook.id}`, undefined, other)).status).toBe(404);
    expect((await call('GET', '/hooks', undefined, other)).body).toEqual({ hooks: [] });
    const { body: reader } = await call('POST', '/keys', { name: 'y', scopes: ['run'] });
    expect((await call('GET', '/hooks', undefined, String(reader['key']))).status).toBe(403);
  });
});
