import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import type { HookSignature } from '../../../core/hooks/hook.js';
import { findSignatureProblem } from './verify.js';

const NOW = 1_700_000_000_000;
const tolerance = { toleranceSeconds: 300 };

interface Case {
  readonly signature: HookSignature;
  readonly secret: string;
  readonly body: string;
  readonly headers: { readonly [name: string]: string };
  readonly now?: number;
}

function check({ signature, secret, body, headers, now = NOW }: Case, more: readonly string[] = []): string | null {
  return findSignatureProblem(signature, { headers, body: Buffer.from(body) }, { secrets: [secret, ...more], now });
}

const STANDARD_SECRET = `whsec_${Buffer.from('a secret of twenty-four b').toString('base64')}`;

/** Signed by the sender's own library where it has one, and as its documentation shows otherwise. */
const CASES: { readonly [name: string]: Case } = {
  'Standard Webhooks': {
    signature: { kind: 'standard_webhooks', ...tolerance },
    secret: STANDARD_SECRET,
    body: '{"type":"contact.created"}',
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': String(NOW / 1_000),
      'webhook-signature': `v1a,other ${new Webhook(STANDARD_SECRET).sign('msg_1', new Date(NOW), '{"type":"contact.created"}')}`,
    },
  },
  // https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
  GitHub: {
    signature: { kind: 'github' },
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
  },
  // https://docs.slack.dev/authentication/verifying-requests-from-slack
  Slack: {
    signature: { kind: 'slack', ...tolerance },
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    headers: {
      'x-slack-request-timestamp': '1531420618',
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    },
    now: 1_531_420_618_000,
  },
  // https://docs.stripe.com/webhooks/signature
  Stripe: {
    signature: { kind: 'stripe', ...tolerance },
    secret: 'whsec_test_secret',
    body: '{"id":"evt_1"}',
    headers: {
      'stripe-signature': `t=${NOW / 1_000},v1=00ff,v1=${createHmac('sha256', 'whsec_test_secret')
        .update(`${NOW / 1_000}.{"id":"evt_1"}`)
        .digest('hex')},v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39`,
    },
  },
  'plain HMAC': {
    signature: { kind: 'hmac', header: 'x-shop-hmac', algorithm: 'sha512', encoding: 'base64', prefix: 'v=' },
    secret: 'shop secret',
    body: '{"order":1}',
    headers: { 'x-shop-hmac': `v=${createHmac('sha512', 'shop secret').update('{"order":1}').digest('base64')}` },
  },
  'a token': {
    signature: { kind: 'token', header: 'x-gitlab-token' },
    secret: 'gitlab secret',
    body: '{}',
    headers: { 'x-gitlab-token': 'gitlab secret' },
  },
};

const names = Object.keys(CASES);
const caseOf = (name: string): Case => CASES[name]!;

describe('the signature of a delivery', () => {
  it.each(names)('of %s is taken, also beside another secret', (name) => {
    expect(check(caseOf(name))).toBeNull();
    expect(check({ ...caseOf(name), secret: 'the new secret' }, [caseOf(name).secret])).toBeNull();
  });

  it.each(names)('of %s is refused with another secret, and without its headers', (name) => {
    expect(check({ ...caseOf(name), secret: 'another secret' })).toContain('signature');
    expect(check({ ...caseOf(name), headers: {} })).toContain('lacks the header');
  });

  it.each(names.filter((name) => name !== 'a token'))('of %s is refused for another body', (name) => {
    expect(check({ ...caseOf(name), body: `${caseOf(name).body} ` })).toContain('signature');
  });

  it.each(['Standard Webhooks', 'Slack', 'Stripe'])('of %s is refused outside of its tolerance', (name) => {
    const { now = NOW } = caseOf(name);
    expect(check({ ...caseOf(name), now: now + 299_000 })).toBeNull();
    expect(check({ ...caseOf(name), now: now + 301_000 })).toContain('300 are allowed');
    expect(check({ ...caseOf(name), now: now - 301_000 })).toContain('300 are allowed');
  });

  it.each([
    ['Stripe', { 'stripe-signature': 't=,v1=' }],
    ['Stripe', { 'stripe-signature': `t=1e10,v1=${'00'.repeat(32)}` }],
    ['Stripe', { 'stripe-signature': `t=${NOW / 1_000}` }],
    ['Stripe', { 'stripe-signature': ','.repeat(5_000) }],
    ['GitHub', { 'x-hub-signature-256': '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' }],
    ['GitHub', { 'x-hub-signature-256': 'sha256=' }],
    ['GitHub', { 'x-hub-signature-256': 'sha256=zz' }],
    ['Slack', { 'x-slack-request-timestamp': 'NaN', 'x-slack-signature': 'v0=00' }],
    ['Standard Webhooks', { 'webhook-id': '', 'webhook-timestamp': '-1', 'webhook-signature': 'v1,' }],
    ['a token', { 'x-gitlab-token': '' }],
  ])('of %s is refused when it is %j', (name, headers) => {
    expect(check({ ...caseOf(name), headers })).toEqual(expect.any(String));
  });

  it('counts for the first ten that are given', () => {
    const { secret, body, headers, signature } = caseOf('Stripe');
    const [t = '', , right = ''] = headers['stripe-signature']!.split(',');
    const given = (wrong: number) => ({ 'stripe-signature': [t, ...Array(wrong).fill('v1=00'), right].join(',') });
    expect(check({ secret, body, signature, headers: given(9) })).toBeNull();
    expect(check({ secret, body, signature, headers: given(10) })).toContain('signature');
  });
});
