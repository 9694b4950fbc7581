import { load } from 'cheerio';
import { expect, it } from 'vitest';
import { selectorOf } from './selector.js';

it('gives every element a selector that finds it alone', () => {
  const $ = load(
    '<div id="a"><p>1</p><p>2 <b>x</b></p></div><p id="twice"></p><p id="twice"></p><ul><li><a>y</a><li>z</ul>',
  );
  for (const element of $('*').toArray()) {
    expect($(selectorOf($, element)).toArray()).toEqual([element]);
  }
  expect(selectorOf($, $('b')[0]!)).toBe('#a > p:nth-of-type(2) > b');
});
