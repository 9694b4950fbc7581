import { describe, expect, it } from 'vitest';
import { toPublicMessage } from './public-message.js';

describe('a message for those who do not run the server', () => {
  it.each([
    ['The data file /srv/errand/.errand/errand.db cannot be written.', 'The data file …/errand.db cannot be written.'],
    [
      "ENOENT: no such file or directory, open '/home/me/flows/lib/prices.csv'",
      "ENOENT: no such file or directory, open '…/prices.csv'",
    ],
    ['there is no /data/handlers/0a1b2c.mjs.', 'there is no …/0a1b2c.mjs.'],
    [
      'Cannot find module file:///data/handlers/x.mjs imported from /data/y.mjs',
      'Cannot find module …/x.mjs imported from …/y.mjs',
    ],
    [String.raw`open 'C:\Users\me\errand\a.yaml'`, "open '…/a.yaml'"],
  ])('has of files only their names: %s', (message, told) => {
    expect(toPublicMessage(message)).toBe(told);
  });

  it.each([
    [
      'POST https://hooks.slack.com/services/T00000000/B00000000/aBcDeFgHiJkLmNoPqRsTuV12 answered 404',
      'POST https://hooks.slack.com/services/T00000000/B00000000/… answered 404',
    ],
    [
      'POST https://api.telegram.org/bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/sendMessage answered 401',
      'POST https://api.telegram.org/…/sendMessage answered 401',
    ],
    ['https://us:pa@h.test/x fails', 'https://h.test/x fails'],
    ['https://h.test/x?api_key=12345 fails', 'https://h.test/x?… fails'],
  ])('has no tokens in addresses: %s', (message, told) => {
    expect(toPublicMessage(message)).toBe(told);
  });

  it.each([
    'GET https://api.example.com/v1/customers/42?page=2 answered 500 Internal Server Error',
    'GET http://127.0.0.1:8080/blog/2026-11-27-a-long-title-of-an-article answered 404',
    'https://h.test/runs/0190a3c4-7f1e-7abc-8def-0123456789ab is not there',
    'POST /api/v1/runs answers 404',
    '/business/site: must be a URL',
    'with/0/name: must be text',
    'Either/or. See https://h.test/docs/page.html',
    'The ratio is 3/4, and a/b.c is none.',
  ])('stays as it is otherwise: %s', (message) => {
    expect(toPublicMessage(message)).toBe(message);
  });

  it('is made at once of any text', () => {
    const before = performance.now();
    for (const text of [
      '/a'.repeat(100_000),
      'http://a/'.repeat(30_000),
      `http://${'a/'.repeat(100_000)}`,
      `/${'a.'.repeat(100_000)}`,
    ]) {
      toPublicMessage(text);
    }
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
