import { describe, expect, it } from 'vitest';
import { FolderComparison } from './compare-folders.js';

function open() {
  const lines: { readonly level: string; readonly fields: unknown }[] = [];
  const write = (level: string) => (fields: unknown) => void lines.push({ level, fields });
  const logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  return { lines, comparison: new FolderComparison(logger) };
}

const own = new Map([
  ['a', 1],
  ['b', 2],
]);
const other = (...entries: [string, number][]) => ({ id: 'p2', place: 'host, process 7', workflows: new Map(entries) });

describe('FolderComparison', () => {
  it('says nothing of a folder that is the same, or was another for a moment', () => {
    const { lines, comparison } = open();
    for (let times = 1; times < 6; times += 1) comparison.compare(own, [other(['a', 1], ['b', 3])]);
    for (let times = 1; times < 20; times += 1) comparison.compare(own, [other(['b', 2], ['a', 1])]);
    expect(lines).toEqual([]);
  });

  it('tells once what differs, and when it does no more', () => {
    const { lines, comparison } = open();
    for (let times = 1; times < 20; times += 1) comparison.compare(own, [other(['b', 3], ['c', 1])]);
    const workflows =
      'a (version 1 here, none there), b (version 2 here, version 3 there), c (none here, version 1 there)';
    expect(lines).toEqual([{ level: 'warn', fields: { process: 'host, process 7', workflows } }]);
    comparison.compare(own, [other(['a', 1], ['b', 2])]);
    expect(lines.slice(1)).toEqual([{ level: 'info', fields: { process: 'host, process 7' } }]);
  });

  it('forgets processes that are gone', () => {
    const { lines, comparison } = open();
    for (let times = 1; times < 6; times += 1) comparison.compare(own, [other(['a', 1])]);
    comparison.compare(own, []);
    comparison.compare(own, [other(['a', 1])]);
    expect(lines).toEqual([]);
  });
});
