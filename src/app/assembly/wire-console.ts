import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConsoleSessions } from '../../auth/console/console-sessions.js';
import { SignInLinks } from '../../auth/console/sign-in-links.js';
import { createBurstLimiter } from '../../auth/limits/rate-limit.js';
import type { Clock } from '../../core/ports/clock.js';
import type { DerivedSecrets } from '../../core/ports/secret-box.js';
import type { Store } from '../../core/ports/store/store.js';
import type { ConsoleParts } from '../../http/pipeline/console-parts.js';
import { readTrustedProxies } from './trusted-proxies.js';

const MINUTE_MS = 60_000;
const SIGN_INS_PER_MINUTE = 30;

/** Of the built program, also when a test has loaded this module from `src/`. */
const FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/console/' : '../../console/', import.meta.url),
);

/** Null where the program was built without it. */
export function wireConsole({
  store,
  clock,
  secrets,
  trustedProxies,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly secrets: DerivedSecrets;
  readonly trustedProxies: readonly string[];
}): ConsoleParts | null {
  if (!existsSync(join(FOLDER, 'index.html'))) return null;
  let sealKey: Buffer | null = null;
  return {
    sessions: new ConsoleSessions({
      store,
      clock,
      sealKey: () => (sealKey ??= secrets.derive('sessions of the console')),
    }),
    links: new SignInLinks(clock),
    folder: FOLDER,
    signIns: createBurstLimiter({ clock, limit: SIGN_INS_PER_MINUTE, windowMs: MINUTE_MS }),
    isTrustedProxy: readTrustedProxies(trustedProxies),
  };
}
