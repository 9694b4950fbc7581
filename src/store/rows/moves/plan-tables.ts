import { ErrandError } from '../../../core/errors.js';
import type { MovedTable } from './movable-records.js';

/**
 * The tables that two databases have in common, those first whose rows others refer to, and their columns in one order
 * whichever way they go. Throws when one of them has a
 * table or a column that the other has not: whatever is added to a schema is moved, or its store says why not.
 */
export function planTables(from: readonly MovedTable[], to: readonly MovedTable[]): readonly MovedTable[] {
  const differences = [...compare(from, to), ...compare(to, from)];
  if (differences.length > 0) {
    throw new ErrandError('internal', `These records cannot be moved, as the two schemas differ: ${differences[0]}.`, {
      details: { differences },
    });
  }
  const references = (table: MovedTable): readonly string[] => [
    ...table.references,
    ...(to.find(({ name }) => name === table.name)?.references ?? []),
  ];
  const ordered: MovedTable[] = [];
  const sorted = from.toSorted(byName).map((table) => ({ ...table, columns: table.columns.toSorted() }));
  for (let left = sorted; left.length > 0;) {
    const there = new Set(ordered.map(({ name }) => name));
    const next = left.filter((table) => references(table).every((name) => name === table.name || there.has(name)));
    if (next.length === 0) throw new ErrandError('internal', 'Tables refer to each other in a circle.');
    ordered.push(...next);
    left = left.filter((table) => !next.includes(table));
  }
  return ordered;
}

function compare(tables: readonly MovedTable[], others: readonly MovedTable[]): string[] {
  return tables.flatMap((table) => {
    const other = others.find(({ name }) => name === table.name);
    if (other === undefined) return [`the table ${table.name} is on one side alone`];
    const missing = table.columns.filter((column) => !other.columns.includes(column));
    const told = missing.map((column) => `the column ${table.name}.${column} is on one side alone`);
    const isOtherKey = table.key.join() !== other.key.join();
    return isOtherKey ? [...told, `the key of ${table.name} is another on each side`] : told;
  });
}

function byName(one: MovedTable, other: MovedTable): number {
  return one.name < other.name ? -1 : 1;
}
