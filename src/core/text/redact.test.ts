import { describe, expect, it } from 'vitest';
import { redactJson, redactText } from './redact.js';

describe('redactText', () => {
  it.each([
    ['write to ada.lovelace+x@mail.example.co.uk now', 'write to [email] now'],
    ['jürgen@bücher.example', '[email]'],
    ['call +49 30 1234567 or (030) 123-4567.', 'call [phone] or [phone].'],
    ['call 555-123-4567, 00441632960961 or 030/1234567', 'call [phone], [phone] or [phone]'],
    ['card 4111 1111 1111 1111, exp. 12/29', 'card [card], exp. 12/29'],
    ['5500-0055-5555-5559', '[card]'],
    ['to DE89 3704 0044 0532 0130 00 please', 'to [iban] please'],
    ['GB29NWBK60161331926819', '[iban]'],
    ['key sk-proj-abcDEF1234567890xyz and AKIAIOSFODNN7EXAMPLE', 'key [key] and [key]'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [key]'],
    ['ghp_16C7e42F292c6912E7710c838347Ae178B4a', '[key]'],
  ])('masks what is in %j', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it.each([
    'Opened on 2026-11-21 at 12:03, 1,234,567 visits, 99.95 %',
    'order 4111111111111112',
    'AB12 CDEF GHIJ KLMN',
    'a sketch of skateboarding-enthusiasts',
    '0.1234567890 and 3.14159265358979',
    'openai/gpt-5-2025-08-07',
    '@ada wrote to us @ noon',
  ])('leaves %j as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('takes no time to speak of for long texts of any kind', () => {
    for (const part of ['a', '漢', '1', '1 ', 'a.', '@', 'a@a', 'a@a.a ', '(0', 'eyJa.', 'AB12 ', '+1', 'sk-']) {
      expect(redactText(part.repeat(200_000)).length).toBeGreaterThan(0);
    }
  }, 20_000);

  it.each([
    [`${'x'.repeat(70)}@a.b`, `${'x'.repeat(6)}[email]`],
    [`${'\u{20000}'.repeat(66)}@a.b`, `${'\u{20000}'.repeat(2)}[email]`],
    ['@a.b@c.d', '@[email]'],
    ['a@b.c@d.e', '[email]@d.e'],
    ['a@b, c@@d.e f@g.h.', 'a@b, c@@d.e [email].'],
  ])('masks addresses whatever stands before and behind: %s', (text, masked) => {
    expect(redactText(text)).toBe(masked);
  });
});

describe('redactJson', () => {
  it('masks every text, at any depth, and takes the bytes of files out', () => {
    const file = { type: 'file', mediaType: 'image/png', data: 'aGVsbG8=' };
    expect(redactJson({ a: ['x@example.com', 1, null], b: { c: 'ok' }, file })).toEqual({
      a: ['[email]', 1, null],
      b: { c: 'ok' },
      file: { ...file, data: '[file]' },
    });
  });

  it('gives the same value when there is nothing to mask', () => {
    const value = { a: ['fine', 1, { b: true }] };
    expect(redactJson(value)).toBe(value);
  });
});
