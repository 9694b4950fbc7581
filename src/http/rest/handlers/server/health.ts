import type { Clock } from '../../../../core/ports/clock.js';
import type { AppDeps } from '../../../pipeline/app-deps.js';
import type { Routes } from '../../../pipeline/routes.js';
import { jsonReply } from '../../../transport/replies.js';

/** `/healthz`: the process answers. `/readyz`: it can also take on runs and record them. */
export function addHealth(routes: Routes, { services, clock, version }: AppDeps): void {
  routes.add('/healthz', { GET: jsonReply({ status: 'ok', version }) });
  const checkReady = keepOutcome(() => services.checkReady(), clock);
  const ready = jsonReply({ status: 'ready', version });
  routes.add('/readyz', { GET: async (exchange) => await checkReady().then(() => ready(exchange)) });
}

/** A check writes to the disk, and anybody may ask for one. */
const KEEP_MS = 1_000;

/** What a check has come to holds for a while, and who asks while one is under way gets its outcome. */
function keepOutcome(check: () => Promise<void>, clock: Clock): () => Promise<void> {
  let outcome: Promise<void> | null = null;
  /** Null while the check is under way. */
  let checkedAt: number | null = null;
  return () => {
    // A clock that was set back is no reason to keep an outcome for longer.
    const isKept = checkedAt === null || Math.abs(clock.now() - checkedAt) < KEEP_MS;
    if (outcome !== null && isKept) return outcome;
    checkedAt = null;
    outcome = check().finally(() => {
      checkedAt = clock.now();
    });
    return outcome;
  };
}
