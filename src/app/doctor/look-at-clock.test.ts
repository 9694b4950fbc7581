import { describe, expect, it } from 'vitest';
import type { StoreTime } from '../../core/ports/store/store.js';
import { Findings } from './finding.js';
import { lookAtOperations, type Operations } from './look-at-operations.js';

const NOW = Date.UTC(2026, 10, 5, 10);

async function look(time: StoreTime): Promise<readonly string[]> {
  const findings = new Findings();
  const store = {
    organizations: { list: async () => ({ organizations: [], total: 0 }) },
    webhooks: { listAll: async () => [] },
    checkWritable: async () => undefined,
    readTime: async () => time,
  } as unknown as Operations['store'];
  const system = { store: { kind: 'sqlite' }, runs: { active: 0, queued: 0, max_active: 1 } };
  const operations: Operations = {
    store,
    now: () => NOW,
    readSystem: () => system as ReturnType<Operations['readSystem']>,
    readFaults: () => [],
    listNotReady: async () => new Map(),
  };
  await lookAtOperations(operations, NOW, findings);
  return findings.list.flatMap(({ name, kind, message }) => (name === 'clock' ? [`${kind}: ${message}`] : []));
}

describe('what the doctor says of the clock', () => {
  it("is how far the database's is from the process's", async () => {
    expect(await look({ kind: 'clock', at: NOW - 4_000 })).toEqual(["ok: the database's and this process's agree"]);
    expect(await look({ kind: 'clock', at: NOW + 61_000 })).toEqual([
      "fault: the database's is 61 s ahead of this process's. Set both by NTP.",
    ]);
    expect(await look({ kind: 'clock', at: NOW - 9_000 })).toEqual([
      "fault: the database's is 9 s behind this process's. Set both by NTP.",
    ]);
  });

  it('is of a file whether its newest run is of a time to come', async () => {
    for (const at of [null, NOW - 86_400_000, NOW + 4_000])
      expect(await look({ kind: 'newest', at })).toEqual(['ok: no run is of a time to come']);
    expect(await look({ kind: 'newest', at: NOW + 3_600_000 })).toEqual([
      'fault: the newest run is of 2026-11-05T11:00:00.000Z, 3600 s from now: the clock is wrong, or was. Set it by NTP.',
    ]);
  });
});
