import { describe, expect, it } from 'vitest';
import { newSigningSecret, signMessage } from '../../service/webhooks/signing.js';
import { verifyWebhook } from './verify-webhook.js';

const message = { type: 'run.completed', timestamp: '2026-11-28T10:00:00.000Z', data: { run_id: 'run_1', text: 'ü' } };
const body = JSON.stringify(message);
const secret = newSigningSecret();
const sign = (secrets = [secret], now = Date.now()) => signMessage({ id: 'msg_1', now, payload: body, secrets });

describe('verifyWebhook', () => {
  it('gives what a signed message says, whatever its headers are held in', async () => {
    const headers = sign();
    const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
    for (const each of [headers, new Headers(headers), upper]) {
      expect(await verifyWebhook({ secret, body, headers: each })).toEqual({ id: 'msg_1', ...message });
    }
  });

  it('takes a message with two signatures, and one of several secrets', async () => {
    const other = newSigningSecret();
    expect(await verifyWebhook({ secret: other, body, headers: sign([secret, other]) })).toMatchObject(message);
    expect(await verifyWebhook({ secret: [other, secret], body, headers: sign() })).toMatchObject(message);
  });

  it.each([
    ['another secret', { secret: newSigningSecret() }],
    ['another body', { body: `${body} ` }],
    ['another id', { headers: { ...sign(), 'webhook-id': 'msg_2' } }],
    ['another time', { headers: { ...sign(), 'webhook-timestamp': String(Math.floor(Date.now() / 1_000) - 9) } }],
    ['no time', { headers: { ...sign(), 'webhook-timestamp': 'now' } }],
    ['an age', { headers: sign([secret], Date.now() - 400_000) }],
    ['no signature', { headers: { ...sign(), 'webhook-signature': 'v1,?? v2,xx' } }],
    ['no headers', { headers: {} }],
  ])('refuses a message with %s', async (_, changed) => {
    await expect(verifyWebhook({ secret, body, headers: sign(), ...changed })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it('says what a secret is that is none, and takes older messages where it is told to', async () => {
    await expect(verifyWebhook({ secret: 'sk_live_x', body, headers: sign() })).rejects.toMatchObject({
      code: 'invalid_input',
    });
    const old = { secret, body, headers: sign([secret], Date.now() - 400_000), toleranceSeconds: 500 };
    expect(await verifyWebhook(old)).toMatchObject(message);
  });
});
