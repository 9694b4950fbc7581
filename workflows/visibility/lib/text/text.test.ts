import { describe, expect, it } from 'vitest';
import { containsPhrase, mentionsName, mentionsService, normalize, shorten } from './text.js';

describe('texts', () => {
  it('are compared without case, accents, punctuation and “and”', () => {
    expect(normalize('Café  Müller & Söhne, Straße-5')).toBe('cafe muller sohne strasse 5');
    expect(containsPhrase('Fern and Flour, Harbor', 'FERN & FLOUR')).toBe(true);
    expect(containsPhrase('Fernand Flours', 'Fern & Flour')).toBe(false);
    expect(containsPhrase('我们修理自行车。', '自行车')).toBe(true);
  });

  it.each([
    ['I would ask Bright Spoke.', 'The Bright Spoke Ltd.', true],
    ['Müllers Werkstatt ist gut', 'Müller’s Werkstatt GmbH', true],
    ['Bright Spokes of Leeds', 'Bright Spoke', false],
  ])('“%s” names %s: %s', (text, name, isNamed) => {
    expect(mentionsName(text, name)).toBe(isNamed);
  });

  it.each([
    ['We do the repair of all brakes.', 'brake repair', true],
    ['Brakes. We never repair anything but when the moon is full.', 'brake repair', true],
    [
      'We repair shoes. The car outside has new tyres, a radio and also, I am told, very good brakes.',
      'brake repair',
      false,
    ],
    ['Wheels are built here', 'wheel building', false],
  ])('“%s” speaks of %s: %s', (text, service, isNamed) => {
    expect(mentionsService(text, service)).toBe(isNamed);
  });

  it('are cut after a word', () => {
    expect(shorten('one two three four', 12)).toBe('one two…');
    expect(shorten('one two', 12)).toBe('one two');
  });
});
