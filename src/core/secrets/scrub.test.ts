import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { createScrubber, MIN_SECRET_LENGTH } from './scrub.js';

const VALUE = 'sk-Zq8/+w"9&<x y>ü0LmN4pQ7rS2tU';
const scrubber = createScrubber([{ name: 'crm', value: VALUE }]);
const text = (given: string): string => scrubber.text(given);
const json = (given: Json): Json => scrubber.json(given);
const base64 = (value: string) => Buffer.from(value).toString('base64');

/** No eight characters in a row of what it must not tell. */
function tells(clean: string, value = VALUE): boolean {
  for (let at = 0; at + MIN_SECRET_LENGTH <= value.length; at += 1)
    if (clean.includes(value.slice(at, at + MIN_SECRET_LENGTH))) return true;
  return false;
}

describe('a secret', () => {
  it.each([
    ['plain', VALUE],
    ['twice', `${VALUE}, and ${VALUE}`],
    ['as JSON', JSON.stringify({ key: VALUE })],
    ['in a URL', `https://x.example/?key=${encodeURIComponent(VALUE)}`],
    ['in a form', new URLSearchParams({ key: VALUE }).toString()],
    ['in a URL, in lower case', encodeURIComponent(VALUE).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['in a URL in a URL', encodeURIComponent(encodeURIComponent(VALUE))],
    ['in hexadecimal digits', Buffer.from(VALUE).toString('hex')],
    ['in base64', base64(VALUE)],
    ['as a password', `Basic ${base64(`user:${VALUE}`)}`],
    ['as another password', `Basic ${base64(`me:${VALUE}\n`)}`],
    ['in base64url', Buffer.from(`a${VALUE}b`).toString('base64url')],
  ])('is taken out of a text: %s', (_, given) => {
    const clean = text(`before ${given} after`);
    expect(clean).toContain('[secret crm]');
    expect(clean).toMatch(/^before .* after$/);
    expect(tells(clean)).toBe(false);
    expect(tells(clean, base64(VALUE))).toBe(false);
  });

  it.each([
    ['at the end', `it is ${VALUE.slice(0, 12)}`],
    ['with dots', `it is "${VALUE.slice(0, 20)}…", it says`],
    ['with three dots', `it is ${VALUE.slice(0, 20)}...`],
    ['at the beginning', `${VALUE.slice(-15)} it was`],
    ['on both sides', VALUE.slice(5, 20)],
    ['in base64', `it is ${base64(VALUE).slice(0, 16)}`],
  ])('that was cut is taken out: %s', (_, given) => {
    expect(text(given)).toContain('[secret crm]');
    expect(tells(text(given))).toBe(false);
  });

  it('is taken out of lists, objects and their names, and nothing else is changed', () => {
    const value = { [VALUE]: [1, null, { deep: `x${VALUE}` }], ok: 'fine' };
    expect(json(value)).toEqual({ '[secret crm]': [1, null, { deep: 'x[secret crm]' }], ok: 'fine' });
    const clean = { a: ['b', { c: 1 }], text: 'sk- is how they begin' };
    expect(json(clean)).toBe(clean);
  });

  it('that was split into pieces of eight characters or more is taken out of each', () => {
    const pieces = [VALUE.slice(0, 10), VALUE.slice(10, 20), VALUE.slice(20)];
    expect(json(pieces)).toEqual(['[secret crm]', '[secret crm]', '[secret crm]']);
  });

  it('of several lines is known by each long one', () => {
    const line = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC';
    const pem = createScrubber([{ name: 'pem', value: `-----BEGIN KEY-----\n${line}\nend\n-----END KEY-----` }]);
    expect(pem.text(`it says ${line}, it does`)).toBe('it says [secret pem], it does');
    expect(pem.text('-----BEGIN CERTIFICATE-----')).toBe('-----BEGIN CERTIFICATE-----');
  });

  it('that is too short to be told from other text is left alone', () => {
    expect(createScrubber([{ name: 'pin', value: '1234' }]).text('1234')).toBe('1234');
  });

  it('never stays whole, whatever is around it', () => {
    const words = string({ maxLength: 30, unit: 'binary' });
    assert(
      property(words, words, string({ minLength: 8, maxLength: 40 }), (before, after, value) => {
        const clean = createScrubber([{ name: 's', value }]).text(before + value + after);
        // The mask may hold some of it by chance.
        expect(clean.replaceAll('[secret s]', '\u0000')).not.toContain(value);
      }),
    );
  });
});

describe('a large value', () => {
  const long = 'x'.repeat(1_200_000);
  const half = VALUE.slice(0, 12);
  const large: { readonly [name: string]: Json } = {
    'a long text with some': `${VALUE}${long}${encodeURIComponent(VALUE)}${half}${long}${base64(VALUE)}${half}`,
    'a long text that begins with the end of one': VALUE.slice(9) + long,
    'a long text of nothing else': VALUE.repeat(50_000),
    'a long text of beginnings': `${half} `.repeat(100_000),
    'many texts': Array.from({ length: 5_000 }, (_, index) => ({ [`${index} ${VALUE}`]: [VALUE, index, null, true] })),
    'a value without any': { long, list: Array.from({ length: 5_000 }, (_, index) => String(index)) },
  };

  it.each(Object.entries(large))('is the same looked through over several turns: %s', async (_, value) => {
    const clean = await scrubber.jsonInTurns(value);
    expect(JSON.stringify(clean) === JSON.stringify(createScrubber([{ name: 'crm', value: VALUE }]).json(value))).toBe(
      true,
    );
    expect(JSON.stringify(clean).includes(VALUE)).toBe(false);
  });

  it('stays itself without any, and is not looked through again', async () => {
    const value = large['a value without any'] as Json;
    expect(await scrubber.jsonInTurns(value)).toBe(value);
    expect((json({ output: value }) as { output: Json }).output).toBe(value);
  });
});
