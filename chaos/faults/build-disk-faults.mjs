import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Compiles disk-faults.c into `folder`. `lacking` says what this machine lacks for it; null: the library is there. */
export function buildDiskFaults(folder) {
  const library = join(folder, 'disk-faults.so');
  if (process.platform !== 'linux') return { library, lacking: 'this needs Linux' };
  const source = fileURLToPath(new URL('./disk-faults.c', import.meta.url));
  const options = ['-O2', '-shared', '-fPIC', '-o', library, source, '-ldl', '-lpthread'];
  const built = spawnSync('cc', options, { encoding: 'utf8' });
  if (built.error !== undefined) return { library, lacking: `there is no C compiler: ${built.error.message}` };
  if (built.status !== 0) throw new Error(`disk-faults.c cannot be compiled:\n${built.stderr}`);
  return { library, lacking: null };
}
