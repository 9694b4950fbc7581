import type { Hono } from 'hono';
import { toPublicError } from '../../mcp/tool-kit/to-public-error.js';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { AppDeps, HttpEnv } from '../pipeline/app-deps.js';
import { apiErrorResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';

/** `/healthz`: the process answers. `/readyz`: it can also take on runs and record them. */
export function addHealth(app: Hono<HttpEnv>, deps: AppDeps & { readonly newId: NewId }): void {
  addRoute(app, '/healthz', { GET: () => jsonResponse({ status: 'ok', version: deps.version }) });
  const checkReady = keepOutcome(() => deps.services.checkReady(), deps.clock);
  addRoute(app, '/readyz', {
    GET: async () => {
      try {
        await checkReady();
        return jsonResponse({ status: 'ready', version: deps.version });
      } catch (thrown) {
        return apiErrorResponse(toPublicError(thrown, deps));
      }
    },
  });
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
