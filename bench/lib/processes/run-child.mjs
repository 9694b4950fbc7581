import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from './postgres.mjs';

const RUN_PEER = fileURLToPath(new URL('../../peers/run-peer.mjs', import.meta.url));

/** Measures one peer in a process and a folder of its own. Throws with the reason when it cannot be started or errs. */
export async function measurePeer({ peer, node, loads, warmUpSeconds }) {
  const folder = mkdtempSync(join(tmpdir(), `errand-bench-${peer.id}-`));
  let postgres = null;
  try {
    postgres = peer.postgres ? await startPostgres(folder) : null;
    const seconds = loads.reduce((total, load) => total + load.seconds, warmUpSeconds);
    const args = ['--peer', peer.id, '--folder', folder, '--loads', JSON.stringify(loads)];
    args.push('--warm-up', String(warmUpSeconds));
    if (postgres !== null) args.push('--postgres', postgres.url, '--postgres-pid', String(postgres.pid));
    const text = await outputOf(node, [RUN_PEER, ...args], 120_000 + seconds * 4_000);
    return { measured: JSON.parse(text.trim().split('\n').at(-1)), about: postgres?.about ?? null };
  } finally {
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function outputOf(command, args, atMostMs) {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what it started goes with it.
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let out = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (complaints = (complaints + text).slice(-4000)));
    const endGroup = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    const timer = setTimeout(endGroup, atMostMs);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      endGroup();
      if (code === 0) resolve(out);
      else reject(new Error(reasonIn(complaints) ?? `it ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}

function reasonIn(complaints) {
  const lines = complaints.split('\n').map((line) => line.trim());
  return lines.find((line) => /^[\w[\] .]*Error\b.*:/.test(line)) ?? lines.filter((line) => line !== '').at(-1) ?? null;
}
