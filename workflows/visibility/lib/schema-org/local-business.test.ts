import type { JsonObject } from 'errand';
import { describe, expect, it } from 'vitest';
import { BUSINESS } from '../../../../test/visibility/business.js';
import { buildFaqPage, buildLocalBusiness, toScript, verifyLocalBusiness } from './build-json-ld.js';
import { findLocalBusiness, inspectLocalBusiness, isLocalBusinessType } from './local-business.js';

const rulesOf = (item: JsonObject): string[] =>
  inspectLocalBusiness(findLocalBusiness([item], BUSINESS.name), BUSINESS, 'p').map(({ rule }) => rule);

describe('a local business in structured data', () => {
  it.each([
    ['Bakery', true],
    ['BikeStore', true],
    ['LocalBusiness', true],
    ['Organization', false],
    ['Product', false],
  ])('%s is a type of it: %s', (type, isOne) => {
    expect(isLocalBusinessType(type)).toBe(isOne);
  });

  it('is the one of that name when there are several', () => {
    const items = [
      { '@type': 'Hotel', name: 'Next Door' },
      { '@type': 'BikeStore', name: 'Bright Spoke Ltd' },
    ];
    expect(findLocalBusiness(items, 'Bright Spoke')?.type).toBe('BikeStore');
    expect(findLocalBusiness([{ '@type': 'Person', name: 'Bright Spoke' }], 'Bright Spoke')).toBeNull();
  });

  it('is held against the profile fact by fact', () => {
    expect(
      rulesOf({
        '@type': 'LocalBusiness',
        name: 'Dim Spoke',
        telephone: '555 010 9999',
        address: { streetAddress: '13 Harbor Street' },
        openingHours: 'Mo-Fr 10:00-18:00',
      }),
    ).toEqual([
      'name-wrong',
      'telephone-wrong',
      'address-wrong',
      'hours-wrong',
      'type-general',
      'offers-missing',
      'same-as-missing',
    ]);
    expect(rulesOf({ '@type': 'Person' })).toEqual(['local-business-missing']);
    expect(rulesOf({ '@type': 'BikeStore', sameAs: 'x', makesOffer: [] })).toEqual([
      'name-missing',
      'telephone-missing',
      'address-missing',
      'hours-missing',
    ]);
  });

  it('as it is drafted has nothing wrong with it', () => {
    const script = toScript(
      buildLocalBusiness({ business: BUSINESS, type: 'BikeStore', description: 'x </script> y' }),
    );
    expect(script.match(/<\/script>/g)).toHaveLength(1);
    expect(verifyLocalBusiness(script, BUSINESS)).toEqual([]);
  });

  it('that was changed after it was drafted does not pass', () => {
    const script = toScript(buildLocalBusiness({ business: BUSINESS, type: 'BikeStore', description: 'x' }));
    const rules = (text: string): string[] => verifyLocalBusiness(text, BUSINESS).map(({ rule }) => rule);
    expect(rules(script.replace('010-2030', '010-2031'))).toEqual(['telephone-wrong']);
    expect(rules(script.replace('{', ''))).toEqual(['json-ld-broken']);
    expect(rules(toScript(buildFaqPage([])))).toEqual(['local-business-missing']);
  });

  it('says nothing that the profile does not', () => {
    const { phone: _, address: __, hours: ___, ...rest } = BUSINESS;
    const item = buildLocalBusiness({ business: rest, type: 'BikeStore', description: 'x' });
    expect(Object.keys(item)).not.toEqual(expect.arrayContaining(['telephone']));
    expect(verifyLocalBusiness(toScript(item), rest)).toEqual([]);
  });
});
