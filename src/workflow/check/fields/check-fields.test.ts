import { expect, it } from 'vitest';
import { checkFields, text } from './check-fields.js';
import { Faults } from './faults.js';

it('tells of each unknown field what was meant, and of very many only how many they are', () => {
  const names = Array.from({ length: 150 }, (_, index) => `nmae${index}`);
  const value = { name: 'x', ...Object.fromEntries(names.map((name) => [name, 0])) };
  const faults = new Faults();
  expect(checkFields({ value, at: ['nodes', 0], what: 'a node', rules: { name: { check: text } }, faults })).toBe(true);
  expect(faults.list).toHaveLength(101);
  expect(faults.list[0]).toEqual({
    path: 'nodes[0].nmae0',
    at: ['nodes', 0, 'nmae0'],
    message: expect.stringMatching(/^unknown field "nmae0"/) as string,
    value: 0,
  });
  expect(faults.list.at(-1)).toEqual({
    path: 'nodes[0]',
    at: ['nodes', 0],
    message: '50 more fields are unknown; a node has name',
  });
});
