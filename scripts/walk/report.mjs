import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { DIST } from './call-recorder.mjs';

/** What stands behind a port of core/ports. */
const BEYOND = ['store/', 'telemetry/', 'loader/', 'app/', 'models/', 'isolation/'];
/** What a run passes before its tool is the way of every call, which the poll shows. */
const BEFORE_TOOL = /^(http|auth)\/|^mcp\/(?!native\/)/;

const RULES = `How it is counted
  A file counts when one of its functions is called. A step waits for something, keeps state, or imports a file that
  does. A helper computes a value from what it is given, as does all that it imports. Limits are on steps.
  core/ is not counted, nor what stands behind a port: ${BEYOND.join(' ')}
  A file counts that is entered in each of seven recordings: what happens once in a while is no part of a walk. Nor is
  what a timer leads to that was set before: jobs of the background.
  A run is counted from its tool on; what comes before is the way of a poll.
  The way in ends when a service first asks the store. From there on is the way out.
  Folders are listed as files of them are called for the first time, helpers too. A folder is entered twice when, on
  one of the two ways, the walk has left it and a call from another folder leads to a further file of it, unless that
  call came through the folder itself: then the walk returns to what has not ended there.
`;

export function printRules() {
  process.stdout.write(RULES);
}

/**
 * Prints a walk; false when it has too many steps, or enters a folder twice. The recordings enter the same files. What
 * goes on side by side (a commit and what waits for it) comes in one order or another: the straightest is told.
 */
export function report({ name, recordings, maxSteps, fromTool = false }) {
  const isCounted = (file) => !file.startsWith('core/') && !isBeyond(file) && !(fromTool && BEFORE_TOOL.test(file));
  const [{ ways, twice }] = recordings
    .map((calls) => findWays(calls, isCounted))
    .toSorted((a, b) => a.twice.length - b.twice.length);
  const files = new Set(recordings[0].map(({ file }) => file));
  const counted = [...files].filter(isCounted);
  const steps = counted.filter((file) => !isHelper(file)).length;
  const helpers = counted.length - steps;
  const others = (test) => [...files].filter(test).length;
  print(
    `\n${name}: ${steps} steps of at most ${maxSteps}, ${helpers} helpers; not counted: ` +
      `${others((file) => file.startsWith('core/'))} in core/, ${others(isBeyond)} behind ports`,
  );
  for (const [way, visits] of ways) {
    print(`  ${way}`);
    for (const visit of visits)
      print(`    ${visit.isReturn ? 'back in ' : ''}${visit.folder}/ ${visit.files.map(tell).join(', ')}`);
  }
  print(twice.length === 0 ? '  no folder is entered twice' : `  entered twice: ${twice.join(', ')}`);
  const untold = findUntold(counted, `${steps} steps and ${helpers} helpers`);
  if (untold.length > 0) print(`  not in ARCHITECTURE.md: ${untold.join(', ')}`);
  return steps <= maxSteps && twice.length === 0 && untold.length === 0;
}

/** What the tables of both walks lack. */
function findUntold(files, counts) {
  const map = readFileSync(new URL('../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const told = map.slice(map.indexOf('## Two walks'), map.indexOf('## Where things are kept'));
  const words = new Set(told.split(/[^a-z0-9-]+/));
  const names = files.map((file) => file.slice(file.lastIndexOf('/') + 1).replace(/\.js$/, ''));
  return [
    ...(told.replaceAll('\n', ' ').includes(counts) ? [] : [counts]),
    ...names.filter((name) => !words.has(name)),
  ];
}

function print(line) {
  process.stdout.write(`${line}\n`);
}

function tell(file) {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.js$/, '');
  return isHelper(file) ? `(${name})` : name;
}

function isBeyond(file) {
  return BEYOND.some((room) => file.startsWith(room));
}

/** The folders of the way in and the way out, each with the files that it brings to the walk. */
function findWays(calls, isCounted) {
  const ways = new Map([
    ['in', []],
    ['out', []],
  ]);
  const seen = new Set();
  const twice = new Set();
  let way = 'in';
  for (const { file, via } of calls) {
    if (file.startsWith('store/') && via.find((caller) => !isBeyond(caller))?.startsWith('service/')) way = 'out';
    if (!isCounted(file) || seen.has(file)) continue;
    seen.add(file);
    const visits = ways.get(way);
    const folder = dirname(file);
    if (visits.at(-1)?.folder === folder) visits.at(-1).files.push(file);
    else {
      const isReturn = visits.some((visit) => visit.folder === folder);
      if (isReturn && !via.some((caller) => dirname(caller) === folder)) twice.add(folder);
      visits.push({ folder, files: [file], isReturn });
    }
  }
  return { ways, twice: [...twice] };
}

/**
 * Whether neither it nor what it imports keeps state or waits. Types are gone from what is compiled, so these words are
 * code.
 */
function isHelper(file, above = new Set()) {
  if (above.has(file)) return true;
  const code = readFileSync(new URL(file, DIST), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '');
  if (/\bclass\b|\basync\b|\bawait\b|\bnew Promise\b|\bnew (Weak)?(Map|Set)\(\)|^let /m.test(code)) return false;
  const imports = [...code.matchAll(/\bfrom '(\.[^']+)'/g)].map(([, to]) => join(dirname(file), to));
  const within = new Set(above).add(file);
  return imports.every((imported) => imported.startsWith('core/') || isHelper(imported, within));
}
