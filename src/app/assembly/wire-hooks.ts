import { createRateLimiter } from '../../auth/limits/rate-limit.js';
import { tokenMaker } from '../../auth/oauth/tokens.js';
import { MAX_HOOK_REFUSALS, MAX_HOOK_REQUESTS } from '../../core/hooks/hook.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { SecretBox } from '../../core/ports/secret-box.js';
import type { Store } from '../../core/ports/store/store.js';
import { HookCounter } from '../../service/state/hook-counter.js';
import type { HookDeps } from '../../service/use-case/deps.js';

export function wireHooks(params: {
  readonly box: SecretBox;
  readonly store: Pick<Store, 'hooks'>;
  readonly clock: Clock;
  readonly logger: Logger;
}): HookDeps {
  const { box, clock } = params;
  const perMinute = (limit: number) => createRateLimiter({ clock, limit, windowMs: 60_000 });
  const limits = { requests: perMinute(MAX_HOOK_REQUESTS), refusals: perMinute(MAX_HOOK_REFUSALS) };
  return { ...limits, box, tokens: tokenMaker, counter: new HookCounter(params) };
}
