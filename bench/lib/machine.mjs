import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from './load.mjs';

/** A line about the machine, how busy it is with other things, and what a sync of its disk takes. */
export function describeMachine() {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(2);
  const sync = syncMs();
  return `${cpus().length} × ${model}; Node ${process.versions.node}; load ${load}; a 4 KiB write and fsync in ${sync.toFixed(2)} ms (median)${governor()}`;
}

function syncMs() {
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-sync-'));
  try {
    const file = openSync(join(folder, 'file'), 'w');
    const block = Buffer.alloc(4096, 1);
    const took = Array.from({ length: 200 }, () => {
      const from = performance.now();
      writeSync(file, block);
      fsyncSync(file);
      return performance.now() - from;
    });
    closeSync(file);
    return quantile(
      took.toSorted((a, b) => a - b),
      0.5,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function governor() {
  try {
    return `; ${readFileSync('/proc/pressure/cpu', 'utf8').split('\n')[0]}`;
  } catch {
    return '';
  }
}
