import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adviceFor } from '../../console/src/screens/run/node/advice.js';
import { advice } from '../../console/src/text/advice.js';
import { repository } from '../support/server/server-process.js';

/** The kinds in the first cells of a table that begins with this row. */
function kindsOf(page: string, head: string): string[] {
  const text = readFileSync(join(repository, 'docs', page), 'utf8');
  const table = text.slice(text.indexOf(head)).split('\n\n')[0] ?? '';
  const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z_]+[\dx]*)`/g)].map((match) => match[1] ?? ''));
}

it('the console says of each kind of failure what to do about it', () => {
  const kinds = [...kindsOf('nodes.md', '| error kind           | from'), ...kindsOf('agents.md', '| kind | when')];
  expect(kinds.length).toBeGreaterThan(40);
  expect(kinds.filter((kind) => adviceFor(kind) === advice.other)).toEqual([]);
});
