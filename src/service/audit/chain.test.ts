import { describe, expect, it } from 'vitest';
import { chainEntries, chainEntry, hashEntry } from '../../core/audit/chain-entry.js';
import type { AuditEntry, AuditFact } from '../../core/tenant/audit.js';
import type { TrailHead } from '../interface/audit.js';
import { EXPIRE, TrailChecker } from './chain.js';

const fact = (values: Partial<AuditFact> = {}): AuditFact => ({
  at: 1_000,
  actor: { kind: 'key', id: 'k', organizationId: 'o' },
  from: null,
  action: 'key.create',
  target: { kind: 'key', id: 'k' },
  before: null,
  after: { name: 'laptop' },
  ...values,
});

const trailOf = (facts: readonly AuditFact[]): AuditEntry[] => [...chainEntries('o', null, facts)];

function faultsOf(trail: readonly AuditEntry[], known: TrailHead | null = null): readonly string[] {
  const checker = new TrailChecker(known);
  for (const entry of trail) checker.add(entry);
  return checker.end().faults;
}

describe('a trail', () => {
  const trail = trailOf([fact(), fact({ after: 2 }), fact({ after: 3 }), fact({ after: 4 })]);

  it('is intact as it was made', () => {
    expect(faultsOf(trail)).toEqual([]);
    expect(faultsOf([])).toEqual([]);
  });

  it('shows an entry that was changed, also one whose hash was made anew', () => {
    const edited = trail.map((entry) => (entry.seq === 2 ? { ...entry, after: 20 } : entry));
    expect(faultsOf(edited)).toEqual(['Entry 2 was changed: its hash is another.']);
    const rehashed = edited.map((entry) => (entry.seq === 2 ? { ...entry, hash: hashEntry(entry) } : entry));
    expect(faultsOf(rehashed)).toEqual(['Entry 3 does not follow on entry 2: its hash of that is another.']);
  });

  it('shows entries that are missing, in its middle, at its beginning, and at its end where that is known', () => {
    const [, second, , fourth] = trail as [AuditEntry, AuditEntry, AuditEntry, AuditEntry];
    expect(faultsOf(trail.toSpliced(1, 1))).toEqual(['Entries are missing between 1 and 3.']);
    expect(faultsOf(trail.slice(1))).toEqual([
      'Entries before 2 are missing, and the trail does not say that they expired.',
    ]);
    expect(faultsOf(trail.slice(0, 3))).toEqual([]);
    expect(faultsOf(trail.slice(0, 3), fourth)).toEqual(['Entry 4, which the trail once ended with, is missing.']);
    expect(faultsOf(trail, second)).toEqual([]);
  });

  it('may lose its oldest entries where it says which', () => {
    const [first, second] = trail as [AuditEntry, AuditEntry];
    const expiry = fact({ action: EXPIRE, after: { up_to: 2, hash: second.hash } });
    const rest = [...trail.slice(2), chainEntry('o', trail.at(-1) ?? null, expiry)];
    expect(faultsOf(rest)).toEqual([]);
    expect(faultsOf(rest, first)).toEqual([]);
    expect(faultsOf(rest.slice(1))).toEqual([
      'Entries before 4 are missing, and the trail does not say that they expired.',
    ]);
  });
});
