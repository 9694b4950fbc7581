import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findNewNode } from '../../bench/lib/processes/new-node.mjs';

const canSlowSyncs = process.platform === 'linux' && spawnSync('cc', ['--version']).status === 0;

const newNode = findNewNode();
/** Where a newer Node is installed beside the benchmarks, Errand is measured on that too. */
const NEW_NODE_ROWS = newNode === null || newNode === process.execPath ? 0 : 5;

/**
 * Short forms of the benchmarks that need no peers: whether they work and what they print is tested here, never how
 * fast they are.
 */
const BENCHES = [
  { file: 'agents.mjs', args: ['--rounds', '2', '--calls', '2'], rows: 4 },
  { file: 'engine.mjs', args: ['--only', 'errand', '--seconds', '0.1', '--telemetry'], rows: 11 + NEW_NODE_ROWS },
  { file: 'history.mjs', args: ['--runs', '200', '--rounds', '1', '--share', '0.05'], rows: 17 },
  {
    file: 'cluster/bench-cluster.mjs',
    args: '--part limits,polls,history --processes 1 --nodes 1 --seconds 0.2 --runs 60 --rounds 1 --share 0.02'.split(
      ' ',
    ),
    rows: 25,
  },
  { file: 'long-runs.mjs', args: ['--scale', '0.01'], rows: 4 },
  ...(existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium')
    ? [{ file: 'console/bench-console.mjs', args: ['--runs', '200', '--nodes', '200'], rows: 19 }]
    : []),
  ...(process.platform === 'linux'
    ? [{ file: 'telemetry.mjs', args: ['--seconds', '0.2', '--rounds', '1', '--starts', '1'], rows: 4 }]
    : []),
  ...(canSlowSyncs ? [{ file: 'slow-disk.mjs', args: ['--sync', '5', '--seconds', '0.2'], rows: 8 }] : []),
];

describe.each(BENCHES)('bench/$file', ({ file, args, rows }) => {
  it('prints a figure in every row of its tables', { timeout: 120_000 }, async () => {
    const { code, stdout, stderr } = await runBench(file, args);
    // 1 is a limit that was missed, which a busy machine may do.
    expect({ code, stderr }).toEqual({ code: expect.toBeOneOf([0, 1]), stderr: expect.not.stringMatching(/^\s+at /m) });
    const figures = figuresOf(stdout);
    expect(figures).toHaveLength(rows);
    expect(figures.filter((row) => row.length === 0 || !row.every((figure) => figure >= 0))).toEqual([]);
  });
});

/** The numbers of the rows that follow a rule of dashes, a list a row. */
function figuresOf(text: string): number[][] {
  const rows: number[][] = [];
  let inTable = false;
  for (const line of text.split('\n')) {
    if (/^-+( +-+)+$/.test(line)) inTable = true;
    else if (inTable && /\S {2,}\S/.test(line)) rows.push(cellsOf(line));
    else inTable = false;
  }
  return rows;
}

const cellsOf = (line: string): number[] =>
  line
    .trim()
    .split(/ {2,}/)
    .slice(1)
    .map((cell) => Number(cell.replaceAll(',', '')));

async function runBench(
  file: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [`bench/${file}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (out.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (out.stderr += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...out };
}
