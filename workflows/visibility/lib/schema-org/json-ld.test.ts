import { load } from 'cheerio';
import { describe, expect, it } from 'vitest';
import { readJsonLd, textOf, typesOf } from './json-ld.js';

const read = (...blocks: string[]) =>
  readJsonLd(load(blocks.map((block) => `<script type="application/ld+json">${block}</script>`).join('')));

describe('structured data', () => {
  it('is read from graphs, lists and inside other items', () => {
    const { items, errors } = read(
      '{"@graph":[{"@type":"Bakery","address":{"@type":"PostalAddress"}},{"@type":["Thing","http://schema.org/WebSite"]}]}',
      '[{"@type":"FAQPage"}]',
    );
    expect(items.map(typesOf)).toEqual([['Bakery'], ['PostalAddress'], ['Thing', 'WebSite'], ['FAQPage']]);
    expect(errors).toEqual([]);
  });

  it('that is no JSON is told, and the others are read', () => {
    const { items, errors } = read('{"@type":"Bakery",}', '', '{"@type":"Hotel"}');
    expect(items.map(typesOf)).toEqual([['Hotel']]);
    expect(errors).toHaveLength(1);
  });

  it('that is nested without end is read only so deep', () => {
    const deep = `${'{"@type":"A","b":'.repeat(500)}1${'}'.repeat(500)}`;
    expect(read(deep).items.length).toBeLessThan(20);
  });

  it.each([
    [' x ', 'x'],
    [4.5, '4.5'],
    [{ '@type': 'Person', name: 'Ines' }, 'Ines'],
    [[{ '@value': 'a' }, 'b'], 'a'],
    [{}, null],
    ['', null],
  ])('%j is the text %j', (value, text) => {
    expect(textOf(value)).toBe(text);
  });
});
