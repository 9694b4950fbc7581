import { describe, expect, it } from 'vitest';
import { loadBinding } from './binding.js';

describe('loadBinding', () => {
  it("takes Node's own SQLite where there is one, without a warning, and the package elsewhere", async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    const { name } = await loadBinding();
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(name).toBe(process.versions.sqlite === undefined ? '@photostructure/sqlite' : 'node:sqlite');
    expect(warnings).toEqual([]);
  });

  it('opens databases with what it loads', async () => {
    const { DatabaseSync } = await loadBinding();
    const database = new DatabaseSync(':memory:');
    expect(database.prepare('SELECT 40 + ? AS sum').get(2)).toMatchObject({ sum: 42 });
    database.close();
  });
});
