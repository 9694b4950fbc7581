import { expect, it } from 'vitest';
import { toCommand } from './spellings.js';

it.each([
  [['types'], ['workflows', 'types']],
  [
    ['--json', 'types'],
    ['--json', 'workflows', 'types'],
  ],
  [
    ['run', 'export', 'run_1', '--to', 'f'],
    ['export', 'run_1', '--to', 'f'],
  ],
  [
    ['run', 'open', 'f'],
    ['open', 'f'],
  ],
])('%j stands for %j', (typed, command) => {
  expect(toCommand(typed)).toEqual(command);
});

it.each([
  [['run', 'export']],
  [['run', 'export', '--input', '{}']],
  [['workflows', 'types']],
  [['status', 'run', 'export', 'x']],
  [['run', 'site_checkup']],
  [[]],
])('%j stands for itself', (typed) => {
  expect(toCommand(typed)).toEqual(typed);
});
