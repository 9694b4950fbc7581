import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const MAX_LENGTH = 120;
/** Tables, images, link references and what no line break can be put into. */
const MAY_BE_LONGER = /^\s*(\||!\[|\[[^\]]+\]:)|^\s*\S+$/;

const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...readdirSync('docs').map((name) => `docs/${name}`)];

it.each(pages.filter((name) => name.endsWith('.md')))('%s is wrapped at 120 columns', (page) => {
  const prose = readFileSync(page, 'utf8').replaceAll(/^( *)```[^]*?^\1```$/gm, (block) => block.replaceAll(/.+/g, ''));
  const long = prose
    .split('\n')
    .flatMap((line, index) => (line.length > MAX_LENGTH && !MAY_BE_LONGER.test(line) ? [`line ${index + 1}`] : []));
  expect(long).toEqual([]);
});
