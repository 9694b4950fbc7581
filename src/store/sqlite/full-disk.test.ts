import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  insertOrganization,
  insertRun,
  makeMovement,
  moveCredits,
  rejection,
} from '../../testing/store-suite/fixtures.js';
import { loadBinding } from './connection/binding.js';
import { SqliteConnection } from './connection/connection.js';
import { migrate } from './schema/migrate.js';
import { SqliteStore } from './sqlite-store.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-full-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a full disk', () => {
  it('rejects all that shared the commit, keeps totals right, and is over when there is room', async () => {
    const db = new SqliteConnection({
      binding: await loadBinding(),
      path: join(folder, 'full.db'),
      durability: 'full',
    });
    migrate(db);
    const store = new SqliteStore({ db, unlock: () => undefined });
    const organizationId = await insertOrganization(store);
    const kept = await insertRun(store, { organizationId });
    const { page_count: pages } = db.get('PRAGMA page_count') as { page_count: number };

    // SQLite itself reports its error for a full disk when a file may have no more pages.
    db.exec(`PRAGMA max_page_count = ${pages}`);
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        rejection(
          store.transaction(async (tx) => {
            await moveCredits(tx, makeMovement({ organizationId, reservedDelta: 5 }));
            await insertRun(tx, { organizationId, summary: index === 2 ? 'x'.repeat(500_000) : null });
          }),
        ),
      ),
    );
    for (const error of outcomes) {
      expect(error.code).toBe('unavailable');
      expect(error.message).toContain('the disk is full');
      expect(error.cause).toBeInstanceOf(Error);
    }
    expect((await store.runs.list({ organizationId, limit: 10, offset: 0 })).runs.map((run) => run.id)).toEqual([
      kept.id,
    ]);
    expect(await store.credits.getAccount({ organizationId })).toMatchObject({ reserved: 0 });

    db.exec('PRAGMA max_page_count = 1000000');
    await insertRun(store, { organizationId, summary: 'x'.repeat(500_000) });
    expect((await store.runs.list({ organizationId, limit: 10, offset: 0 })).total).toBe(2);
    await store.close();
  });
});
