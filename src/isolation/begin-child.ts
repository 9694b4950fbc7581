import { writeFileSync } from 'node:fs';

/** What every process that works for the server does first. */
export function beginChild(): void {
  try {
    // Where memory runs out for the machine, this process goes first.
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not Linux.
  }
  // A terminal sends these to the whole group of processes; the parent says when it is over.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
}
