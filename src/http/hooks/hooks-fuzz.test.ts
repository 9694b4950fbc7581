import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as openRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constantFrom, dictionary, integer, oneof, record, sample, string, uint8Array } from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningServer } from '../../app/running-server.js';
import { startServer } from '../../app/server.js';
import { HOOK_SIGNATURES, type HookSignature, MAX_HOOK_REFUSALS } from '../../core/hooks/hook.js';

const KEY = `sk_live_${'f'.repeat(32)}`;
const SECRET = `whsec_${Buffer.from('a secret that is long enough').toString('base64')}`;
const ECHO = `
id: echo
name: Echo
description: Gives what it was given.
nodes:
  - { id: say, kind: transform, with: '{{ input }}' }
`;
/** Of each kind of signature. */
const ROUNDS = 8;
/** In a round; fewer than a hook refuses with a reason. */
const DELIVERIES = MAX_HOOK_REFUSALS - 10;

type Headers = Readonly<Record<string, string>>;

interface Delivery {
  readonly method: string;
  readonly query: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const hmac = (content: string | Buffer): string => createHmac('sha256', SECRET).update(content).digest('hex');

/** As the senders themselves sign, with their own library where there is one. */
function sign(kind: HookSignature['kind'], body: Buffer, id: string): Headers {
  const at = new Date();
  const seconds = Math.floor(at.getTime() / 1_000);
  const timed = (before: string): string => hmac(Buffer.concat([Buffer.from(before), body]));
  switch (kind) {
    case 'none':
      return { 'idempotency-key': id };
    case 'standard_webhooks':
      return {
        'webhook-id': id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': new Webhook(SECRET).sign(id, at, body.toString('utf8')),
      };
    case 'github':
      return { 'x-hub-signature-256': `sha256=${hmac(body)}`, 'x-github-delivery': id };
    case 'stripe':
      return { 'stripe-signature': `t=${seconds},v1=${timed(`${seconds}.`)}` };
    case 'slack':
      return { 'x-slack-request-timestamp': String(seconds), 'x-slack-signature': `v0=${timed(`v0:${seconds}:`)}` };
    case 'hmac':
      return { 'x-signature': hmac(body), 'webhook-id': id };
    case 'token':
      return { 'x-signature': SECRET, 'webhook-id': id };
  }
}

/** What the signature covers, and so what nobody else may change. */
const SIGNED: { readonly [Kind in HookSignature['kind']]: readonly string[] } = {
  none: [],
  standard_webhooks: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  github: ['x-hub-signature-256'],
  stripe: ['stripe-signature'],
  slack: ['x-slack-request-timestamp', 'x-slack-signature'],
  hmac: ['x-signature'],
  token: ['x-signature'],
};

const types = constantFrom(
  'application/json',
  'application/json; charset=utf-8',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  '',
);
const bodies = oneof(
  uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  constantFrom(
    '{"id":"evt_1","a":[1,2]}',
    '{"type":"url_verification","challenge":"abc"}',
    '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    'payload=%7B%22a%22%3A1%7D',
    '__proto__=1&a=%&a[]=2',
    '"\\ud800"',
    '[',
    '',
    '['.repeat(50_000),
    `{"a":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
    '1e999',
  ).map((text) => Buffer.from(text)),
);
const noise = record({
  body: bodies,
  headers: dictionary(
    constantFrom(
      ...Object.values(SIGNED).flat(),
      'content-type',
      'content-encoding',
      'x-github-event',
      'x-github-delivery',
      'svix-id',
      'idempotency-key',
      'authorization',
      'expect',
      'x-http-method-override',
    ),
    oneof(
      types,
      string({ unit: 'grapheme-ascii', maxLength: 40 }),
      constantFrom('ping', 'gzip', 'v1,AAAA', 't=1,v1=00', '1700000000'),
    ),
    { maxKeys: 6 },
  ),
  query: constantFrom('', '?a=1&a=2', '?hub.challenge=x', '?validationToken=<b>', '?%', '?__proto__=1', '?a=%00'),
  method: constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
});
const changes = record({
  at: integer({ min: 0, max: 1_000 }),
  to: integer({ min: 1, max: 255 }),
  what: integer({ min: 0, max: 99 }),
});

let folder: string;
let server: RunningServer;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-hooks-fuzz-'));
  const workflowsDir = join(folder, 'workflows');
  mkdirSync(workflowsDir);
  writeFileSync(join(workflowsDir, 'echo.yaml'), ECHO);
  const limits = { mutatingCallsPerMinute: 1_000_000, callsPerMinute: 1_000_000 };
  server = await startServer({
    dataDir: join(folder, 'data'),
    workflowsDir,
    port: 0,
    logLevel: 'error',
    bootstrapKey: KEY,
    bootstrapCredits: 1_000_000_000,
    ...limits,
  });
});
afterAll(async () => {
  agent.destroy();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function api(path: string, method = 'GET', body?: object): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${server.url}/api/v1${path}`, { method, headers, ...sent });
  const text = await response.text();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

/** A hook of its own, so that none comes to its limits. */
async function makeHook(kind: HookSignature['kind']): Promise<{ readonly id: string; readonly url: string }> {
  const hook = await api('/hooks', 'POST', { workflow_id: 'echo', signature: { kind }, secret: SECRET });
  return { id: String(hook['id']), url: String(hook['url']) };
}

function deliver(url: string, { method, query, headers, body }: Delivery): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = openRequest(url + query, { method, headers: { ...headers, 'content-length': body.length }, agent });
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', text }),
      );
    });
    sent.end(body);
  });
}

const STATUSES = [200, 202, 204, 400, 401, 405, 413, 415, 417];

/** What is wrong with an answer; null when nothing is. */
function faultOf({ method }: Delivery, { status, type, text }: Answer): string | null {
  if (!STATUSES.includes(status)) return `status ${status}: ${text}`;
  if (/inside the server|ehk_|whsec_/.test(text)) return `tells too much: ${text}`;
  // Handshakes are echoed as what they are, never as a page.
  if (text !== '' && !/^(application\/json|text\/plain)/.test(type) && status !== 417) return `type ${type}`;
  if (!type.startsWith('application/json') || method === 'HEAD') return null;
  const body = JSON.parse(text) as { run_id?: unknown; ignored?: unknown; error?: { message?: unknown } };
  if (status === 202) return body.run_id !== undefined || body.ignored === true ? null : `says nothing: ${text}`;
  return typeof body.error?.message === 'string' ? null : `says not what is wrong: ${text}`;
}

const hasRun = ({ status, text }: Answer): boolean => status === 202 && text.includes('"run_id"');
const json = { 'content-type': 'application/json' };

describe.each(HOOK_SIGNATURES)('a hook whose deliveries are signed with "%s"', (kind) => {
  it('answers whatever is sent to it in words, and goes on', { timeout: 120_000 }, async () => {
    let started = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const hook = await makeHook(kind);
      for (const given of sample(noise, { numRuns: DELIVERIES, seed: 1_000 * round + kind.length })) {
        const answer = await deliver(hook.url, given);
        expect({ given, fault: faultOf(given, answer) }).toEqual({ given, fault: null });
        if (hasRun(answer)) started += 1;
      }
      const whole = { method: 'POST', query: '', body: Buffer.from(`{"n":${round}}`) };
      const answer = await deliver(hook.url, {
        ...whole,
        headers: { ...json, ...sign(kind, whole.body, `last ${round}`) },
      });
      expect(hasRun(answer)).toBe(true);
      await api(`/hooks/${hook.id}`, 'DELETE');
    }
    // Nobody knows the secret: nothing is started but where the address is all that there is to know.
    expect(started > 0).toBe(kind === 'none');
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  // What nobody has signed may hold any byte.
  it.skipIf(kind === 'none')(
    'starts nothing for a delivery of which one byte was changed on its way',
    { timeout: 120_000 },
    async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const hook = await makeHook(kind);
        const before = (await api('/runs?limit=1'))['runs'];
        for (const { at, to, what } of sample(changes, { numRuns: DELIVERIES, seed: round })) {
          const id = `${round} ${at} ${to}`;
          const body = Buffer.from(JSON.stringify({ id, text: 'as it was signed' }));
          const headers: Record<string, string> = { ...json, ...sign(kind, body, id) };
          const names = [...SIGNED[kind], ...(kind === 'token' ? [] : ['body'])];
          const name = names[what % names.length] ?? '';
          if (name === 'body') body[at % body.length] = (body[at % body.length] ?? 0) ^ to;
          else headers[name] = withAnother(headers[name] ?? '', at);
          const answer = await deliver(hook.url, { method: 'POST', query: '', headers, body });
          expect({ name, sent: headers[name], answer }).toMatchObject({ answer: { status: 401 } });
        }
        expect((await api('/runs?limit=1'))['runs']).toEqual(before);
        expect(await api(`/hooks/${hook.id}`)).toMatchObject({ accepted: 0, refused: DELIVERIES });
        await api(`/hooks/${hook.id}`, 'DELETE');
      }
    },
  );
});

/** With another letter or digit in place of one that says something: the last of base64 may hold bits that do not. */
function withAnother(text: string, at: number): string {
  const places = text
    .slice(0, text.endsWith('=') ? -2 : undefined)
    .split('')
    .flatMap((char, place) => (/[0-9a-z]/i.test(char) ? [place] : []));
  const place = places[at % places.length] ?? 0;
  const char = text[place] ?? '';
  const other = char.toLowerCase() === 'a' || char === '1' ? '2' : '1';
  return text.slice(0, place) + other + text.slice(place + 1);
}
