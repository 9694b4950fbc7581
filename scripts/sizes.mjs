// Measures the files and functions of src/, tests and src/testing/ apart: `npm run sizes -- [--longest 10]`. Fails when
// they are longer than CONTRIBUTING.md says.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSync } from 'vite';
import { allowCutOutput } from './cut-output.mjs';

const LIMITS = { file: { max: 400 }, function: { p50: 7, p99: 40, max: 60 }, any: { max: 0 } };

allowCutOutput();
const { values } = parseArgs({ options: { longest: { type: 'string', default: '10' } } });
const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => /\.m?ts$/.test(file) && !/(\.test|\.d)\.m?ts$|^testing\//.test(file),
);
const read = files.map((file) => readFile(file));

process.stdout.write(
  'Lines from the first to the last, comments and blank lines too. A function is what has a body in braces: functions,\n' +
    'methods, accessors, constructors and arrow functions. Those of one expression would only make it less.\n\n',
);
const measures = [
  tell('file', read),
  tell(
    'function',
    read.flatMap(({ functions }) => functions),
  ),
];
const anyTypes = read.reduce((sum, file) => sum + file.anyTypes, 0);
process.stdout.write(`any       ${anyTypes}\n`);
process.exitCode = measures.every((isWithin) => isWithin) && anyTypes <= LIMITS.any.max ? 0 : 1;

function readFile(file) {
  const text = readFileSync(join(src, file), 'utf8');
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0].message}`);
  const found = { place: file, lines: countLines(text, 0, text.length) - 1, functions: [], anyTypes: 0 };
  visit(program, null, (node, parent) => {
    if (node.type === 'TSAnyKeyword') found.anyTypes += 1;
    if (node.body?.type !== 'BlockStatement' || !/Function/.test(node.type)) return;
    const { start, end } = parent?.type === 'MethodDefinition' ? parent : node;
    const place = `${file}:${countLines(text, 0, start)}`;
    found.functions.push({ place, lines: countLines(text, start, end) });
  });
  return found;
}

function visit(node, parent, look) {
  if (Array.isArray(node)) for (const item of node) visit(item, parent, look);
  else if (typeof node === 'object' && node !== null) {
    if (typeof node.type === 'string') look(node, parent);
    for (const part of Object.values(node)) visit(part, node, look);
  }
}

function countLines(text, start, end) {
  return text.slice(start, end).split('\n').length;
}

/** Prints a line of figures and the longest; false when a limit is passed. */
function tell(name, things) {
  const sorted = things.toSorted((a, b) => b.lines - a.lines);
  const at = (share) => sorted[Math.floor((sorted.length - 1) * (1 - share))]?.lines ?? 0;
  const figures = { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
  const told = Object.entries(figures).map(([figure, lines]) => {
    const limit = LIMITS[name][figure];
    return `${figure} ${lines}${limit === undefined ? '' : ` of ${limit}`}`;
  });
  process.stdout.write(`${name.padEnd(9)} ${sorted.length}: ${told.join(', ')}\n`);
  for (const { place, lines } of sorted.slice(0, Number(values.longest)))
    process.stdout.write(`  ${lines}  ${place}\n`);
  return Object.entries(LIMITS[name]).every(([figure, limit]) => figures[figure] <= limit);
}
