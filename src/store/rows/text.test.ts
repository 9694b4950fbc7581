import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText } from './text.js';

const anyText = fc
  .array(fc.oneof(fc.constantFrom(0, 1, 0x30, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfffd), fc.nat(0xffff)))
  .map((codes) => String.fromCharCode(...codes));

describe('encodeText', () => {
  it('leaves ordinary text as it is', () => {
    for (const text of ['', 'site_checkup', 'Ünïcode 😀', 'line\nbreak\ttab', '\\u0000']) {
      expect(encodeText(text)).toBe(text);
      expect(decodeText(text)).toBe(text);
    }
  });

  it('gives any text back, and meanwhile holds nothing that SQLite cannot keep', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const encoded = encodeText(text);
        expect(encoded).not.toContain('\u0000');
        expect(Buffer.from(encoded, 'utf8').toString('utf8')).toBe(encoded);
        expect(decodeText(encoded)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves JSON as it is', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const json = JSON.stringify({ [text]: text });
        expect(encodeText(json)).toBe(json);
      }),
    );
  });
});
