import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText } from '../../core/text/redact.js';
import { RedactedText } from './text-filter.js';

/** What a reader has who puts the pieces together. */
function readAll(filter: RedactedText, deltas: readonly string[]): { readonly seen: string[]; readonly text: string } {
  let text = '';
  let at = 0;
  const seen: string[] = [];
  const read = (piece: { offset: number; text: string } | null): void => {
    if (piece === null) return;
    text = text.slice(0, piece.offset) + piece.text;
    seen.push(text);
  };
  for (const delta of deltas) {
    read(filter.take(delta, at));
    at += delta.length;
  }
  read(filter.rest());
  return { seen, text };
}

describe('a text that is masked while it is being written', () => {
  it('is shown by whole sentences and lines', () => {
    const { seen } = readAll(new RedactedText(), ['Write to ada@exam', 'ple.com. She answ', 'ers.\n- b', 'ye']);
    expect(seen).toEqual([
      'Write to [email]. ',
      'Write to [email]. She answers.\n',
      'Write to [email]. She answers.\n- bye',
    ]);
  });

  it('never shows a part of what is masked, however it is cut', () => {
    const whole =
      'Ask ada@example.com or call +49 30 1234567. Pay with 4111 1111 1111 1111!\nKey: sk-abc123def456ghi789 end';
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 20 }), (cuts) => {
        const places = [0, ...new Set(cuts.toSorted((a, b) => a - b)), whole.length];
        const deltas = places.slice(1).map((end, index) => whole.slice(places[index], end));
        const { seen, text } = readAll(new RedactedText(), deltas);
        expect(text).toBe(redactText(whole));
        for (const part of seen) expect(redactText(whole).startsWith(part)).toBe(true);
      }),
    );
  });

  it('begins anew when the answer does', () => {
    const filter = new RedactedText();
    filter.take('First try. And', 0);
    expect(filter.take('Second try. Good', 0)).toEqual({ offset: 0, text: 'Second try. ' });
    expect(filter.rest()).toEqual({ offset: 12, text: 'Good' });
    expect(filter.rest()).toBeNull();
  });
});
