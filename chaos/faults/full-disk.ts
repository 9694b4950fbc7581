import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { NotHere, noFaults, type Faults } from './faults.js';
import type { Random } from '../random.js';

const ROOMY = 1_024 * 1_024 * 1_024;

function mount(...args: string[]): string | null {
  const done = spawnSync('mount', args, { encoding: 'utf8' });
  if (done.status === 0) return null;
  return done.stderr === null || done.stderr === '' ? 'there is no mount' : done.stderr.trim();
}

/** A disk of the server's own, in memory, which is made no larger than what is on it. */
export function fullDisk(folder: string, random: Random): Faults {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const refused = mount('-t', 'tmpfs', '-o', `size=${ROOMY}`, 'errand-chaos', disk);
  if (refused !== null) throw new NotHere(`a disk of its own could not be mounted: ${refused}`);
  let full = false;
  let times = 0;
  let mounted = true;
  const relieve = (): void => {
    if (full) mount('-o', `remount,size=${ROOMY}`, disk);
    full = false;
  };
  return {
    ...noFaults(join(disk, 'data')),
    strike: () => {
      if (full) return;
      const { blocks, bfree, bsize } = statfsSync(disk);
      // A little room: it is full in the middle of something.
      full = mount('-o', `remount,size=${(blocks - bfree + random.below(8)) * bsize}`, disk) === null;
      if (full) times += 1;
    },
    relieve,
    describe: () => `, the disk full ${times} times`,
    close: () => {
      // A worker of the last server may have it open a moment longer.
      if (mounted) spawnSync('umount', ['--lazy', disk]);
      mounted = false;
    },
  };
}
