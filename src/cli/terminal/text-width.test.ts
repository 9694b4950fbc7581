import { describe, expect, it } from 'vitest';
import { oneLine, padEnd, textWidth, truncate, wrap } from './text-width.js';

describe('textWidth', () => {
  it.each([
    ['abc', 3],
    ['日本語', 6],
    ['한국', 4],
    ['🛠️', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🇩🇪', 2],
    ['e\u0301', 1],
    ['✓', 1],
    ['█▌░', 3],
    ['\u001B[31mred\u001B[39m', 3],
    ['', 0],
  ])('counts the columns of %s as %i', (text, width) => {
    expect(textWidth(text)).toBe(width);
  });
});

describe('truncate', () => {
  it('leaves a text that fits as it is', () => {
    expect(truncate('abcde', 5)).toBe('abcde');
  });

  it('cuts to the width, the ellipsis included', () => {
    expect(truncate('abcdef', 5)).toBe('abcd…');
  });

  it('never cuts through a wide character', () => {
    expect(truncate('日本語', 4)).toBe('日…');
    expect(truncate('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦…');
  });

  it('gives nothing for no room', () => {
    expect(truncate('abc', 0)).toBe('');
  });
});

describe('padEnd', () => {
  it('pads by columns, not by characters', () => {
    expect(padEnd('日本', 6)).toBe('日本  ');
  });
});

describe('oneLine', () => {
  it('takes out whatever could steer a terminal', () => {
    expect(oneLine('a\u001B[2Jb\r\nc\u0007\u202Ed\u009B31me')).toBe('a [2Jb c d 31me');
  });
});

describe('wrap', () => {
  it('breaks at spaces and keeps line breaks and long words', () => {
    expect(wrap('one two three\nincomprehensible', 8)).toEqual(['one two', 'three', 'incomprehensible']);
  });
});
