import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { newSigningSecret, signMessage } from './signing.js';

const payload = '{"type":"run.completed","data":{"text":"ü \\u0000"}}';

describe('a signed message', () => {
  it('is taken by the reference verifier, with either of two secrets', () => {
    const secrets = [newSigningSecret(), newSigningSecret()];
    const headers = signMessage({ id: 'msg_1', now: Date.now(), payload, secrets });
    for (const secret of secrets) expect(new Verifier(secret).verify(payload, headers)).toEqual(JSON.parse(payload));
  });

  it('is refused with another secret, another body, another id and another time', () => {
    const secret = newSigningSecret();
    const headers = signMessage({ id: 'msg_1', now: Date.now(), payload, secrets: [secret] });
    const check = (changed: object, body = payload, by = secret) =>
      new Verifier(by).verify(body, { ...headers, ...changed });
    expect(() => check({}, payload, newSigningSecret())).toThrow('No matching signature');
    expect(() => check({}, `${payload} `)).toThrow('No matching signature');
    expect(() => check({ 'webhook-id': 'msg_2' })).toThrow('No matching signature');
    const later = String(Number(headers['webhook-timestamp']) + 1);
    expect(() => check({ 'webhook-timestamp': later })).toThrow('No matching signature');
  });
});
