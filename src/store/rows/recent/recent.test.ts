import { describe, expect, it } from 'vitest';
import { Recent } from './recent.js';

describe('Recent', () => {
  it('keeps what is used and forgets what is not', () => {
    const recent = new Recent<{ readonly n: number }>(3);
    recent.set('used', { n: 0 });
    for (let n = 1; n <= 20; n++) {
      recent.set(`other ${n}`, { n });
      expect(recent.get('used')).toEqual({ n: 0 });
    }
    const kept = Array.from({ length: 20 }, (_, index) => recent.get(`other ${index + 1}`)).filter(Boolean);
    expect(kept.length).toBeLessThanOrEqual(6);
    expect(kept.at(-1)).toEqual({ n: 20 });
  });

  it('forgets one of them, or all', () => {
    const recent = new Recent<{ readonly n: number }>(1);
    recent.set('a', { n: 1 });
    recent.set('b', { n: 2 });
    recent.delete('a');
    expect([recent.get('a'), recent.get('b')]).toEqual([undefined, { n: 2 }]);
    recent.clear();
    expect(recent.get('b')).toBeUndefined();
  });
});
