import { describe, expect, it } from 'vitest';
import { didYouMean, nearestWord } from './did-you-mean.js';

describe('nearestWord', () => {
  it('guesses a mistyped word: a letter too many, too few, another or in the wrong place', () => {
    expect(nearestWord('lists', ['list', 'create'])).toBe('list');
    expect(nearestWord('lst', ['list', 'create'])).toBe('list');
    expect(nearestWord('creatr', ['list', 'create'])).toBe('create');
    expect(nearestWord('cerate', ['list', 'create'])).toBe('create');
    expect(nearestWord('LIST', ['list', 'create'])).toBe('list');
  });

  it('takes the nearest, and of those that are as near the first', () => {
    expect(nearestWord('runs', ['run', 'runs2', 'runs'])).toBe('runs');
    expect(nearestWord('keyz', ['keya', 'keyb'])).toBe('keya');
  });

  it('leaves a strange or very short word alone', () => {
    expect(nearestWord('zzzzzz', ['list', 'create'])).toBeNull();
    expect(nearestWord('x', ['a', 'b'])).toBeNull();
    expect(nearestWord('list', [])).toBeNull();
  });
});

describe('didYouMean', () => {
  it('is the end of a sentence, or nothing', () => {
    expect(didYouMean('lst', ['list'])).toBe('; did you mean "list"?');
    expect(didYouMean('zzzzzz', ['list'])).toBe('');
  });
});
